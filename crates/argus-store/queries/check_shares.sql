WITH shared AS (
    SELECT session_no, message_id, sum(share_cost_picousd) AS cost, sum(share_output) AS output
    FROM event
    WHERE share_basis IS NOT NULL AND message_id IS NOT NULL
    GROUP BY session_no, message_id
)
SELECT count(*) FROM request AS r LEFT JOIN shared AS s ON s.session_no = r.session_no AND s.message_id = r.message_id
WHERE
    r.is_counted = 1 AND r.usage_at IS NOT NULL AND (r.owner_rank = 0 OR substr(r.message_id, 1, 5) = 'otlp.')
    AND (ifnull(s.cost, 0) <> ifnull(r.cost_picousd, 0) OR ifnull(s.output, 0) <> r.output_tokens)
