-- Adds to their days the alerts that came since the last time.
INSERT INTO alert_day (rule, day, alert_count)
SELECT rule, raised_at / 86400000000, count(*)
FROM alert
WHERE alert_no > (SELECT alert_no FROM alert_counted) AND is_superseded = 0
GROUP BY 1, 2
ON CONFLICT (rule, day) DO UPDATE SET alert_count = alert_count + excluded.alert_count
