INSERT INTO body (source_no, first_offset, last_offset, plain_bytes, packed)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (source_no, first_offset) DO UPDATE SET
    last_offset = excluded.last_offset,
    plain_bytes = excluded.plain_bytes,
    packed = excluded.packed
RETURNING body_no
