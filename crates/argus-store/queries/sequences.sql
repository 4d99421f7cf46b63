-- Consequences of a rule in a session that some cause came before, soon enough where the rule says how soon, each with the
-- last of those; a sequence is as bad as its milder half. A cause that stands on another one needs that one before it.
WITH cause AS NOT MATERIALIZED (
    SELECT a.key, a.at, a.severity, a.subject FROM deed AS a
    WHERE
        a.session_no = ?1 AND a.rule = ?2 AND a.is_consequence = 0
        AND (
            a.after_subject IS NULL
            OR EXISTS (
                SELECT 1 FROM deed AS b
                WHERE
                    b.session_no = ?1 AND b.rule = ?2 AND b.is_consequence = 0 AND b.subject = a.after_subject
                    AND b.after_subject IS NULL AND b.at < a.at
            )
        )
)
SELECT
    c.key,
    c.rank,
    c.at,
    (
        SELECT min(a.severity, c.severity) FROM cause AS a
        WHERE a.subject = c.subject AND a.at < c.at AND a.at >= c.at - ifnull(c.within_us, c.at)
        ORDER BY a.at DESC, a.key DESC
        LIMIT 1
    ) AS severity,
    c.reason,
    c.text,
    c.agent_id,
    c.tool_name,
    c.subject,
    (
        SELECT a.key FROM cause AS a
        WHERE a.subject = c.subject AND a.at < c.at AND a.at >= c.at - ifnull(c.within_us, c.at)
        ORDER BY a.at DESC, a.key DESC
        LIMIT 1
    ) AS cause_key,
    (
        SELECT max(a.at) FROM cause AS a
        WHERE a.subject = c.subject AND a.at < c.at AND a.at >= c.at - ifnull(c.within_us, c.at)
    ) AS cause_at
FROM deed AS c
WHERE c.session_no = ?1 AND c.rule = ?2 AND c.is_consequence = 1 AND (?3 IS NULL OR c.key = ?3) AND cause_at IS NOT NULL
ORDER BY c.key, cause_at, cause_key
