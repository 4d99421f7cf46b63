-- What Claude Code's own telemetry told of a request: it knows requests by their request id. A request that only
-- telemetry told of stands under `otlp.REQUEST_ID` in the place of its message id, and counts as long as no transcript
-- has a request of that id.
ALTER TABLE request ADD COLUMN reported_at INTEGER; -- NULL: telemetry did not tell of it
ALTER TABLE request ADD COLUMN duration_ms INTEGER;
ALTER TABLE request ADD COLUMN ttft_ms INTEGER;
ALTER TABLE request ADD COLUMN query_source TEXT;

CREATE INDEX request_by_id ON request (request_id) WHERE request_id <> '';
CREATE INDEX request_hidden ON request (session_no)
WHERE message_id >= 'otlp.' AND message_id < 'otlp/' AND is_counted = 1;
