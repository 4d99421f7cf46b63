-- Of the halves of sequences only causes are looked for by time; most halves are consequences of nothing.
DROP INDEX deed_by_time;
CREATE INDEX deed_cause ON deed (session_no, rule, subject, at, key) WHERE is_consequence = 0;

-- How many alerts of a rule stand, by day: counting a hundred thousand takes longer than a page may. The end of each
-- transaction counts those that are new in it, all at once (`writer/alerts.rs`): a trigger for each of them would have SQLite
-- keep a copy of every page that an insertion touches. What changes or goes later is seen to by triggers.
CREATE TABLE alert_day (
    rule TEXT NOT NULL,
    day INTEGER NOT NULL, -- since 1970, UTC
    alert_count INTEGER NOT NULL,
    PRIMARY KEY (rule, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_counted (alert_no INTEGER NOT NULL) STRICT; -- one row: alerts up to this one are counted

INSERT INTO alert_day (rule, day, alert_count)
SELECT rule, raised_at / 86400000000, count(*) FROM alert WHERE is_superseded = 0 GROUP BY 1, 2;
INSERT INTO alert_counted (alert_no) SELECT ifnull(max(alert_no), 0) FROM alert;

CREATE TRIGGER alert_recounted AFTER UPDATE OF rule, raised_at, is_superseded ON alert
WHEN
    old.alert_no <= (SELECT alert_no FROM alert_counted)
    AND (old.rule, old.raised_at / 86400000000, old.is_superseded)
    <> (new.rule, new.raised_at / 86400000000, new.is_superseded)
BEGIN
    UPDATE alert_day SET alert_count = alert_count - 1
    WHERE old.is_superseded = 0 AND rule = old.rule AND day = old.raised_at / 86400000000;
    INSERT INTO alert_day (rule, day, alert_count)
    SELECT new.rule, new.raised_at / 86400000000, 1 WHERE new.is_superseded = 0
    ON CONFLICT (rule, day) DO UPDATE SET alert_count = alert_count + 1;
END;

CREATE TRIGGER alert_uncounted AFTER DELETE ON alert
WHEN old.is_superseded = 0 AND old.alert_no <= (SELECT alert_no FROM alert_counted)
BEGIN
    UPDATE alert_day SET alert_count = alert_count - 1 WHERE rule = old.rule AND day = old.raised_at / 86400000000;
END;

DROP INDEX alert_of_rule;

-- What asks for a look, by rule too.
DROP INDEX alert_attention;
CREATE INDEX alert_attention ON alert (session_no, severity, state, muted_until, rule, is_news, is_superseded)
WHERE is_news = 1 AND is_superseded = 0 AND state IN (0, 3);

-- The feed, newest first, where it leaves history or what is mild away.
CREATE INDEX alert_news ON alert (raised_at, alert_no) WHERE is_news = 1;
CREATE INDEX alert_grave ON alert (raised_at, alert_no) WHERE severity >= 3;
