-- Claude Code's own account of what sessions cost (`cost-state`), and what became of that money.

-- A statement is a fact that never changes; they are united.
CREATE TABLE cost_statement (
    statement_no INTEGER PRIMARY KEY,
    session_no INTEGER NOT NULL,
    opened_at INTEGER NOT NULL, -- what the account is known by
    runs_ms INTEGER NOT NULL, -- grows along the account
    total_picousd INTEGER NOT NULL,
    line_at INTEGER NOT NULL, -- the newest line before it
    forked_from TEXT,
    copied_until INTEGER,
    has_unknown_model INTEGER NOT NULL,
    UNIQUE (session_no, opened_at, runs_ms, total_picousd)
) STRICT;

CREATE INDEX cost_statement_by_parent ON cost_statement (forked_from, session_no) WHERE forked_from IS NOT NULL;

CREATE TABLE cost_statement_model (
    session_no INTEGER NOT NULL,
    statement_no INTEGER NOT NULL,
    model TEXT NOT NULL,
    cost_picousd INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    web_search_requests INTEGER NOT NULL,
    PRIMARY KEY (session_no, statement_no, model)
) STRICT, WITHOUT ROWID;

-- A row for each session that made a request or wrote a statement, changed in the transaction of its facts.
CREATE TABLE reconciliation (
    session_no INTEGER PRIMARY KEY,
    place INTEGER NOT NULL, -- in the list: how far reported and explained are apart, -1 where that is unknown
    reason INTEGER, -- NULL: all is explained
    reported_picousd INTEGER, -- NULL, and so all that follow: unknown
    explained_picousd INTEGER,
    telemetry_picousd INTEGER,
    hidden_picousd INTEGER,
    unexplained_picousd INTEGER,
    uncovered_picousd INTEGER,
    uncovered_requests INTEGER
) STRICT;

CREATE INDEX reconciliation_by_place ON reconciliation (place, session_no);

CREATE INDEX request_by_session ON request (session_no);

-- Of no session a statement was read yet; the transcripts are read again.
INSERT INTO reconciliation (session_no, place, reason) SELECT session_no, -1, 0 FROM session WHERE requests > 0;
