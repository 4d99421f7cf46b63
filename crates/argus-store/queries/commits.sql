SELECT e.session_no, ifnull(e.ended_at, e.at) AS at, e.commit_line
FROM event AS e INDEXED BY event_by_commit
JOIN session AS s ON s.session_no = e.session_no
JOIN agent AS a ON a.agent_no = e.agent_no
WHERE e.commit_line IS NOT NULL AND e.evidence & ?1 AND (a.agent_id <> '' OR e.at > ifnull(s.copied_until, -1))
