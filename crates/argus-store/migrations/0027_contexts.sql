-- The requests of one agent: those of a session with hundreds of subagents were read again for each of them.
DROP INDEX request_by_session;
CREATE INDEX request_by_session ON request (session_no, agent_no);
