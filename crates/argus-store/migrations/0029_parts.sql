-- Sums of each project and of each type of agents, so that no page adds up the sessions of a long range: a day of a
-- project is a few rows here, whatever it was made of. As with tools, 0 stands for all projects.
CREATE TABLE agent_type (
    type_no INTEGER PRIMARY KEY,
    agent_type TEXT NOT NULL UNIQUE -- empty when unknown
) STRICT;

-- Sums of a session's days tell no agents and no models any more: those are asked for by their own sums, or in one session.
DELETE FROM spend WHERE width_s = 86400;

INSERT INTO spend
SELECT
    86400, slot - ((slot % 86400) + 86400) % 86400 AS day, session_no, 0, 0, facet_no,
    sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
    sum(cache_read_tokens), sum(web_search_requests), sum(cost_picousd), sum(incomplete_requests), sum(unpriced_requests)
FROM spend WHERE width_s = 900 GROUP BY day, session_no, facet_no;

-- One session's quarter hours.
CREATE INDEX spend_by_session ON spend (session_no, slot) WHERE width_s = 900;

DROP TABLE spend_total;

-- 0 stands for all models, too: most questions are not about them.
CREATE TABLE spend_total (
    project_no INTEGER NOT NULL,
    model_no INTEGER NOT NULL,
    width_s INTEGER NOT NULL,
    slot INTEGER NOT NULL,
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
    PRIMARY KEY (project_no, model_no, width_s, slot)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO project (project)
SELECT DISTINCT project FROM session
WHERE project IS NOT NULL AND session_no IN (SELECT session_no FROM spend WHERE width_s = 900);

INSERT INTO spend_total
SELECT
    u.project_no, m.model_no, w.width_s, u.slot - ((u.slot % w.width_s) + w.width_s) % w.width_s AS place,
    sum(u.requests), sum(u.input_tokens), sum(u.output_tokens), sum(u.cache_write_5m_tokens), sum(u.cache_write_1h_tokens),
    sum(u.cache_read_tokens), sum(u.web_search_requests), sum(u.cost_picousd), sum(u.incomplete_requests),
    sum(u.unpriced_requests)
FROM
    (
        SELECT 0 AS project_no, a.* FROM spend AS a WHERE a.width_s = 900
        UNION ALL
        SELECT p.project_no, a.* FROM spend AS a
        JOIN session AS s ON s.session_no = a.session_no
        JOIN project AS p ON p.project = s.project
        WHERE a.width_s = 900
    ) AS u
    JOIN (SELECT model_no FROM model UNION ALL SELECT 0) AS m ON m.model_no IN (0, u.model_no),
    (SELECT 900 AS width_s UNION ALL SELECT 3600 UNION ALL SELECT 86400) AS w
GROUP BY u.project_no, m.model_no, w.width_s, place;

-- Subagents only: what they leave of all is the main agents'.
CREATE TABLE spend_type (
    project_no INTEGER NOT NULL,
    type_no INTEGER NOT NULL,
    width_s INTEGER NOT NULL,
    slot INTEGER NOT NULL,
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
    PRIMARY KEY (project_no, type_no, width_s, slot)
) STRICT, WITHOUT ROWID;

INSERT INTO agent_type (agent_type)
SELECT DISTINCT ifnull(agent_type, '') FROM agent
WHERE agent_id <> '' AND agent_no IN (SELECT agent_no FROM spend WHERE width_s = 900);

INSERT INTO spend_type
SELECT
    u.project_no, t.type_no, w.width_s, u.slot - ((u.slot % w.width_s) + w.width_s) % w.width_s AS place,
    sum(u.requests), sum(u.input_tokens), sum(u.output_tokens), sum(u.cache_write_5m_tokens), sum(u.cache_write_1h_tokens),
    sum(u.cache_read_tokens), sum(u.web_search_requests), sum(u.cost_picousd), sum(u.incomplete_requests),
    sum(u.unpriced_requests)
FROM
    (
        SELECT 0 AS project_no, a.* FROM spend AS a WHERE a.width_s = 900
        UNION ALL
        SELECT p.project_no, a.* FROM spend AS a
        JOIN session AS s ON s.session_no = a.session_no
        JOIN project AS p ON p.project = s.project
        WHERE a.width_s = 900
    ) AS u
    JOIN agent AS g ON g.agent_no = u.agent_no AND g.agent_id <> ''
    JOIN agent_type AS t ON t.agent_type = ifnull(g.agent_type, ''),
    (SELECT 900 AS width_s UNION ALL SELECT 3600 UNION ALL SELECT 86400) AS w
GROUP BY u.project_no, t.type_no, w.width_s, place;

-- The dearest sessions first.
CREATE INDEX session_by_cost ON session (cost_picousd DESC, session_id) WHERE requests <> 0;

-- What sessions of a range came to is told by the index of when they were alive last: their rows are wide.
DROP INDEX session_by_last;
CREATE INDEX session_by_last ON session (last_at, session_no, started_at, requests, cost_picousd);
