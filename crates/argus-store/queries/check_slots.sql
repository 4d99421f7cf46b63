-- Days and hours against their quarter hours, sums over sessions against those of each, in rows that are on one side only.
WITH
wide (width_s) AS (VALUES (900), (3600), (86400)),
-- Each session's quarter hours, for all projects and for its own.
owned AS (
    SELECT 0 AS project_no, u.* FROM spend AS u WHERE u.width_s = 900
    UNION ALL
    SELECT p.project_no, u.* FROM spend AS u
    JOIN session AS s ON s.session_no = u.session_no AND s.project IS NOT NULL
    LEFT JOIN project AS p ON p.project = s.project
    WHERE u.width_s = 900
),
pair (kept, made) AS (
    SELECT
        (SELECT json_group_array(json_array(slot, session_no, agent_no, model_no, facet_no, requests, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, web_search_requests, cost_picousd, incomplete_requests, unpriced_requests)) FROM (
            SELECT * FROM spend WHERE width_s = 86400 ORDER BY slot, session_no, facet_no
        )),
        (SELECT json_group_array(json_array(day, session_no, 0, 0, facet_no, requests, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, web_search_requests, cost_picousd, incomplete_requests, unpriced_requests)) FROM (
            SELECT
                slot - ((slot % 86400) + 86400) % 86400 AS day, session_no, facet_no,
                sum(requests) AS requests, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
                sum(cache_write_5m_tokens) AS cache_write_5m_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens, sum(cache_read_tokens) AS cache_read_tokens,
                sum(web_search_requests) AS web_search_requests, sum(cost_picousd) AS cost_picousd, sum(incomplete_requests) AS incomplete_requests,
                sum(unpriced_requests) AS unpriced_requests
            FROM spend WHERE width_s = 900 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ))
    UNION ALL
    SELECT
        (SELECT json_group_array(json_array(project_no, model_no, width_s, slot, requests, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, web_search_requests, cost_picousd, incomplete_requests, unpriced_requests)) FROM (
            SELECT * FROM spend_total ORDER BY project_no, model_no, width_s, slot
        )),
        (SELECT json_group_array(json_array(project_no, model_no, width_s, place, requests, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, web_search_requests, cost_picousd, incomplete_requests, unpriced_requests)) FROM (
            SELECT
                project_no, model.model_no, wide.width_s, slot - ((slot % wide.width_s) + wide.width_s) % wide.width_s AS place,
                sum(requests) AS requests, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
                sum(cache_write_5m_tokens) AS cache_write_5m_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens, sum(cache_read_tokens) AS cache_read_tokens,
                sum(web_search_requests) AS web_search_requests, sum(cost_picousd) AS cost_picousd, sum(incomplete_requests) AS incomplete_requests,
                sum(unpriced_requests) AS unpriced_requests
            FROM owned JOIN (SELECT model_no FROM model UNION ALL SELECT 0) AS model ON model.model_no IN (0, owned.model_no), wide
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ))
    UNION ALL
    SELECT
        (SELECT json_group_array(json_array(project_no, type_no, width_s, slot, requests, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, web_search_requests, cost_picousd, incomplete_requests, unpriced_requests)) FROM (
            SELECT * FROM spend_type ORDER BY project_no, type_no, width_s, slot
        )),
        (SELECT json_group_array(json_array(project_no, type_no, width_s, place, requests, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, web_search_requests, cost_picousd, incomplete_requests, unpriced_requests)) FROM (
            SELECT
                o.project_no, t.type_no, wide.width_s, o.slot - ((o.slot % wide.width_s) + wide.width_s) % wide.width_s AS place,
                sum(o.requests) AS requests, sum(o.input_tokens) AS input_tokens, sum(o.output_tokens) AS output_tokens,
                sum(o.cache_write_5m_tokens) AS cache_write_5m_tokens, sum(o.cache_write_1h_tokens) AS cache_write_1h_tokens, sum(o.cache_read_tokens) AS cache_read_tokens,
                sum(o.web_search_requests) AS web_search_requests, sum(o.cost_picousd) AS cost_picousd, sum(o.incomplete_requests) AS incomplete_requests,
                sum(o.unpriced_requests) AS unpriced_requests
            FROM
                owned AS o
                JOIN agent AS a ON a.agent_no = o.agent_no AND a.agent_id <> ''
                LEFT JOIN agent_type AS t ON t.agent_type = ifnull(a.agent_type, ''),
                wide
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ))
    UNION ALL
    SELECT
        (SELECT json_group_array(json_array(project_no, width_s, slot, tool_no, calls, errors, denials, requests, output_tokens, cost_picousd)) FROM (
            SELECT * FROM tool_total ORDER BY project_no, width_s, slot, tool_no
        )),
        (SELECT json_group_array(json_array(project_no, width_s, place, tool_no, calls, errors, denials, requests, output, cost)) FROM (
            SELECT
                project_no, width_s, slot - ((slot % width_s) + width_s) % width_s AS place, tool_no,
                sum(calls) AS calls, sum(errors) AS errors, sum(denials) AS denials, sum(requests) AS requests,
                sum(output_tokens) AS output, sum(cost_picousd) AS cost
            FROM
                (
                    SELECT 0 AS project_no, u.* FROM tool_use AS u
                    UNION ALL
                    SELECT p.project_no, u.* FROM tool_use AS u
                    JOIN session AS s ON s.session_no = u.session_no
                    JOIN project AS p ON p.project = s.project
                ),
                (SELECT 900 AS width_s UNION ALL SELECT 86400)
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ))
)
SELECT count(*) FROM pair WHERE kept <> made
