-- Authorities of any number and depth. An authority is a name; each key that it has had is a generation of it, the first being 1.
-- Serial numbers are unique for each name (RFC 5280 clause 4.1.2.2), whichever of its keys signed.
CREATE TABLE ca_certificate_issued (
    id                INTEGER PRIMARY KEY AUTOINCREMENT, -- order of issue
    serial            TEXT NOT NULL,
    issuer            TEXT NOT NULL,      -- id of the authority that signed it
    issuer_generation INTEGER NOT NULL,   -- and with which of its keys
    profile           TEXT NOT NULL,
    authority         TEXT,               -- id, if it certifies a key of one of our authorities
    generation        INTEGER,            -- and which of its keys
    key_id            TEXT,               -- in the key server, if it is what the CA signs with: an authority's own, an OCSP responder's; not a cross-certificate
    not_before        INTEGER NOT NULL,
    not_after         INTEGER NOT NULL,
    issued_at         INTEGER NOT NULL,
    der               BLOB NOT NULL,
    UNIQUE (serial, issuer)
);
INSERT INTO ca_certificate_issued (id, serial, issuer, issuer_generation, profile, authority, generation, key_id, not_before, not_after, issued_at, der)
    SELECT id, serial, issuer, 1, profile, authority, CASE WHEN authority IS NOT NULL THEN 1 END, key_id, not_before, not_after, issued_at, der
    FROM ca_certificate ORDER BY id;

CREATE TABLE ca_fact_recorded (
    id              INTEGER PRIMARY KEY AUTOINCREMENT, -- order of recording
    serial          TEXT NOT NULL,
    issuer          TEXT NOT NULL,
    ordinal         INTEGER NOT NULL,     -- 1, 2, … within the certificate; two writers collide on it and judge anew
    event           TEXT NOT NULL CHECK (event IN ('revoked', 'held', 'released')),
    since           INTEGER NOT NULL,
    reason          TEXT,
    invalidity_date INTEGER,
    recorded_at     INTEGER NOT NULL,
    UNIQUE (serial, issuer, ordinal),
    FOREIGN KEY (serial, issuer) REFERENCES ca_certificate_issued (serial, issuer)
);
INSERT INTO ca_fact_recorded (id, serial, issuer, ordinal, event, since, reason, invalidity_date, recorded_at)
    SELECT id, serial, issuer, ordinal, event, since, reason, invalidity_date, recorded_at FROM ca_fact ORDER BY id;

DROP TABLE ca_fact;
DROP TABLE ca_certificate;
ALTER TABLE ca_certificate_issued RENAME TO ca_certificate;
ALTER TABLE ca_fact_recorded RENAME TO ca_fact;
CREATE INDEX ca_certificate_profile ON ca_certificate (profile, id);
CREATE INDEX ca_certificate_authorities ON ca_certificate (id) WHERE authority IS NOT NULL;
CREATE UNIQUE INDEX ca_certificate_generation ON ca_certificate (authority, generation)
    WHERE authority IS NOT NULL AND key_id IS NOT NULL;
CREATE INDEX ca_fact_issuer ON ca_fact (issuer, recorded_at);
CREATE INDEX ca_fact_number ON ca_fact (issuer, id);

-- Numbers are those of the authority, whichever of its keys signs a CRL (RFC 5280 clause 5.2.3).
ALTER TABLE ca_crl ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;
CREATE INDEX ca_crl_generation ON ca_crl (issuer, generation, number);
