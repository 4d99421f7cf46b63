-- Two rules mask more than they did: each of several passwords handed to curl on one line, and one handed to htpasswd within
-- a record. What was kept is masked again when its words are read; zero says that its text may hold what was let through.
UPDATE search_waiting SET changed_at = 0;
INSERT OR IGNORE INTO search_waiting (body_no, changed_at) SELECT body_no, 0 FROM search_chunk;
DELETE FROM search_chunk;
INSERT INTO search (search) VALUES ('delete-all');
