-- Where masked secrets stand: one row a secret, an event (or the session's own, with an empty key) and a chunk of bodies.
-- Read from the chunk's text when its words are; what is counted is sessions and events, so that two chunks that tell of
-- one event are one.
CREATE TABLE sighting (
    fingerprint TEXT NOT NULL,
    kind TEXT NOT NULL,
    session_id TEXT NOT NULL,
    event_key TEXT NOT NULL,
    body_no INTEGER NOT NULL,
    at INTEGER,
    PRIMARY KEY (fingerprint, kind, session_id, event_key, body_no)
) STRICT, WITHOUT ROWID;

CREATE INDEX sighting_by_body ON sighting (body_no);
CREATE INDEX sighting_by_session ON sighting (session_id);

CREATE TRIGGER body_leaves_sightings AFTER DELETE ON body BEGIN
    DELETE FROM sighting WHERE body_no = old.body_no;
END;

-- Chunks that were indexed before are read again, since nobody looked for marks in them. Zero says that their text may
-- hold what later rules would have masked.
INSERT INTO search_waiting (body_no, changed_at) SELECT body_no, 0 FROM search_chunk;
DELETE FROM search_chunk;
INSERT INTO search (search) VALUES ('delete-all');
