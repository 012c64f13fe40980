-- An authorization is for the key that its credential had then: a renewal in between must not change whose signature is made.
-- Null: granted before this was kept.
ALTER TABLE signer_authorization ADD COLUMN key TEXT;
