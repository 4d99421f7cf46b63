-- How sure explained money is, and Claude Code's running total as its status line shows it.

-- The basis of the covered requests' sum; NULL where there is none, or nothing was reported.
ALTER TABLE reconciliation ADD COLUMN explained_basis INTEGER;

-- The newest total that a session's status line was given; older ones say nothing more.
CREATE TABLE status_total (
    session_no INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    total_picousd INTEGER NOT NULL,
    runs_ms INTEGER NOT NULL -- how long the account's runs took so far
) STRICT;
