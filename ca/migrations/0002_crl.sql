-- Facts are numbered in the order of their recording, so that a CRL tells by one number which of them it has.
CREATE TABLE ca_fact_numbered (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    serial          TEXT NOT NULL REFERENCES ca_certificate (serial),
    ordinal         INTEGER NOT NULL,     -- 1, 2, … within the serial; two writers collide on it and judge anew
    issuer          TEXT NOT NULL,
    event           TEXT NOT NULL CHECK (event IN ('revoked', 'held', 'released')),
    since           INTEGER NOT NULL,
    reason          TEXT,
    invalidity_date INTEGER,
    recorded_at     INTEGER NOT NULL,
    UNIQUE (serial, ordinal)
);
INSERT INTO ca_fact_numbered (serial, ordinal, issuer, event, since, reason, invalidity_date, recorded_at)
    SELECT serial, ordinal, issuer, event, since, reason, invalidity_date, recorded_at FROM ca_fact ORDER BY rowid;
DROP TABLE ca_fact;
ALTER TABLE ca_fact_numbered RENAME TO ca_fact;
CREATE INDEX ca_fact_issuer ON ca_fact (issuer, recorded_at);
CREATE INDEX ca_fact_number ON ca_fact (issuer, id);

-- Of a CRL is kept what it was made of, a hundred bytes, where the CRL of 20,000 revocations has a megabyte: the facts are
-- on record, and with the signature the same bytes come out again. Those of earlier programs are kept as they were (der).
CREATE TABLE ca_crl_made (
    issuer      TEXT NOT NULL,
    number      INTEGER NOT NULL,         -- only grows, whatever the clock does
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    last_fact   INTEGER NOT NULL,         -- the newest fact of the issuer on record then; 0: not known, or none
    signature   BLOB,
    der         BLOB,
    PRIMARY KEY (issuer, number)
);
INSERT INTO ca_crl_made (issuer, number, this_update, next_update, last_fact, der)
    SELECT issuer, number, this_update, next_update, 0, der FROM ca_crl;
DROP TABLE ca_crl;
ALTER TABLE ca_crl_made RENAME TO ca_crl;
