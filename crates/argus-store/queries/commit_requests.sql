SELECT
    usage_at,
    1 AS requests,
    input_tokens,
    output_tokens,
    cache_write_5m_tokens,
    cache_write_1h_tokens,
    cache_read_tokens,
    ifnull(web_search_requests, 0) AS web_search_requests,
    ifnull(cost_picousd, 0) AS cost_picousd,
    basis = 2 OR basis = 1 AND is_final = 0 AS incomplete_requests,
    basis = 3 AS unpriced_requests,
    basis = 0 AS reported_requests
FROM request INDEXED BY request_by_session
WHERE session_no = ?1 AND is_counted = 1 AND usage_at >= ?2 AND usage_at < ?3
