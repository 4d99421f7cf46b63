INSERT INTO deed (
    session_no, rule, is_consequence, subject, key, rank, at, severity, reason, text, agent_id, tool_name, within_us,
    after_subject
) VALUES (
    :session_no, :rule, :is_consequence, :subject, :key, :rank, :at, :severity, :reason, :text, :agent_id, :tool_name,
    :within_us, :after_subject
)
ON CONFLICT (session_no, rule, is_consequence, subject, key) DO UPDATE SET
    rank = excluded.rank,
    at = excluded.at,
    severity = excluded.severity,
    reason = excluded.reason,
    text = excluded.text,
    agent_id = excluded.agent_id,
    tool_name = excluded.tool_name,
    within_us = excluded.within_us,
    after_subject = excluded.after_subject
WHERE (excluded.rank, excluded.at, excluded.severity, excluded.reason, excluded.text)
    < (deed.rank, deed.at, deed.severity, deed.reason, deed.text)
