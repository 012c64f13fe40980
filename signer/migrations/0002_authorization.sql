-- An authorization is found by its first ledger row, which stands in the signature activation data beside the secret: rows
-- are appended in order, where an index of random hashes cost each authorization a page of disk.
CREATE TABLE signer_authorization_by_row (
    first_row  INTEGER PRIMARY KEY,
    sad_hash   BLOB NOT NULL,
    client     TEXT NOT NULL,
    credential TEXT NOT NULL,
    digest_oid TEXT,               -- null: not bound to hashes (SCAL 1)
    granted_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    signatures INTEGER NOT NULL
);
INSERT INTO signer_authorization_by_row
    SELECT first_row, sad_hash, client, credential, digest_oid, granted_at, expires_at, signatures FROM signer_authorization;
DROP TABLE signer_authorization;
ALTER TABLE signer_authorization_by_row RENAME TO signer_authorization;
