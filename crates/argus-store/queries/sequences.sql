-- Consequences of a rule in a session that some cause came before, each with the last of those.
SELECT
    c.key,
    c.rank,
    c.at,
    c.severity,
    c.reason,
    c.text,
    c.agent_id,
    c.tool_name,
    c.subject,
    (
        SELECT a.key FROM deed AS a
        WHERE
            a.session_no = c.session_no AND a.rule = c.rule AND a.is_consequence = 0 AND a.subject = c.subject AND a.at < c.at
        ORDER BY a.at DESC, a.key DESC
        LIMIT 1
    ) AS cause_key,
    (
        SELECT max(a.at) FROM deed AS a
        WHERE
            a.session_no = c.session_no AND a.rule = c.rule AND a.is_consequence = 0 AND a.subject = c.subject AND a.at < c.at
    ) AS cause_at
FROM deed AS c
WHERE c.session_no = ?1 AND c.rule = ?2 AND c.is_consequence = 1 AND (?3 IS NULL OR c.key = ?3) AND cause_at IS NOT NULL
ORDER BY c.key, cause_at, cause_key
