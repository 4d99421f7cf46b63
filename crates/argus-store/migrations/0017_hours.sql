-- Days of most zones begin with an hour: sums of all sessions by the hour, so that a page of days reads a quarter of the rows.
INSERT OR REPLACE INTO spend_total
SELECT
    3600, slot - ((slot % 3600) + 3600) % 3600 AS hour, model_no,
    sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
    sum(cache_read_tokens), sum(web_search_requests), sum(cost_picousd), sum(incomplete_requests), sum(unpriced_requests)
FROM spend_total WHERE width_s = 900 GROUP BY hour, model_no;
