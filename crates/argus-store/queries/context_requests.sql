-- The requests of a session's agents with numbers from ?2 to ?3 that count, but for those that stand in no transcript: they have contexts of their own.
SELECT
    r.message_id, ifnull(r.first_at, r.usage_at) AS at, r.is_final, r.agent_no, r.model,
    r.input_tokens, r.output_tokens, r.cache_write_5m_tokens, r.cache_write_1h_tokens, r.cache_read_tokens,
    r.web_search_requests, r.flavour, r.cost_picousd, r.basis, r.usage_at
FROM request AS r INDEXED BY request_by_session
WHERE r.session_no = ?1 AND r.agent_no BETWEEN ?2 AND ?3 AND r.is_counted = 1
AND NOT (r.message_id >= 'otlp.' AND r.message_id < 'otlp/') AND ifnull(r.first_at, r.usage_at) IS NOT NULL
