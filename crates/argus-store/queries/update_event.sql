UPDATE event SET
    kind = ?3, thread_no = ?4, at = ?5, agent_no = ?6, turn_no = ?7, is_error = ?8, evidence = ?9, sources = ?10,
    tool_name = ?11, label = ?12, hook_at = ?13, line_at = ?14, ended_at = ?15, duration_ms = ?16, message_id = ?17,
    input_hash = ?18, error = ?19, spawned_agent_id = ?20, input_source = ?21, input_offset = ?22,
    output_source = ?23, output_offset = ?24, output_bytes = ?25,
    commit_line = ?26, merge = ?27
WHERE session_no = ?1 AND key = ?2
