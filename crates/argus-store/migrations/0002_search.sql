-- Which chunks of bodies hold which words. One row a chunk, without its text: the text stands in the chunk itself.

-- `words` are the distinct words of a chunk, made by ingest; the row's number tells time, see search_chunk.
CREATE VIRTUAL TABLE search USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_'"
);

INSERT INTO search (search, rank) VALUES ('hashsize', 33554432), ('pgsz', 8000);

-- Chunks whose words stand in `search`. The second of the newest record is the upper part of `search_no` (times 16;
-- chunks of one second differ in the rest), so that the newest come first without a sort.
CREATE TABLE search_chunk (
    search_no INTEGER PRIMARY KEY,
    body_no INTEGER NOT NULL UNIQUE,
    first_at INTEGER,
    last_at INTEGER
) STRICT;

-- Chunks that may still grow, or were not looked at yet: a search reads the newest of them as they are.
CREATE TABLE search_waiting (
    body_no INTEGER PRIMARY KEY,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX search_waiting_by_change ON search_waiting (changed_at, body_no);

-- A body that goes takes its words along, whoever deletes it.
CREATE TRIGGER body_leaves_search AFTER DELETE ON body BEGIN
    DELETE FROM search WHERE rowid IN (SELECT search_no FROM search_chunk WHERE body_no = old.body_no);
    DELETE FROM search_chunk WHERE body_no = old.body_no;
    DELETE FROM search_waiting WHERE body_no = old.body_no;
END;

INSERT INTO search_waiting (body_no, changed_at) SELECT body_no, 0 FROM body;
