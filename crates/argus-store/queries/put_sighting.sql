INSERT INTO sighting (fingerprint, kind, session_id, event_key, body_no, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO UPDATE SET at = min(ifnull(at, excluded.at), ifnull(excluded.at, at))
