-- Times are whole seconds since 1970-01-01T00:00:00Z; serial numbers are lower hex.

CREATE TABLE ca_certificate (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- order of issue
    serial     TEXT NOT NULL UNIQUE,
    issuer     TEXT NOT NULL,             -- slug of the CA that signed it: root, issuing
    profile    TEXT NOT NULL,
    authority  TEXT UNIQUE,               -- slug, if it is the certificate of one of our CAs
    key_id     TEXT,                      -- in the key server, if the CA signs with it (CAs and OCSP responders)
    not_before INTEGER NOT NULL,
    not_after  INTEGER NOT NULL,
    issued_at  INTEGER NOT NULL,
    der        BLOB NOT NULL
);
CREATE INDEX ca_certificate_profile ON ca_certificate (profile, id);

-- Append-only. What the CA knows about a certificate is the sequence of its facts.
CREATE TABLE ca_fact (
    serial          TEXT NOT NULL REFERENCES ca_certificate (serial),
    ordinal         INTEGER NOT NULL,     -- 1, 2, … within the serial; two writers collide on it and judge anew
    issuer          TEXT NOT NULL,
    event           TEXT NOT NULL CHECK (event IN ('revoked', 'held', 'released')),
    since           INTEGER NOT NULL,
    reason          TEXT,
    invalidity_date INTEGER,
    recorded_at     INTEGER NOT NULL,
    PRIMARY KEY (serial, ordinal)
);
CREATE INDEX ca_fact_issuer ON ca_fact (issuer, recorded_at);

-- Append-only. Numbers only grow, whatever the clock does.
CREATE TABLE ca_crl (
    issuer      TEXT NOT NULL,
    number      INTEGER NOT NULL,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    facts       INTEGER NOT NULL,         -- how many facts were known at this_update
    der         BLOB NOT NULL,
    PRIMARY KEY (issuer, number)
);
