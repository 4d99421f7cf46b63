WITH thread_sum AS (
    SELECT t.turn_no, count(e.key) AS step_count, min(e.at) AS started_at, max(ifnull(e.ended_at, e.at)) AS last_at
    FROM thread AS t
    JOIN agent AS a USING (agent_no)
    JOIN event AS e ON e.thread_no = t.thread_no AND e.kind NOT IN (7, 10, 12) AND e.at > ?2
    WHERE t.session_no = ?1 AND a.agent_id = ''
    GROUP BY t.turn_no
)
SELECT
    s.turn_no AS number,
    turn.*,
    s.step_count,
    s.started_at,
    s.last_at,
    ifnull(p.label, (
        SELECT f.label FROM thread AS t JOIN agent AS a USING (agent_no) JOIN event AS f ON f.thread_no = t.thread_no
        WHERE t.session_no = ?1 AND t.turn_no = s.turn_no AND a.agent_id = '' AND f.kind = 11 AND f.at > ?2
        ORDER BY f.at LIMIT 1
    )) AS label,
    p.evidence & 32768 <> 0 AS is_human,
    (
        SELECT count(*) FROM event AS e JOIN agent AS a USING (agent_no)
        WHERE e.session_no = ?1 AND e.is_error = 1 AND (a.agent_id <> '' OR e.at > ?2) AND e.turn_no = s.turn_no
    ) AS error_count
FROM thread_sum AS s
LEFT JOIN turn ON turn.turn_no = s.turn_no
LEFT JOIN event AS p ON p.session_no = ?1 AND p.key = 'p.' || turn.prompt_id
ORDER BY s.started_at, s.turn_no
