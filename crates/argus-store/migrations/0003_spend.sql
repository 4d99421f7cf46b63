-- Roll-ups over time: quarter hours of UTC, of which every time zone's days are sums, and UTC days, so that a long
-- range reads few rows. `slot` is the slot's beginning in seconds, `width_s` its length: 900 or 86400.

CREATE TABLE model (
    model_no INTEGER PRIMARY KEY,
    model TEXT NOT NULL UNIQUE
) STRICT;

-- 0 stands for what no tool call carries: API errors here.
CREATE TABLE tool (
    tool_no INTEGER PRIMARY KEY,
    tool_name TEXT NOT NULL UNIQUE -- empty when unknown
) STRICT;

-- What the requests that count used, by the time of their usage record.
CREATE TABLE spend (
    width_s INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    session_no INTEGER NOT NULL,
    agent_no INTEGER NOT NULL,
    model_no INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_write_5m_tokens INTEGER NOT NULL,
    cache_write_1h_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    web_search_requests INTEGER NOT NULL,
    cost_picousd INTEGER NOT NULL,
    incomplete_requests INTEGER NOT NULL,
    unpriced_requests INTEGER NOT NULL,
    PRIMARY KEY (width_s, slot, session_no, agent_no, model_no)
) STRICT, WITHOUT ROWID;

-- The same over all sessions, for charts.
CREATE TABLE spend_total (
    width_s INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    model_no INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_write_5m_tokens INTEGER NOT NULL,
    cache_write_1h_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    web_search_requests INTEGER NOT NULL,
    cost_picousd INTEGER NOT NULL,
    incomplete_requests INTEGER NOT NULL,
    unpriced_requests INTEGER NOT NULL,
    PRIMARY KEY (width_s, slot, model_no)
) STRICT, WITHOUT ROWID;

-- Calls of a tool by the time they began, and their shares of requests by the time of the request's usage record, as
-- in `spend`. `requests` counts the shares. `durations` is a packed histogram.
CREATE TABLE tool_use (
    session_no INTEGER NOT NULL,
    slot INTEGER NOT NULL, -- always a quarter hour
    tool_no INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    denials INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_write_5m_tokens INTEGER NOT NULL,
    cache_write_1h_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cost_picousd INTEGER NOT NULL,
    incomplete_requests INTEGER NOT NULL,
    unpriced_requests INTEGER NOT NULL,
    durations BLOB NOT NULL,
    PRIMARY KEY (session_no, slot, tool_no)
) STRICT, WITHOUT ROWID;

-- The same over all sessions.
CREATE TABLE tool_total (
    width_s INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    tool_no INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    denials INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_write_5m_tokens INTEGER NOT NULL,
    cache_write_1h_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cost_picousd INTEGER NOT NULL,
    incomplete_requests INTEGER NOT NULL,
    unpriced_requests INTEGER NOT NULL,
    durations BLOB NOT NULL,
    PRIMARY KEY (width_s, slot, tool_no)
) STRICT, WITHOUT ROWID;

CREATE INDEX tool_total_by_error ON tool_total (width_s, slot, errors) WHERE errors > 0;

-- The quarter hour to which an event's share belongs: its request's, not its own.
ALTER TABLE event ADD COLUMN share_slot INTEGER;

-- Sessions that may be running or waiting, whose state the clock decides.
CREATE INDEX session_by_process ON session (last_at)
WHERE
    pid IS NOT NULL
    AND (ended_at IS NULL OR ended_at < max(ifnull(entered_at, 0), ifnull(prompted_at, 0)))
    AND (lost_at IS NULL OR lost_at < last_at);
