SELECT r.usage_at, r.agent_no, m.model_no, r.facet_no
FROM request AS r INDEXED BY request_by_session
JOIN model AS m ON m.model = r.model
WHERE r.session_no = ?1 AND r.is_counted = 1 AND r.usage_at IS NOT NULL AND r.basis = 0
