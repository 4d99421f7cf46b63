SELECT
    ifnull(r.first_at, r.usage_at) AS at,
    r.usage_at AS done_at,
    r.model,
    a.agent_id = '' AS is_main,
    r.message_id >= 'otlp.' AND r.message_id < 'otlp/' AS is_hidden,
    r.web_search_requests IS NOT NULL AS knows_searches,
    iif(r.basis = 1 AND r.is_final = 0, 2, r.basis) AS basis,
    1 AS requests,
    ifnull(r.input_tokens, 0) AS input_tokens,
    ifnull(r.output_tokens, 0) AS output_tokens,
    ifnull(r.cache_write_5m_tokens, 0) AS cache_write_5m_tokens,
    ifnull(r.cache_write_1h_tokens, 0) AS cache_write_1h_tokens,
    ifnull(r.cache_read_tokens, 0) AS cache_read_tokens,
    ifnull(r.web_search_requests, 0) AS web_search_requests,
    ifnull(r.cost_picousd, 0) AS cost_picousd,
    0 AS incomplete_requests,
    0 AS unpriced_requests
FROM request AS r INDEXED BY request_by_session
JOIN agent AS a ON a.agent_no = r.agent_no
WHERE r.session_no = ?1 AND r.is_counted = 1 AND r.usage_at IS NOT NULL
