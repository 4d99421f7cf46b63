-- A new alert, with what it is known again by; nothing where it is known already.
INSERT INTO alert (
    session_no, key, rule, severity, agent_id, tool_name, reason, evidence, mark_from, mark_to,
    effective, paths, rule_version, ground_rank, raised_at, fingerprint, noticed_at, is_news
)
SELECT
    :session_no, :key, :rule, :severity, :agent_id, :tool_name, :reason, :evidence, :mark_from, :mark_to,
    :effective, :paths, :rule_version, :ground_rank, :raised_at, :fingerprint, noticed_at,
    noticed_at - :raised_at <= 600000000 OR (:ground_rank = 0 AND :tool_name IS NOT NULL)
FROM (SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER) AS noticed_at)
WHERE TRUE
ON CONFLICT (session_no, key, rule) DO NOTHING
RETURNING alert_no, noticed_at, is_news
