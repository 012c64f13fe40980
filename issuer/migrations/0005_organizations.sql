-- Several organizations issue in a world, each with a prefix of numbers of its own. Until now there was one, and its prefix was TBU.

-- The id of the organization; null for what was issued before.
ALTER TABLE issued_certificate ADD COLUMN organization TEXT;

CREATE TABLE number_counter (
    prefix TEXT NOT NULL,
    year   INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (prefix, year)
);
INSERT INTO number_counter (prefix, year, last) SELECT 'TBU', year, last FROM certificate_counter;
DROP TABLE certificate_counter;

-- Numbers that were taken and have no certificate: as number_without_certificate, by prefix.
CREATE TABLE number_taken (
    prefix      TEXT NOT NULL,
    year        INTEGER NOT NULL,
    serial      INTEGER NOT NULL,
    for_whom    BLOB,               -- SHA-256 of what makes a certificate the same one: recipient, achievement, day
    taken_at    TEXT,               -- RFC 3339, the world's time
    problem     TEXT,               -- why the last attempt failed; null if it was broken off
    given_up_at TEXT,               -- RFC 3339, the world's time
    reason      TEXT,               -- why it was given up
    PRIMARY KEY (prefix, year, serial)
);
CREATE INDEX number_taken_for_whom ON number_taken (for_whom);
INSERT INTO number_taken (prefix, year, serial, for_whom, taken_at, problem, given_up_at, reason)
    SELECT 'TBU', year, serial, for_whom, taken_at, problem, given_up_at, reason FROM number_without_certificate;
DROP TABLE number_without_certificate;
