SELECT
    model,
    count(*) AS requests,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    sum(cache_write_5m_tokens) AS cache_write_5m_tokens,
    sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
    sum(cache_read_tokens) AS cache_read_tokens,
    sum(web_search_requests) AS web_search_requests,
    sum(ifnull(cost_picousd, 0)) AS cost_picousd,
    sum(basis = 1 AND NOT is_final OR basis = 2) AS incomplete_requests,
    sum(basis = 3) AS unpriced_requests
FROM request
WHERE is_counted = 1 AND model IS NOT NULL AND session_no IS NOT NULL
GROUP BY model
ORDER BY cost_picousd DESC, model
