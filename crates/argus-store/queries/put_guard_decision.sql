-- The worst answer counts, then the earliest, then the smallest: as facts join.
INSERT INTO guard_decision (session_no, key, rank, at, rules, released, reason)
VALUES (:session_no, :key, :rank, :at, :rules, :released, :reason)
ON CONFLICT (session_no, key) DO UPDATE SET
    rank = excluded.rank,
    at = excluded.at,
    rules = excluded.rules,
    released = excluded.released,
    reason = excluded.reason
WHERE
    (excluded.rank, excluded.at, excluded.rules, excluded.released, excluded.reason)
    < (guard_decision.rank, guard_decision.at, guard_decision.rules, guard_decision.released, guard_decision.reason)
