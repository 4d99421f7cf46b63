SELECT usage_at, model, duration_ms, ttft_ms
FROM request INDEXED BY request_by_session
WHERE session_no = ?1 AND is_counted = 1 AND usage_at IS NOT NULL AND reported_at IS NOT NULL
