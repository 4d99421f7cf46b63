WITH truth AS (
    SELECT
        turn_no,
        count(*) AS requests,
        sum(input_tokens) AS input_tokens,
        sum(output_tokens) AS output_tokens,
        sum(cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens) AS cache_tokens,
        sum(ifnull(cost_picousd, 0)) AS cost
    FROM request
    WHERE is_counted = 1 AND usage_at IS NOT NULL AND session_no IS NOT NULL
    GROUP BY turn_no
)
SELECT count(*) FROM turn AS s LEFT JOIN truth AS t USING (turn_no)
WHERE
    s.requests <> ifnull(t.requests, 0)
    OR s.input_tokens <> ifnull(t.input_tokens, 0)
    OR s.output_tokens <> ifnull(t.output_tokens, 0)
    OR s.cache_write_5m_tokens + s.cache_write_1h_tokens + s.cache_read_tokens <> ifnull(t.cache_tokens, 0)
    OR s.cost_picousd <> ifnull(t.cost, 0)
