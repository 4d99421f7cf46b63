-- Halves of sequences, one row a rule, subject and call: what is dangerous only because of what came before it. Facts, joined
-- like all facts; the alerts that follow from two halves are worked out from these rows whenever one changes.
CREATE TABLE deed (
    session_no INTEGER NOT NULL REFERENCES session,
    rule TEXT NOT NULL,
    is_consequence INTEGER NOT NULL,
    subject TEXT NOT NULL, -- what both halves have in common, masked
    key TEXT NOT NULL, -- the event's key
    rank INTEGER NOT NULL,
    at INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL, -- masked
    agent_id TEXT NOT NULL,
    tool_name TEXT,
    PRIMARY KEY (session_no, rule, is_consequence, subject, key)
) STRICT, WITHOUT ROWID;

-- The last cause before a consequence.
CREATE INDEX deed_by_time ON deed (session_no, rule, is_consequence, subject, at, key);

-- The call that makes an alert's own one dangerous.
ALTER TABLE alert ADD COLUMN cause_key TEXT;
ALTER TABLE alert ADD COLUMN cause_subject TEXT;
