UPDATE alert
SET
    session_no = ?2,
    severity = ?3,
    reason = ?4,
    raised_at = ?5,
    is_superseded = 0
WHERE
    alert_no = ?1
    AND (session_no, severity, reason, raised_at, is_superseded) IS NOT (?2, ?3, ?4, ?5, 0)
