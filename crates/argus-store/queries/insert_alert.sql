-- A new alert, with what it is known again by; nothing where it is known already.
INSERT INTO alert (
    session_no, key, rule, severity, agent_id, tool_name, reason, evidence, mark_from, mark_to,
    effective, paths, rule_version, ground_rank, raised_at, fingerprint, noticed_at, is_news
) VALUES (
    :session_no, :key, :rule, :severity, :agent_id, :tool_name, :reason, :evidence, :mark_from, :mark_to,
    :effective, :paths, :rule_version, :ground_rank, :raised_at, :fingerprint, :noticed_at, :is_news
)
ON CONFLICT (session_no, key, rule) DO NOTHING
