INSERT INTO event (
    session_no, key, kind, thread_no, at, agent_no, turn_no, is_error, evidence, sources,
    tool_name, label, hook_at, line_at, ended_at, duration_ms, message_id, input_hash, error, spawned_agent_id,
    input_source, input_offset, output_source, output_offset, output_bytes, commit_line, merge,
    share_basis, share_cost_picousd, share_input, share_output, share_write_5m, share_write_1h, share_read,
    share_slot
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
    ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
    ?21, ?22, ?23, ?24, ?25, ?26, ?27,
    ?28, ?29, ?30, ?31, ?32, ?33, ?34,
    ?35
)
ON CONFLICT DO NOTHING
