SELECT e.at, e.key
FROM event AS e
WHERE e.session_no = :session_no
  AND e.kind <> 7 AND e.kind <> 10 AND e.kind <> 12
  --ERRORS--
  AND e.at >= :since AND e.at < :until
  AND (e.at < :after_at OR (e.at = :after_at AND e.key < :after_key))
  AND (e.at > :copied_until OR e.agent_no NOT IN (
        SELECT agent_no FROM agent WHERE session_no = :session_no AND agent_id = ''))
  AND (:tool IS NULL OR lower(e.tool_name) = lower(:tool) OR lower(e.tool_name) LIKE lower(:tool) || '\_\_%' ESCAPE '\')
  AND (:kind IS NULL OR e.kind = :kind)
  AND (:cost_above IS NULL OR e.share_cost_picousd > :cost_above)
  AND (:cost_below IS NULL OR e.share_cost_picousd < :cost_below)
  AND (:agent IS NULL OR e.agent_no IN (
        SELECT agent_no FROM agent WHERE session_no = :session_no AND (agent_id = :agent OR agent_type = :agent)))
ORDER BY e.at DESC, e.key DESC
LIMIT :limit
