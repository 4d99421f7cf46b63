-- How long after its cause a consequence still counts, in microseconds; null for as long as its session goes on.
ALTER TABLE deed ADD COLUMN within_us INTEGER;

-- A cause that is one only where this other subject had one before: what was downloaded is moved. Masked.
ALTER TABLE deed ADD COLUMN after_subject TEXT;
