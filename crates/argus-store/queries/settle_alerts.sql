UPDATE alert AS a
SET is_superseded = 1 - a.is_superseded
WHERE
    a.session_no = ?1
    AND a.key = ?2
    AND a.is_superseded <> (
        ?3
        OR (
            a.ground_rank > 0
            AND EXISTS (
                SELECT 1 FROM event AS e
                WHERE e.session_no = a.session_no AND e.key = a.key AND e.kind = 2 AND e.evidence & 1 <> 0
            )
        )
        OR (
            a.agent_id = ''
            AND a.ground_rank > 0
            AND a.raised_at <= (SELECT ifnull(s.copied_until, -1) FROM session AS s WHERE s.session_no = a.session_no)
        )
    )
