SELECT
    query_source,
    count(*) AS requests,
    sum(ifnull(input_tokens, 0)) AS input_tokens,
    sum(ifnull(output_tokens, 0)) AS output_tokens,
    sum(ifnull(cache_write_5m_tokens, 0)) AS cache_write_5m_tokens,
    sum(ifnull(cache_write_1h_tokens, 0)) AS cache_write_1h_tokens,
    sum(ifnull(cache_read_tokens, 0)) AS cache_read_tokens,
    sum(ifnull(web_search_requests, 0)) AS web_search_requests,
    sum(ifnull(cost_picousd, 0)) AS cost_picousd,
    sum(ifnull(basis = 2, 0)) AS incomplete_requests,
    sum(ifnull(basis = 3, 0)) AS unpriced_requests,
    sum(ifnull(basis = 0, 0)) AS reported_requests
FROM request INDEXED BY request_hidden
WHERE session_no = (SELECT session_no FROM session WHERE session_id = ?1)
    AND message_id >= 'otlp.' AND message_id < 'otlp/' AND is_counted = 1 AND usage_at IS NOT NULL
GROUP BY query_source
ORDER BY cost_picousd DESC, query_source
