SELECT
    a.agent_id,
    ifnull(e.tool_name, '') AS tool_name,
    count(*) AS requests,
    sum(e.share_input) AS input_tokens,
    sum(e.share_output) AS output_tokens,
    sum(e.share_write_5m) AS cache_write_5m_tokens,
    sum(e.share_write_1h) AS cache_write_1h_tokens,
    sum(e.share_read) AS cache_read_tokens,
    0 AS web_search_requests,
    sum(ifnull(e.share_cost_picousd, 0)) AS cost_picousd,
    sum(e.share_basis = 2) AS incomplete_requests,
    sum(e.share_basis = 3) AS unpriced_requests,
    sum(e.share_basis = 0) AS reported_requests
FROM event AS e
JOIN agent AS a ON a.agent_no = e.agent_no
WHERE e.session_no = ?1 AND e.kind = 2 AND e.share_basis IS NOT NULL
GROUP BY a.agent_id, e.tool_name
