-- What may be spent, as the person defined it, and from when until when. A period is weighed by the definition that
-- held at its end, so that a change does not rewrite what was said before it.
CREATE TABLE budget (
    budget_no INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    selector TEXT, -- NULL: each has this amount of its own
    period TEXT NOT NULL,
    amount_picousd INTEGER NOT NULL,
    steps TEXT NOT NULL, -- percents, with commas between
    has_forecast INTEGER NOT NULL,
    since_at INTEGER, -- NULL: the first of its name, which weighs all that was spent before, too
    until_at INTEGER -- NULL while it holds
) STRICT;

-- Days of sessions whose money changed since the budgets were weighed. Written with the sums, removed with the alerts
-- that follow: a crash in between weighs again, and weighing again says nothing new.
CREATE TABLE budget_due (
    session_no INTEGER NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (session_no, day)
) STRICT, WITHOUT ROWID;

-- An alert about money of many sessions is known by its key alone, and shown at the session that passed the step.
-- Later facts may move it to another session: its name stays.
ALTER TABLE alert ADD COLUMN is_floating INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX alert_floating ON alert (key, rule) WHERE is_floating = 1;
