INSERT INTO alert (
    session_no, key, rule, severity, agent_id, reason, evidence, raised_at, noticed_at, is_floating, ground_rank
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0
)
