SELECT
    k.kind,
    count(s.source_no) AS source_count,
    ifnull(sum(s.size_bytes), 0) AS size_bytes,
    ifnull(sum(s.read_offset), 0) AS read_bytes,
    ifnull(sum(s.archived_offset), 0) AS archived_bytes,
    ifnull(sum(s.record_count), 0) AS record_count,
    ifnull(sum(s.unknown_count), 0) AS unknown_count,
    nullif(max(ifnull(s.last_at, 0)), 0) AS last_at,
    (SELECT count(*) FROM quarantine AS q WHERE q.kind = k.kind) AS quarantine_count
FROM (SELECT 1 AS kind UNION ALL SELECT 2 UNION ALL SELECT 3) AS k
LEFT JOIN source AS s ON s.kind = k.kind
GROUP BY k.kind
ORDER BY k.kind
