-- The newest entry of the audit chain, signed: replaced with every batch, so that no earlier head is at hand for a chain that was
-- cut. head: canonical JSON (purpose, sequence, hash, at). signature: ECDSA over SHA-256 of it, DER.
CREATE TABLE signer_audit_head (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    key       TEXT NOT NULL REFERENCES signer_key (id),
    head      TEXT NOT NULL,
    signature BLOB NOT NULL
);
