-- How long hooks took, as telemetry tells it: a row for each time that some ran, known by its place in the session's stream.
CREATE TABLE hook_time (
    session_no INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    turn_no INTEGER NOT NULL,
    hook_count INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    PRIMARY KEY (session_no, offset)
) STRICT, WITHOUT ROWID;

-- Calls of which it is told that a person was asked.
CREATE INDEX event_asked ON event (session_no) WHERE evidence & 8192 <> 0;
