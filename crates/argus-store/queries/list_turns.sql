WITH thread_sum AS (
    SELECT t.turn_no, count(*) AS step_count, min(e.at) AS started_at, max(ifnull(e.ended_at, e.at)) AS last_at
    FROM thread AS t
    JOIN agent AS a USING (agent_no)
    JOIN event AS e ON e.thread_no = t.thread_no AND e.kind <> 7 AND e.kind <> 10 AND e.kind <> 12 AND e.at > ?2
    WHERE t.session_no = ?1 AND a.agent_id = ''
    GROUP BY t.turn_no
),
-- Once for all turns: a session of very many steps has many of them, too.
error_sum AS MATERIALIZED (
    SELECT e.turn_no, count(*) AS error_count
    FROM event AS e INDEXED BY event_by_error
    JOIN agent AS a USING (agent_no)
    WHERE e.session_no = ?1 AND e.is_error = 1 AND (a.agent_id <> '' OR e.at > ?2)
    GROUP BY e.turn_no
)
SELECT
    s.turn_no AS number,
    turn.*,
    s.step_count,
    s.started_at,
    s.last_at,
    ifnull(p.label, (
        SELECT f.label FROM thread AS t JOIN agent AS a USING (agent_no)
        JOIN event AS f INDEXED BY event_by_thread
            ON f.thread_no = t.thread_no AND f.kind <> 7 AND f.kind <> 10 AND f.kind <> 12
            AND f.kind = 11 AND f.at > ?2
        WHERE t.session_no = ?1 AND t.turn_no = s.turn_no AND a.agent_id = ''
        ORDER BY f.at LIMIT 1
    )) AS label,
    p.evidence & 32768 <> 0 AS is_human,
    ifnull(r.error_count, 0) AS error_count
FROM thread_sum AS s
LEFT JOIN turn ON turn.turn_no = s.turn_no
LEFT JOIN event AS p ON p.session_no = ?1 AND p.key = 'p.' || turn.prompt_id
LEFT JOIN error_sum AS r ON r.turn_no = s.turn_no
ORDER BY s.started_at, s.turn_no
