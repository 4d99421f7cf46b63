SELECT s.session_id, max(ifnull(r.usage_at, 0), ifnull(r.first_at, 0)) AS until_at
FROM event AS e
JOIN request AS r ON r.message_id = e.message_id
JOIN session AS s ON s.session_no = r.session_no
WHERE e.session_no = ?1 AND r.session_no <> ?1
