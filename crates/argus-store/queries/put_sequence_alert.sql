INSERT INTO alert (
    session_no, key, rule, severity, agent_id, tool_name, reason, evidence, effective, ground_rank, raised_at, noticed_at,
    cause_key, cause_subject
) VALUES (
    :session_no, :key, :rule, :severity, :agent_id, :tool_name, :reason, :evidence, :evidence, :ground_rank, :raised_at,
    CAST(unixepoch('subsec') * 1000000 AS INTEGER), :cause_key, :cause_subject
)
ON CONFLICT (session_no, key, rule) DO UPDATE SET
    severity = excluded.severity,
    agent_id = excluded.agent_id,
    tool_name = excluded.tool_name,
    reason = excluded.reason,
    evidence = excluded.evidence,
    effective = excluded.effective,
    ground_rank = excluded.ground_rank,
    raised_at = excluded.raised_at,
    cause_key = excluded.cause_key,
    cause_subject = excluded.cause_subject
