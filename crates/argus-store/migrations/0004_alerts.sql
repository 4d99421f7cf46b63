-- What rules found, one row a rule and thing of a session (a tool call, a request, an agent, the session itself).
-- The ground of an alert is a fact and joins like all facts; its state is a person's word and changes by command only.
CREATE TABLE alert (
    alert_no INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which Argus noticed
    session_no INTEGER NOT NULL REFERENCES session,
    key TEXT NOT NULL, -- the event's key, or `session`, or `agent.ID`
    rule TEXT NOT NULL,
    severity INTEGER NOT NULL,
    agent_id TEXT NOT NULL,
    tool_name TEXT,
    reason TEXT NOT NULL,
    evidence TEXT, -- masked
    mark_from INTEGER, -- the part of `evidence` that raised it, in bytes
    mark_to INTEGER,
    ground_rank INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    noticed_at INTEGER NOT NULL,
    is_superseded INTEGER NOT NULL DEFAULT 0,
    state INTEGER NOT NULL DEFAULT 0,
    state_at INTEGER,
    state_reason TEXT,
    muted_until INTEGER,
    UNIQUE (session_no, key, rule)
) STRICT;

CREATE INDEX alert_by_time ON alert (raised_at, alert_no);
CREATE INDEX alert_by_rule ON alert (rule, raised_at, alert_no);
-- Counts of what is not settled yet, for sessions and the badge.
CREATE INDEX alert_unsettled ON alert (session_no, severity, state, muted_until) WHERE is_superseded = 0 AND state <> 2;

-- Agents whose way up is unknown; few, and looked for often.
CREATE INDEX agent_unlinked ON agent (last_at) WHERE parent_agent_id IS NULL AND agent_id <> '';

-- Who said what about an alert, and when.
CREATE TABLE alert_action (
    action_no INTEGER PRIMARY KEY,
    alert_no INTEGER NOT NULL REFERENCES alert,
    at INTEGER NOT NULL,
    state INTEGER NOT NULL,
    reason TEXT,
    muted_until INTEGER
) STRICT;

CREATE INDEX alert_action_by_alert ON alert_action (alert_no, at);
