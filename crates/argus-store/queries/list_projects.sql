-- Sessions are counted in an index; what they used stands in the sums of their project.
SELECT
    s.project,
    s.session_count,
    s.last_at,
    ifnull(sum(t.requests), 0) AS requests,
    ifnull(sum(t.cost_picousd), 0) AS cost_picousd,
    ifnull(sum(t.incomplete_requests), 0) AS incomplete_requests,
    ifnull(sum(t.unpriced_requests), 0) AS unpriced_requests
FROM (
    SELECT project, count(*) AS session_count, max(last_at) AS last_at
    FROM session INDEXED BY session_by_project
    WHERE project IS NOT NULL
    GROUP BY project
) AS s
LEFT JOIN project AS p ON p.project = s.project
LEFT JOIN spend_total AS t ON t.project_no = p.project_no AND t.model_no = 0 AND t.width_s = 86400
GROUP BY s.project
ORDER BY s.last_at DESC
