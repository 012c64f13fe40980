-- What makes two certificates the same one, and the newest that was issued for it.
CREATE TABLE certificate_key (
    key     TEXT PRIMARY KEY,     -- SHA-256, lower hex
    content TEXT NOT NULL,        -- SHA-256 of the completion data, lower hex
    number  TEXT NOT NULL
);
CREATE INDEX certificate_key_number ON certificate_key (number);

-- Requests with an Idempotency-Key. The number is written in the transaction that keeps the certificate.
CREATE TABLE idempotency_key (
    key     TEXT PRIMARY KEY,
    content TEXT NOT NULL,        -- SHA-256 of query and body, lower hex
    number  TEXT                  -- null until it is issued
);

-- Many certificates from one file.
CREATE TABLE batch (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    options    TEXT NOT NULL,     -- JSON: how its certificates are issued
    state      TEXT NOT NULL,     -- reading, running, paused, stopped, cancelled, done
    problem    TEXT,              -- what it waits for, or why it is stopped
    created_at TEXT NOT NULL,     -- RFC 3339, the world's time
    outages    INTEGER NOT NULL,  -- how often in a row a service was away
    not_before INTEGER NOT NULL,  -- when it is gone on, in milliseconds of the database's own time, like all times below
    leased_at  INTEGER NOT NULL,  -- when somebody took rows of it last
    read_until INTEGER NOT NULL   -- until then whoever reads it is thought to be alive
);

-- The rows of batches. A row is written down before the batch is acknowledged, and its certificate is kept in the transaction that says
-- so here.
CREATE TABLE batch_row (
    batch        INTEGER NOT NULL,
    place        INTEGER NOT NULL,  -- from 1 on
    line         INTEGER NOT NULL,  -- of the file
    key          TEXT,              -- as certificate_key; null if the row cannot be read
    content      TEXT,
    organization TEXT,
    data         TEXT,              -- the completion data, JSON
    state        TEXT NOT NULL,     -- queued, rendered, sealed, delivered, unchanged, changed, failed, cancelled
    open         INTEGER NOT NULL,  -- 1 as long as something is to be done
    problem      TEXT,
    retryable    INTEGER NOT NULL,
    number       TEXT,              -- taken for it, or of the certificate that there is
    level        TEXT,              -- that it was sealed at
    sha256       TEXT,              -- of the sealed file, lower hex
    attempts     INTEGER NOT NULL,
    not_before   INTEGER NOT NULL,
    lease        TEXT,              -- of whoever works on it
    lease_until  INTEGER NOT NULL,
    done_at      INTEGER,
    PRIMARY KEY (batch, place)
);
CREATE INDEX batch_row_open ON batch_row (batch, open, place);
CREATE INDEX batch_row_state ON batch_row (batch, state, place);
CREATE INDEX batch_row_lease ON batch_row (lease);
CREATE INDEX batch_row_done ON batch_row (batch, done_at);
