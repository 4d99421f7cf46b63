-- What the capture page sums up of every source, side by side: without it the page reads each source's row, and that three times.
CREATE INDEX source_by_kind
ON source (kind, read_offset, archived_offset, size_bytes, record_count, unknown_count, last_at);
