SELECT c.search_no, c.body_no, c.first_at, c.last_at, s.name
FROM search AS f
CROSS JOIN search_chunk AS c ON c.search_no = f.rowid
CROSS JOIN body AS b ON b.body_no = c.body_no
CROSS JOIN source AS s ON s.source_no = b.source_no
WHERE f.search MATCH :words AND f.rowid <= :from
ORDER BY f.rowid DESC
