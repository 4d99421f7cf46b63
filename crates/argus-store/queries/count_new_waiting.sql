-- Adds the alerts of history that came since the last time, by when they wait for a word.
INSERT INTO alert_waiting (waits_from, severity, alert_count)
SELECT waits_from, severity, count(*)
FROM alert
WHERE alert_no > (SELECT alert_no FROM alert_counted) AND waits_from IS NOT NULL
GROUP BY 1, 2
ON CONFLICT (waits_from, severity) DO UPDATE SET alert_count = alert_count + excluded.alert_count
