-- Whether the guard stops whoever goes on spending when the budget is used up.
ALTER TABLE budget ADD COLUMN has_stop INTEGER NOT NULL DEFAULT 0;

-- What the guard answered to a call, where it was more than silence, or where a person let something pass.
CREATE TABLE guard_decision (
    session_no INTEGER NOT NULL,
    key TEXT NOT NULL,
    rank INTEGER NOT NULL, -- 0 denied, 1 asked, 2 let pass
    at INTEGER NOT NULL,
    rules TEXT NOT NULL, -- with commas between
    released TEXT NOT NULL,
    reason TEXT NOT NULL, -- masked
    PRIMARY KEY (session_no, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX guard_decision_by_time ON guard_decision (at);

-- Folders that a person added to a session: what is written there is not outside.
CREATE TABLE added_folder (
    session_no INTEGER NOT NULL,
    folder TEXT NOT NULL,
    PRIMARY KEY (session_no, folder)
) STRICT, WITHOUT ROWID;
