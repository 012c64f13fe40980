-- What a unit is, from the moment of recording on. Rows are appended, never changed: the newest of a name counts.
CREATE TABLE tsa_unit (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    chain TEXT NOT NULL,                  -- PEM, the unit's own certificate first
    policies TEXT NOT NULL,               -- accepted policies, separated by blanks, the default first
    accuracy_microseconds INTEGER NOT NULL,
    recorded_at TEXT NOT NULL             -- RFC 3339, the world's time
);

-- Which unit answers at /tsa. The newest row counts.
CREATE TABLE tsa_default_unit (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    recorded_at TEXT NOT NULL
);

-- The register of issued tokens (RFC 3161 clause 4, item 2: an audit trail tells genuine from false back-dated tokens).
CREATE TABLE tsa_token (
    id INTEGER PRIMARY KEY,
    unit TEXT NOT NULL,
    serial BLOB NOT NULL,                 -- big endian, as in the token
    time INTEGER NOT NULL,                -- genTime, seconds since 1970
    imprint_algorithm TEXT NOT NULL,      -- SHA-256, …
    imprint BLOB NOT NULL
);

-- By time, not by serial: serials are random, and a random index would cost each token a page of disk.
CREATE INDEX tsa_token_by_time ON tsa_token (time);
