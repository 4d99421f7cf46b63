-- Facts are kept as joins of all that was ever told (see argus-model): the plain columns hold the values that count,
-- `merge` holds rank and time of each, so that a later fact can be weighed against them.
-- Times are microseconds since the epoch, money is pico-dollars, NULL is unknown.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    session_no INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE,
    sources INTEGER NOT NULL,
    started_at INTEGER,
    last_at INTEGER,
    entered_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT,
    stopped_background INTEGER,
    prompted_at INTEGER,
    resumed_at INTEGER,
    waiting_kind TEXT,
    waiting_text TEXT,
    pid INTEGER,
    pid_start INTEGER,
    lost_at INTEGER,
    project TEXT,
    cwd TEXT,
    git_branch TEXT,
    model TEXT,
    title TEXT,
    client_version TEXT,
    entrypoint TEXT,
    permission_mode TEXT,
    parent_session_id TEXT,
    copied_until INTEGER,
    merge BLOB NOT NULL,
    -- roll-ups, changed in the same transaction as the rows they count
    turn_count INTEGER NOT NULL DEFAULT 0,
    tool_call_count INTEGER NOT NULL DEFAULT 0,
    error_count INTEGER NOT NULL DEFAULT 0,
    compaction_count INTEGER NOT NULL DEFAULT 0,
    requests INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cache_write_5m_tokens INTEGER NOT NULL DEFAULT 0,
    cache_write_1h_tokens INTEGER NOT NULL DEFAULT 0,
    cache_read_tokens INTEGER NOT NULL DEFAULT 0,
    web_search_requests INTEGER NOT NULL DEFAULT 0,
    cost_picousd INTEGER NOT NULL DEFAULT 0,
    incomplete_requests INTEGER NOT NULL DEFAULT 0,
    unpriced_requests INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX session_by_last ON session (last_at, session_no);
CREATE INDEX session_by_project ON session (project, last_at, session_no);

CREATE TABLE agent (
    agent_no INTEGER PRIMARY KEY,
    session_no INTEGER NOT NULL REFERENCES session,
    agent_id TEXT NOT NULL,
    seen INTEGER NOT NULL,
    parent_agent_id TEXT,
    tool_use_id TEXT,
    prompt_id TEXT,
    agent_type TEXT,
    description TEXT,
    kind TEXT,
    model TEXT,
    cwd TEXT,
    started_at INTEGER,
    last_at INTEGER,
    ended TEXT,
    boundary_at INTEGER,
    merge BLOB NOT NULL,
    tool_call_count INTEGER NOT NULL DEFAULT 0,
    error_count INTEGER NOT NULL DEFAULT 0,
    requests INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cache_write_5m_tokens INTEGER NOT NULL DEFAULT 0,
    cache_write_1h_tokens INTEGER NOT NULL DEFAULT 0,
    cache_read_tokens INTEGER NOT NULL DEFAULT 0,
    web_search_requests INTEGER NOT NULL DEFAULT 0,
    cost_picousd INTEGER NOT NULL DEFAULT 0,
    incomplete_requests INTEGER NOT NULL DEFAULT 0,
    unpriced_requests INTEGER NOT NULL DEFAULT 0,
    UNIQUE (session_no, agent_id)
) STRICT;

-- What the requests of one turn used, whichever agent made them. Its prompt is an event.
CREATE TABLE turn (
    turn_no INTEGER PRIMARY KEY,
    session_no INTEGER NOT NULL REFERENCES session,
    prompt_id TEXT NOT NULL,
    requests INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cache_write_5m_tokens INTEGER NOT NULL DEFAULT 0,
    cache_write_1h_tokens INTEGER NOT NULL DEFAULT 0,
    cache_read_tokens INTEGER NOT NULL DEFAULT 0,
    web_search_requests INTEGER NOT NULL DEFAULT 0,
    cost_picousd INTEGER NOT NULL DEFAULT 0,
    incomplete_requests INTEGER NOT NULL DEFAULT 0,
    unpriced_requests INTEGER NOT NULL DEFAULT 0,
    UNIQUE (session_no, prompt_id)
) STRICT;

-- A thread is what the trace shows as one run of steps: the main agent within one turn (turn_no 0: before the
-- first), or a whole subagent (turn_no 0).
CREATE TABLE thread (
    thread_no INTEGER PRIMARY KEY,
    session_no INTEGER NOT NULL REFERENCES session,
    agent_no INTEGER NOT NULL REFERENCES agent,
    turn_no INTEGER NOT NULL,
    UNIQUE (session_no, agent_no, turn_no)
) STRICT;

-- Clustered by session, so that an import writes near one place and a session reads near one place.
CREATE TABLE event (
    session_no INTEGER NOT NULL REFERENCES session,
    key TEXT NOT NULL,
    kind INTEGER NOT NULL,
    thread_no INTEGER NOT NULL,
    at INTEGER NOT NULL,
    agent_no INTEGER NOT NULL,
    turn_no INTEGER NOT NULL,
    is_error INTEGER NOT NULL,
    evidence INTEGER NOT NULL,
    sources INTEGER NOT NULL,
    tool_name TEXT,
    label TEXT,
    hook_at INTEGER,
    line_at INTEGER,
    ended_at INTEGER,
    duration_ms INTEGER,
    message_id TEXT,
    input_hash INTEGER,
    error TEXT,
    spawned_agent_id TEXT,
    input_source INTEGER,
    input_offset INTEGER,
    output_source INTEGER,
    output_offset INTEGER,
    output_bytes INTEGER,
    share_basis INTEGER,
    share_cost_picousd INTEGER,
    share_input INTEGER,
    share_output INTEGER,
    share_write_5m INTEGER,
    share_write_1h INTEGER,
    share_read INTEGER,
    merge BLOB NOT NULL,
    PRIMARY KEY (session_no, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_by_thread ON event (thread_no, at, key) WHERE kind NOT IN (7, 10, 12);
CREATE INDEX event_by_error ON event (session_no, at, key) WHERE is_error = 1;

CREATE TABLE request (
    message_id TEXT NOT NULL,
    request_id TEXT NOT NULL, -- empty when unknown
    session_no INTEGER,
    agent_no INTEGER,
    turn_no INTEGER,
    model TEXT,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cache_write_5m_tokens INTEGER,
    cache_write_1h_tokens INTEGER,
    cache_read_tokens INTEGER,
    web_search_requests INTEGER,
    flavour INTEGER, -- speed, tier and geo packed
    cost_picousd INTEGER,
    basis INTEGER, -- of the usage record itself
    usage_at INTEGER,
    owner_rank INTEGER,
    owner_at INTEGER,
    is_final INTEGER NOT NULL,
    is_counted INTEGER NOT NULL, -- 0 when another record of the message has a request id and this has none
    sent_at INTEGER,
    first_at INTEGER,
    blocks BLOB NOT NULL,
    PRIMARY KEY (message_id, request_id)
) STRICT, WITHOUT ROWID;

-- A transcript file or a session's stream of hook records. Known by name and first line, not by path: files move.
CREATE TABLE source (
    source_no INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL, -- 1 hook, 2 transcript
    name TEXT NOT NULL,
    head INTEGER NOT NULL,
    path TEXT NOT NULL,
    size_bytes INTEGER NOT NULL DEFAULT 0,
    modified_at INTEGER,
    read_offset INTEGER NOT NULL DEFAULT 0,
    archived_offset INTEGER NOT NULL DEFAULT 0,
    reader_state BLOB,
    record_count INTEGER NOT NULL DEFAULT 0,
    unknown_count INTEGER NOT NULL DEFAULT 0,
    last_at INTEGER,
    UNIQUE (kind, name, head)
) STRICT;

-- Masked, compressed records as received. A chunk holds many: "OFFSET TEXT\n" each.
CREATE TABLE body (
    body_no INTEGER PRIMARY KEY,
    source_no INTEGER NOT NULL REFERENCES source,
    first_offset INTEGER NOT NULL,
    last_offset INTEGER NOT NULL,
    plain_bytes INTEGER NOT NULL,
    packed BLOB NOT NULL,
    UNIQUE (source_no, first_offset)
) STRICT;

CREATE TABLE quarantine (
    source_name TEXT NOT NULL,
    offset INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    excerpt TEXT NOT NULL,
    PRIMARY KEY (source_name, offset)
) STRICT, WITHOUT ROWID;
