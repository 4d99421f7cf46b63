-- A known alert's better ground; what people said of it stays.
UPDATE alert
SET
    severity = :severity,
    agent_id = :agent_id,
    tool_name = ifnull(:tool_name, tool_name),
    reason = :reason,
    evidence = :evidence,
    mark_from = :mark_from,
    mark_to = :mark_to,
    effective = :effective,
    paths = :paths,
    rule_version = :rule_version,
    ground_rank = :ground_rank,
    raised_at = :raised_at
WHERE session_no = :session_no AND key = :key AND rule = :rule
