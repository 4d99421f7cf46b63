-- What is to stay forgotten: digests of sessions' ids and of their sources' names, from which no name can be read.
CREATE TABLE forgotten (
    digest BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Sources of forgotten sessions whose contents still have to go: they go in small transactions, also after a crash.
CREATE TABLE forgetting (
    source_no INTEGER PRIMARY KEY
) STRICT;
