WITH truth AS (
    SELECT
        e.session_no,
        sum(e.kind = 0 AND a.agent_id = '') AS turns,
        sum(e.kind = 2) AS tool_calls,
        sum(e.is_error) AS errors,
        sum(e.kind = 3) AS compactions
    FROM event AS e
    JOIN agent AS a USING (agent_no)
    JOIN session AS s ON s.session_no = e.session_no
    WHERE a.agent_id <> '' OR e.at > ifnull(s.copied_until, -1)
    GROUP BY e.session_no
)
SELECT count(*) FROM session AS s LEFT JOIN truth AS t USING (session_no)
WHERE
    s.turn_count <> ifnull(t.turns, 0)
    OR s.tool_call_count <> ifnull(t.tool_calls, 0)
    OR s.error_count <> ifnull(t.errors, 0)
    OR s.compaction_count <> ifnull(t.compactions, 0)
