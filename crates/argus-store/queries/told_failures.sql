-- Requests that failed, by their errors; and those that were given up after some tries, whose keys stand together.
SELECT at, 0 AS is_given_up, 0 AS duration_ms
FROM event INDEXED BY event_by_error
WHERE session_no = ?1 AND is_error = 1 AND kind = ?2 AND sources & ?3 <> 0
UNION ALL
SELECT at, 1, ifnull(duration_ms, 0)
FROM event
WHERE session_no = ?1 AND key >= 'r.otlp.' AND key < 'r.otlp/'
