-- Tools of a project without reading each of its sessions: the totals are kept for all sessions (0) and for those of
-- each project. Whoever runs this fills them from what stands in the database.
CREATE TABLE project (
    project_no INTEGER PRIMARY KEY,
    project TEXT NOT NULL UNIQUE
) STRICT;

DROP TABLE tool_total;

CREATE TABLE tool_total (
    project_no INTEGER NOT NULL,
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
    PRIMARY KEY (project_no, width_s, slot, tool_no)
) STRICT, WITHOUT ROWID;

CREATE INDEX tool_total_by_error ON tool_total (width_s, slot, errors) WHERE errors > 0 AND project_no = 0;
