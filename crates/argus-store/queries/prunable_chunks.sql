SELECT b.body_no, length(b.packed) AS stored_bytes
FROM body AS b
JOIN source AS s USING (source_no)
LEFT JOIN search_chunk AS c USING (body_no)
WHERE b.plain_bytes > 0
  AND b.body_no > ?2
  AND coalesce(c.last_at, CASE WHEN s.kind <> 2 THEN b.last_offset / 1000 END, s.modified_at / 1000, s.last_at) < ?1
ORDER BY b.body_no
LIMIT ?3
