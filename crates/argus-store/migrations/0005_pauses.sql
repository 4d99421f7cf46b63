-- When nothing was to be recorded. A fact whose own date lies inside is left out, wherever and whenever it is read.
CREATE TABLE pause (
    from_at INTEGER PRIMARY KEY,
    until_at INTEGER -- NULL: until somebody resumes
) STRICT;

-- Parts of transcripts that lie in a pause: the archive passes over them. Written with the read offset, so that lines
-- without a date of their own need not be dated again.
CREATE TABLE withheld (
    source_no INTEGER NOT NULL REFERENCES source,
    from_offset INTEGER NOT NULL,
    to_offset INTEGER NOT NULL,
    PRIMARY KEY (source_no, from_offset)
) STRICT, WITHOUT ROWID;
