INSERT OR REPLACE INTO request (
    message_id, request_id, session_no, agent_no, turn_no, model,
    input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, web_search_requests,
    flavour, cost_picousd, basis, usage_at, owner_rank, owner_at, is_final, is_counted, sent_at, first_at, blocks,
    reported_at, duration_ms, ttft_ms, query_source, facet_no
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6,
    ?7, ?8, ?9, ?10, ?11, ?12,
    ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
    ?24, ?25, ?26, ?27, ?28
)
