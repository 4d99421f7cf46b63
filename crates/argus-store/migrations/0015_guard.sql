-- Calls that the guard answered: none where it is not installed.
CREATE INDEX event_guarded ON event (session_no, hook_at) WHERE evidence & 458752 <> 0;
