-- What happened, as one recognises it again: a digest of the rule, the project, and the shape of the command or path.
-- NULL only within the transaction that writes a new alert. Whoever runs this fills it for what stands in the database.
ALTER TABLE alert ADD COLUMN fingerprint INTEGER;

-- What a rule looked at, as it would run, masked. NULL: noted before it was kept, or not about a call.
ALTER TABLE alert ADD COLUMN effective TEXT;
ALTER TABLE alert ADD COLUMN paths TEXT; -- masked, with line breaks between
ALTER TABLE alert ADD COLUMN rule_version INTEGER;

-- What Argus learnt of within ten minutes is news. So is what a hook told, however late it was drained: somebody ran that
-- call while nobody watched. The rest is history: kept, listed, and nobody is called. Follows from the row, and is kept so
-- that what asks for a look stands in an index.
ALTER TABLE alert ADD COLUMN is_news INTEGER NOT NULL DEFAULT 0;
UPDATE alert SET is_news = 1
WHERE noticed_at - raised_at <= 600000000 OR ground_rank = 0 AND tool_name IS NOT NULL;

-- What asks for a look, by session and in all; and what of history nobody has said anything about. Each of these indexes
-- holds all that its questions name, so that counting looks no row up.
DROP INDEX alert_unsettled;
CREATE INDEX alert_attention ON alert (session_no, severity, state, muted_until, is_news, is_superseded)
WHERE is_news = 1 AND is_superseded = 0 AND state IN (0, 3);
CREATE INDEX alert_past ON alert (severity, state, muted_until, is_news, is_superseded)
WHERE is_news = 0 AND is_superseded = 0 AND state IN (0, 3);
CREATE INDEX alert_of_session ON alert (session_no, severity, is_superseded) WHERE is_superseded = 0;

-- How often the same happened, and what a rule has raised.
CREATE INDEX alert_by_fingerprint ON alert (
    fingerprint, raised_at, alert_no, is_superseded, state, muted_until, is_news, session_no, severity
);
CREATE INDEX alert_of_rule ON alert (rule, raised_at, state, muted_until, is_news, is_superseded) WHERE is_superseded = 0;
CREATE INDEX alert_resolved ON alert (rule, state_reason, state, is_superseded) WHERE is_superseded = 0 AND state = 2;

-- What a person does not want to hear of, ahead of time: alerts that come under one begin muted.
CREATE TABLE mute (
    mute_no INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    fingerprint INTEGER, -- one of these three says of what
    session_no INTEGER,
    project TEXT,
    until_at INTEGER NOT NULL,
    reason TEXT,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX mute_by_rule ON mute (rule, until_at);

-- Who said it; NULL: said before that was kept.
ALTER TABLE alert_action ADD COLUMN actor TEXT;
