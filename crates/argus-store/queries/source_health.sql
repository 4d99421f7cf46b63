SELECT
    k.kind,
    ifnull(s.source_count, 0) AS source_count,
    ifnull(s.size_bytes, 0) AS size_bytes,
    ifnull(s.read_bytes, 0) AS read_bytes,
    ifnull(s.archived_bytes, 0) AS archived_bytes,
    ifnull(s.record_count, 0) AS record_count,
    ifnull(s.unknown_count, 0) AS unknown_count,
    s.last_at,
    (SELECT count(*) FROM quarantine AS q WHERE q.kind = k.kind) AS quarantine_count
FROM (SELECT 1 AS kind UNION ALL SELECT 2 UNION ALL SELECT 3) AS k
LEFT JOIN (
    SELECT
        kind,
        count(*) AS source_count,
        sum(size_bytes) AS size_bytes,
        sum(read_offset) AS read_bytes,
        sum(archived_offset) AS archived_bytes,
        sum(record_count) AS record_count,
        sum(unknown_count) AS unknown_count,
        max(last_at) AS last_at
    FROM source INDEXED BY source_by_kind
    GROUP BY kind
) AS s ON s.kind = k.kind
ORDER BY k.kind
