SELECT
    s.session_no,
    s.started_at,
    s.last_at,
    s.requests,
    (SELECT count(*) FROM agent AS a WHERE a.session_no = s.session_no) AS agents,
    (SELECT count(*) FROM event AS e WHERE e.session_no = s.session_no) AS events,
    (SELECT count(*) FROM alert AS l WHERE l.session_no = s.session_no) AS alerts
FROM session AS s
WHERE s.session_id = ?1
