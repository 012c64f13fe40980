-- Numbers that were taken and have no certificate: under way, waiting for a retry, or given up. A row goes when its
-- certificate is kept, in the same transaction.
CREATE TABLE number_without_certificate (
    year        INTEGER NOT NULL,
    serial      INTEGER NOT NULL,
    for_whom    BLOB,               -- SHA-256 of what makes a certificate the same one: recipient, achievement, day
    taken_at    TEXT,               -- RFC 3339, the world's time
    problem     TEXT,               -- why the last attempt failed; null if it was broken off
    given_up_at TEXT,               -- RFC 3339, the world's time
    reason      TEXT,               -- why it was given up
    PRIMARY KEY (year, serial)
);
CREATE INDEX number_without_certificate_for_whom ON number_without_certificate (for_whom);

-- Gaps of the time when they left no trace. A number ends in -YYYY-NNNNNN-C.
INSERT INTO number_without_certificate (year, serial, given_up_at, reason)
WITH RECURSIVE taken (year, serial) AS (
    SELECT year, 1 FROM certificate_counter
    UNION ALL
    SELECT taken.year, taken.serial + 1 FROM taken JOIN certificate_counter ON certificate_counter.year = taken.year
    WHERE taken.serial < certificate_counter.last
)
SELECT year, serial, '', 'lost when issuing failed, before this was recorded' FROM taken
WHERE (year, serial) NOT IN (
    SELECT CAST(substr(number, -13, 4) AS INTEGER), CAST(substr(number, -8, 6) AS INTEGER) FROM issued_certificate
);
