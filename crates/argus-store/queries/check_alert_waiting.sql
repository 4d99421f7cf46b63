-- Moments and severities whose count of waiting history is not that of the alerts, on either side.
SELECT count(*)
FROM (
    SELECT severity
    FROM (
        SELECT waits_from, severity, alert_count FROM alert_waiting
        UNION ALL
        SELECT waits_from, severity, -count(*) FROM alert WHERE waits_from IS NOT NULL GROUP BY 1, 2
    )
    GROUP BY waits_from, severity
    HAVING sum(alert_count) <> 0
)
