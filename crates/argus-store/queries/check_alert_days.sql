-- Days of rules whose count is not that of the alerts which stand, on either side.
SELECT count(*)
FROM (
    SELECT rule
    FROM (
        SELECT rule, day, alert_count FROM alert_day
        UNION ALL
        SELECT rule, raised_at / 86400000000, -count(*) FROM alert WHERE is_superseded = 0 GROUP BY 1, 2
    )
    GROUP BY rule, day
    HAVING sum(alert_count) <> 0
)
