-- Sessions whose money is not that of the agents that are shown: what stands with any other is in nobody's subtree.
SELECT count(*) FROM session AS s
WHERE
    s.requests > 0
    AND (s.requests, s.output_tokens, s.cost_picousd) <> (
        SELECT ifnull(sum(a.requests), 0), ifnull(sum(a.output_tokens), 0), ifnull(sum(a.cost_picousd), 0)
        FROM agent AS a
        WHERE a.session_no = s.session_no AND (a.agent_id = '' OR a.seen & 123 <> 0)
    )
