-- Calls of sessions alive lately with which the same words failed for the fifth time in a row, or read the same file for the
-- tenth time: the fifth and the tenth call, not told of yet.
WITH calls AS (
    SELECT
        e.session_no,
        e.agent_no,
        e.key,
        e.tool_name,
        e.label,
        e.at,
        e.is_error,
        -- Each success begins a new row of failures.
        sum(1 - e.is_error) OVER (
            PARTITION BY e.session_no, e.agent_no, e.tool_name, e.label
            ORDER BY e.at, e.key
        ) AS successes
    FROM session AS s INDEXED BY session_by_last
    JOIN event AS e ON e.session_no = s.session_no
    WHERE s.last_at >= ?1 AND e.kind = 2 AND e.label IS NOT NULL AND e.tool_name IS NOT NULL
),
counted AS (
    SELECT
        *,
        sum(is_error) OVER (
            PARTITION BY session_no, agent_no, tool_name, label, successes
            ORDER BY at, key
        ) AS failures
    FROM calls
)
SELECT
    s.session_id,
    c.key,
    t.agent_id,
    c.tool_name,
    c.label,
    c.at,
    c.is_error AS has_failed
FROM counted AS c
JOIN session AS s ON s.session_no = c.session_no
JOIN agent AS t ON t.agent_no = c.agent_no
WHERE
    ((c.is_error = 1 AND c.failures = 5) OR (c.is_error = 0 AND c.tool_name = 'Read' AND c.successes = 10))
    AND NOT EXISTS (
        SELECT 1 FROM alert AS w
        WHERE w.session_no = c.session_no AND w.key = c.key AND w.rule IN ('agent.stuck', 'agent.rereads')
    )
LIMIT 1000
