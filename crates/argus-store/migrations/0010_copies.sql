-- Who is held for a copy of a session, to be asked again when that one turns out to be a copy itself.

CREATE INDEX session_by_parent ON session (parent_session_id) WHERE parent_session_id IS NOT NULL;
