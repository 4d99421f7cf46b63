-- How many alerts of history wait for a word, by severity: counting them for the words above a list takes longer than all
-- the rest of its page. A mute ends by the clock and not by any statement, so each is counted under the moment from which
-- it waits. As with days, those that are new are counted at the end of their transaction, and triggers see to the rest.

-- NULL: it is news, or something was said of it, or its ground is gone.
ALTER TABLE alert ADD COLUMN waits_from INTEGER GENERATED ALWAYS AS (
    CASE WHEN is_news OR is_superseded THEN NULL WHEN state = 0 THEN 0 WHEN state = 3 THEN muted_until END
) VIRTUAL;

CREATE TABLE alert_waiting (
    waits_from INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    alert_count INTEGER NOT NULL,
    PRIMARY KEY (waits_from, severity)
) STRICT, WITHOUT ROWID;

INSERT INTO alert_waiting (waits_from, severity, alert_count)
SELECT waits_from, severity, count(*) FROM alert
WHERE waits_from IS NOT NULL AND alert_no <= (SELECT alert_no FROM alert_counted) GROUP BY 1, 2;

CREATE TRIGGER alert_waits_anew AFTER UPDATE OF severity, state, muted_until, is_news, is_superseded ON alert
WHEN
    old.alert_no <= (SELECT alert_no FROM alert_counted)
    AND (old.waits_from, old.severity) IS NOT (new.waits_from, new.severity)
BEGIN
    UPDATE alert_waiting SET alert_count = alert_count - 1 WHERE waits_from = old.waits_from AND severity = old.severity;
    DELETE FROM alert_waiting WHERE waits_from = old.waits_from AND severity = old.severity AND alert_count = 0;
    INSERT INTO alert_waiting (waits_from, severity, alert_count)
    SELECT new.waits_from, new.severity, 1 WHERE new.waits_from IS NOT NULL
    ON CONFLICT (waits_from, severity) DO UPDATE SET alert_count = alert_count + 1;
END;

CREATE TRIGGER alert_waits_no_more AFTER DELETE ON alert
WHEN old.waits_from IS NOT NULL AND old.alert_no <= (SELECT alert_no FROM alert_counted)
BEGIN
    UPDATE alert_waiting SET alert_count = alert_count - 1 WHERE waits_from = old.waits_from AND severity = old.severity;
    DELETE FROM alert_waiting WHERE waits_from = old.waits_from AND severity = old.severity AND alert_count = 0;
END;

-- It held all of history, to be counted; what is asked for still is what of it is muted.
DROP INDEX alert_past;
CREATE INDEX alert_past_muted ON alert (muted_until, is_news, is_superseded, state)
WHERE is_news = 0 AND is_superseded = 0 AND state = 3;
