SELECT
    s.total_bytes,
    s.unread_bytes
        + (SELECT ifnull(sum(plain_bytes), 0) FROM (
            SELECT b.plain_bytes FROM search_waiting AS w JOIN body AS b USING (body_no)
            ORDER BY w.changed_at DESC, w.body_no DESC LIMIT -1 OFFSET ?1)) AS unseen_bytes,
    (SELECT count(*) FROM search_waiting) AS waiting_chunks
FROM (
    SELECT
        ifnull(sum(max(read_offset, archived_offset)), 0) AS total_bytes,
        ifnull(sum(max(read_offset - archived_offset, 0)), 0) AS unread_bytes
    FROM source INDEXED BY source_by_kind WHERE kind = 2
) AS s
