SELECT (
    SELECT e.key FROM event AS e INDEXED BY event_by_thread
    WHERE e.thread_no = q.thread_no AND e.kind <> 7 AND e.kind <> 10 AND e.kind <> 12
        AND e.kind = 2 AND e.at <= q.at AND e.input_hash = q.input_hash
    ORDER BY e.at DESC LIMIT 1
) AS key
FROM event AS q
WHERE q.session_no = ?1 AND q.key >= 'q.' AND q.key < 'q/' AND q.kind = 7
UNION ALL
SELECT key FROM event INDEXED BY event_asked WHERE session_no = ?1 AND evidence & 8192 <> 0
