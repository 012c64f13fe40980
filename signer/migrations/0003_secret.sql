-- Secrets of services of the same process, under AES-256-GCM like private keys, bound to their name.
CREATE TABLE signer_secret (
    name   TEXT PRIMARY KEY,
    nonce  BLOB NOT NULL,
    secret BLOB NOT NULL
);
