INSERT INTO alert (
    session_no, key, rule, severity, agent_id, tool_name, reason, evidence, mark_from, mark_to,
    effective, paths, rule_version, ground_rank, raised_at, noticed_at
) VALUES (
    :session_no, :key, :rule, :severity, :agent_id, :tool_name, :reason, :evidence, :mark_from, :mark_to,
    :effective, :paths, :rule_version, :ground_rank, :raised_at, CAST(unixepoch('subsec') * 1000000 AS INTEGER)
)
ON CONFLICT (session_no, key, rule) DO UPDATE SET
    severity = excluded.severity,
    agent_id = excluded.agent_id,
    tool_name = ifnull(excluded.tool_name, tool_name),
    reason = excluded.reason,
    evidence = excluded.evidence,
    mark_from = excluded.mark_from,
    mark_to = excluded.mark_to,
    effective = excluded.effective,
    paths = excluded.paths,
    rule_version = excluded.rule_version,
    ground_rank = excluded.ground_rank,
    raised_at = excluded.raised_at
