SELECT
    m.model,
    sum(t.requests) AS requests,
    sum(t.input_tokens) AS input_tokens,
    sum(t.output_tokens) AS output_tokens,
    sum(t.cache_write_5m_tokens) AS cache_write_5m_tokens,
    sum(t.cache_write_1h_tokens) AS cache_write_1h_tokens,
    sum(t.cache_read_tokens) AS cache_read_tokens,
    sum(t.web_search_requests) AS web_search_requests,
    sum(t.cost_picousd) AS cost_picousd,
    sum(t.incomplete_requests) AS incomplete_requests,
    sum(t.unpriced_requests) AS unpriced_requests
FROM spend_total AS t
JOIN model AS m USING (model_no)
WHERE t.project_no = 0 AND t.width_s = 86400
GROUP BY m.model
ORDER BY cost_picousd DESC, m.model
