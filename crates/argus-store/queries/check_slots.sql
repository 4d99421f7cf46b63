-- Days and hours against their quarter hours, sums over sessions against those of each, in rows that are on one side only.
WITH pair (kept, made) AS (
    SELECT
        (SELECT json_group_array(json_array(slot, session_no, agent_no, model_no, facet_no, requests, output_tokens, cost_picousd)) FROM (
            SELECT * FROM spend WHERE width_s = 86400 ORDER BY slot, session_no, agent_no, model_no, facet_no
        )),
        (SELECT json_group_array(json_array(day, session_no, agent_no, model_no, facet_no, requests, output_tokens, cost)) FROM (
            SELECT
                slot - ((slot % 86400) + 86400) % 86400 AS day, session_no, agent_no, model_no, facet_no,
                sum(requests) AS requests, sum(output_tokens) AS output_tokens, sum(cost_picousd) AS cost
            FROM spend WHERE width_s = 900 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
        ))
    UNION ALL
    SELECT
        (SELECT json_group_array(json_array(width_s, slot, model_no, requests, input_tokens, cost_picousd)) FROM (
            SELECT * FROM spend_total WHERE width_s <> 3600 ORDER BY width_s, slot, model_no
        )),
        (SELECT json_group_array(json_array(width_s, slot, model_no, requests, input_tokens, cost)) FROM (
            SELECT
                width_s, slot, model_no,
                sum(requests) AS requests, sum(input_tokens) AS input_tokens, sum(cost_picousd) AS cost
            FROM spend GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ))
    UNION ALL
    SELECT
        (SELECT json_group_array(json_array(slot, model_no, requests, output_tokens, cost_picousd, unpriced_requests)) FROM (
            SELECT * FROM spend_total WHERE width_s = 3600 ORDER BY slot, model_no
        )),
        (SELECT json_group_array(json_array(hour, model_no, requests, output_tokens, cost, unpriced)) FROM (
            SELECT
                slot - ((slot % 3600) + 3600) % 3600 AS hour, model_no, sum(requests) AS requests,
                sum(output_tokens) AS output_tokens, sum(cost_picousd) AS cost, sum(unpriced_requests) AS unpriced
            FROM spend_total WHERE width_s = 900 GROUP BY 1, 2 ORDER BY 1, 2
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
