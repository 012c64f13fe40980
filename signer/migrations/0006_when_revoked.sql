-- Whether a credential signs although its certificate is revoked or suspended: testers need seals of that kind. Those of
-- earlier programs are the worlds' own, which do.
ALTER TABLE signer_credential ADD COLUMN signs_when_revoked INTEGER NOT NULL DEFAULT 1 CHECK (signs_when_revoked IN (0, 1));
