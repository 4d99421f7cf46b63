UPDATE session SET
    turn_count = (
        SELECT count(*) FROM event AS e JOIN agent AS a USING (agent_no)
        WHERE e.session_no = ?1 AND e.kind = 0 AND a.agent_id = '' AND e.at > ifnull(session.copied_until, -1)
    ),
    tool_call_count = (
        SELECT count(*) FROM event AS e
        JOIN agent AS a USING (agent_no)
        WHERE e.session_no = ?1 AND e.kind = 2 AND (a.agent_id <> '' OR e.at > ifnull(session.copied_until, -1))
    ),
    error_count = (
        SELECT count(*) FROM event AS e
        JOIN agent AS a USING (agent_no)
        WHERE e.session_no = ?1 AND e.is_error = 1 AND (a.agent_id <> '' OR e.at > ifnull(session.copied_until, -1))
    ),
    compaction_count = (
        SELECT count(*) FROM event AS e
        JOIN agent AS a USING (agent_no)
        WHERE e.session_no = ?1 AND e.kind = 3 AND (a.agent_id <> '' OR e.at > ifnull(session.copied_until, -1))
    )
WHERE session_no = ?1
