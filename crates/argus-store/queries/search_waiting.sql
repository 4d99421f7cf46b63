SELECT w.body_no, s.name, s.path, b.packed, w.changed_at = 0 AS is_old
FROM search_waiting AS w
JOIN body AS b USING (body_no)
JOIN source AS s USING (source_no)
WHERE w.changed_at <= unixepoch() - ?1
   OR EXISTS (SELECT 1 FROM body AS n WHERE n.source_no = b.source_no AND n.first_offset > b.first_offset)
ORDER BY w.changed_at DESC, w.body_no DESC
LIMIT ?2
