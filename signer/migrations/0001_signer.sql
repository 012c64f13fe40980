-- Times are RFC 3339 text of the world's clock. Rows are facts: nothing is deleted; a status is computed for a time.

-- Which root key wraps the private keys; check_value tells a wrong root key from a right one without revealing it.
CREATE TABLE signer_root (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    source      TEXT NOT NULL CHECK (source IN ('file', 'passphrase', 'memory')),
    salt        BLOB NOT NULL,
    check_value BLOB NOT NULL
);

-- private_key: PKCS#8 under AES-256-GCM, bound to id, kind and origin.
CREATE TABLE signer_key (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    origin      TEXT NOT NULL,
    label       TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    public_key  BLOB NOT NULL,
    nonce       BLOB NOT NULL,
    private_key BLOB NOT NULL,
    uses        INTEGER NOT NULL DEFAULT 0
);

-- The newest secret of a client counts. Only its SHA-256 is kept.
CREATE TABLE signer_client_secret (
    sequence    INTEGER PRIMARY KEY,
    client      TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    since       TEXT NOT NULL
);
CREATE INDEX signer_client_secret_client ON signer_client_secret (client);

CREATE TABLE signer_token (
    hash       BLOB PRIMARY KEY,
    client     TEXT NOT NULL,
    issued_at  TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
);

CREATE TABLE signer_credential (
    id            TEXT PRIMARY KEY,
    client        TEXT NOT NULL,
    description   TEXT NOT NULL,
    scal          INTEGER NOT NULL CHECK (scal IN (1, 2)),
    multisign     INTEGER NOT NULL,
    registered_at TEXT NOT NULL
);
CREATE INDEX signer_credential_client ON signer_credential (client, id);

-- The newest chain of a credential counts: PEM, signer first.
CREATE TABLE signer_credential_chain (
    sequence   INTEGER PRIMARY KEY,
    credential TEXT NOT NULL REFERENCES signer_credential (id),
    key        TEXT NOT NULL REFERENCES signer_key (id),
    chain      TEXT NOT NULL,
    since      TEXT NOT NULL
);
CREATE INDEX signer_credential_chain_credential ON signer_credential_chain (credential);

-- The newest status of a credential counts; without a row it is enabled.
CREATE TABLE signer_credential_status (
    sequence   INTEGER PRIMARY KEY,
    credential TEXT NOT NULL REFERENCES signer_credential (id),
    status     TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
    since      TEXT NOT NULL
);
CREATE INDEX signer_credential_status_credential ON signer_credential_status (credential);

-- Signature activation data: its ledger rows are first_row .. first_row + signatures - 1 of signer_ledger.
CREATE TABLE signer_authorization (
    sad_hash   BLOB PRIMARY KEY,
    client     TEXT NOT NULL,
    credential TEXT NOT NULL,
    digest_oid TEXT,               -- null: not bound to hashes (SCAL 1)
    granted_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    first_row  INTEGER NOT NULL,
    signatures INTEGER NOT NULL
);

-- One row for each authorized signature: authorized while consumed_at is null, consumed from then on.
CREATE TABLE signer_ledger (
    id          INTEGER PRIMARY KEY,
    digest      BLOB,
    consumed_at TEXT
);

-- entry: canonical JSON. hash: SHA-256(hash of the entry before, or 32 zero bytes, followed by entry).
CREATE TABLE signer_audit (
    sequence INTEGER PRIMARY KEY,
    entry    TEXT NOT NULL,
    hash     BLOB NOT NULL
);
