-- What a request was made for, and where, as its own lines and telemetry tell it: one small number a request, so that
-- sums over time are kept by all of them at once. NULL is unknown; an empty branch is none. Telemetry's words stand
-- apart, since a line that is read later goes before them.
CREATE TABLE facet (
    facet_no INTEGER PRIMARY KEY, -- 0, which is no row, stands for nothing known
    branch TEXT,
    worktree TEXT,
    repository TEXT,
    skill TEXT,
    mcp_server TEXT,
    query_source TEXT,
    told_skill TEXT,
    told_mcp_server TEXT,
    told_query_source TEXT
) STRICT;

ALTER TABLE request ADD COLUMN facet_no INTEGER NOT NULL DEFAULT 0;

INSERT INTO facet (told_query_source) SELECT DISTINCT query_source FROM request WHERE query_source IS NOT NULL;

UPDATE request SET facet_no = (SELECT f.facet_no FROM facet AS f WHERE f.told_query_source = request.query_source)
WHERE query_source IS NOT NULL;

-- Telemetry knows no searches: what stood there was nobody's word.
UPDATE request SET web_search_requests = NULL WHERE flavour & 16 AND web_search_requests = 0;

-- What stands at the end of a call that made a commit: its hash, and what it is called. It is one where the call asked
-- for a commit (evidence 524288).
ALTER TABLE event ADD COLUMN commit_line TEXT;

CREATE INDEX event_by_commit ON event (session_no, key) WHERE commit_line IS NOT NULL;

-- Sums over time, by facet as well; made anew from the requests.
DROP TABLE spend;

CREATE TABLE spend (
    width_s INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    session_no INTEGER NOT NULL,
    agent_no INTEGER NOT NULL,
    model_no INTEGER NOT NULL,
    facet_no INTEGER NOT NULL,
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
    PRIMARY KEY (width_s, slot, session_no, agent_no, model_no, facet_no)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO model (model) SELECT DISTINCT model FROM request WHERE model IS NOT NULL;

INSERT INTO spend
SELECT
    900,
    (r.usage_at - ((r.usage_at % 900000000) + 900000000) % 900000000) / 1000000 AS slot,
    r.session_no, r.agent_no, m.model_no, r.facet_no,
    count(*), sum(r.input_tokens), sum(r.output_tokens), sum(r.cache_write_5m_tokens), sum(r.cache_write_1h_tokens),
    sum(r.cache_read_tokens), sum(ifnull(r.web_search_requests, 0)), sum(ifnull(r.cost_picousd, 0)),
    sum(r.basis = 2 OR r.basis = 1 AND r.is_final = 0), sum(r.basis = 3)
FROM request AS r JOIN model AS m ON m.model = r.model
WHERE r.is_counted = 1 AND r.usage_at IS NOT NULL AND r.session_no IS NOT NULL
GROUP BY slot, r.session_no, r.agent_no, m.model_no, r.facet_no;

INSERT INTO spend
SELECT
    86400, slot - ((slot % 86400) + 86400) % 86400 AS day, session_no, agent_no, model_no, facet_no,
    sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
    sum(cache_read_tokens), sum(web_search_requests), sum(cost_picousd), sum(incomplete_requests), sum(unpriced_requests)
FROM spend WHERE width_s = 900 GROUP BY day, session_no, agent_no, model_no, facet_no;

DELETE FROM spend_total;

INSERT INTO spend_total
SELECT
    width_s, slot, model_no,
    sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
    sum(cache_read_tokens), sum(web_search_requests), sum(cost_picousd), sum(incomplete_requests), sum(unpriced_requests)
FROM spend GROUP BY width_s, slot, model_no;

INSERT INTO spend_total
SELECT
    3600, slot - ((slot % 3600) + 3600) % 3600 AS hour, model_no,
    sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
    sum(cache_read_tokens), sum(web_search_requests), sum(cost_picousd), sum(incomplete_requests), sum(unpriced_requests)
FROM spend_total WHERE width_s = 900 GROUP BY hour, model_no;
