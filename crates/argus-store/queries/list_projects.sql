SELECT
    project,
    count(*) AS session_count,
    max(last_at) AS last_at,
    sum(requests) AS requests,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    sum(cache_write_5m_tokens) AS cache_write_5m_tokens,
    sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
    sum(cache_read_tokens) AS cache_read_tokens,
    sum(web_search_requests) AS web_search_requests,
    sum(cost_picousd) AS cost_picousd,
    sum(incomplete_requests) AS incomplete_requests,
    sum(unpriced_requests) AS unpriced_requests
FROM session
WHERE project IS NOT NULL
GROUP BY project
ORDER BY max(last_at) DESC
