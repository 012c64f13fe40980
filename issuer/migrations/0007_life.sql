-- What became of certificates after they were issued: dated facts, none of which is changed or taken back.
CREATE TABLE certificate_fact (
    id            INTEGER PRIMARY KEY,
    number        TEXT NOT NULL,
    kind          TEXT NOT NULL,      -- revoked, suspended, released, superseded
    since         TEXT NOT NULL,      -- RFC 3339, the world's time from which on it holds
    reason        TEXT NOT NULL,
    superseded_by TEXT,               -- the number of the certificate in its place
    recorded_at   TEXT NOT NULL,      -- RFC 3339, the world's time
    recorded_by   TEXT NOT NULL,      -- as they call themselves
    issued_at     TEXT NOT NULL       -- the certificate's, so that those of one kind are read in the order of the list
);
CREATE INDEX certificate_fact_number ON certificate_fact (number);
CREATE INDEX certificate_fact_kind ON certificate_fact (kind, issued_at, number);
CREATE UNIQUE INDEX certificate_fact_successor ON certificate_fact (superseded_by);
CREATE UNIQUE INDEX certificate_fact_superseded ON certificate_fact (number) WHERE kind = 'superseded';

-- By what certificates are found: beside them, since their rows hold files. Names are kept without blanks and without capitals.
CREATE TABLE certificate_listing (
    number          TEXT PRIMARY KEY,
    issued_at       TEXT NOT NULL,    -- RFC 3339, the world's time
    organization    TEXT,             -- its id; null for what was issued before there were several
    recipient       TEXT NOT NULL,    -- the name on it
    identifier      TEXT NOT NULL,    -- e-mail address, or the issuer's id of the learner
    achievement_ja  TEXT NOT NULL,
    achievement_en  TEXT NOT NULL,
    document_digest TEXT NOT NULL     -- lower hex: the message-digest attribute of the seal
);
CREATE INDEX certificate_listing_newest ON certificate_listing (issued_at, number);
CREATE INDEX certificate_listing_organization ON certificate_listing (organization, issued_at, number);
CREATE INDEX certificate_listing_recipient ON certificate_listing (recipient, issued_at, number);
CREATE INDEX certificate_listing_identifier ON certificate_listing (identifier, issued_at, number);
CREATE INDEX certificate_listing_achievement_ja ON certificate_listing (achievement_ja, issued_at, number);
CREATE INDEX certificate_listing_achievement_en ON certificate_listing (achievement_en, issued_at, number);
CREATE INDEX certificate_listing_document_digest ON certificate_listing (document_digest);
-- The identifiers of what is there already stand in JSON, which the program reads when it opens the world: until then they are empty.
INSERT INTO certificate_listing
    SELECT number, issued_at, organization, lower(replace(replace(recipient, ' ', ''), '　', '')), '',
           lower(replace(replace(achievement_ja, ' ', ''), '　', '')),
           lower(replace(replace(achievement_en, ' ', ''), '　', '')), document_digest
    FROM issued_certificate;

-- What the key server was sent for a certificate, or for several at once: requests as JSON, secrets blacked out.
CREATE TABLE crossing (
    id       INTEGER PRIMARY KEY,
    number   TEXT,                    -- of the certificate; null for what was sent for several
    batch    TEXT,                    -- the batch that it belongs to
    requests TEXT NOT NULL
);
CREATE INDEX crossing_number ON crossing (number);
CREATE INDEX crossing_batch ON crossing (batch);

-- Messages of learning platforms that were answered with a certificate, by the id that the platform gave them.
CREATE TABLE completion_message (
    id       TEXT PRIMARY KEY,
    sha256   TEXT NOT NULL,           -- of its body, lower hex
    number   TEXT NOT NULL
);

-- Since when the secret of such messages is which: the secret itself is derived from that of the issuer, which lies elsewhere.
CREATE TABLE completion_secret (
    generation INTEGER PRIMARY KEY,
    since      TEXT NOT NULL          -- RFC 3339, the world's time
);
