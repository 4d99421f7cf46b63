SELECT
    project,
    count(*) AS session_count,
    max(last_at) AS last_at,
    sum(requests) AS requests,
    sum(cost_picousd) AS cost_picousd,
    sum(incomplete_requests) AS incomplete_requests,
    sum(unpriced_requests) AS unpriced_requests
FROM session
WHERE project IS NOT NULL
GROUP BY project
ORDER BY max(last_at) DESC
