-- How an authority works, from the moment at which it is made on: written with its first certificate, and never changed. Those of
-- earlier programs have no row, and the usual settings.
CREATE TABLE ca_authority (
    id             TEXT PRIMARY KEY,
    place          INTEGER NOT NULL,      -- among the authorities as they were planned: who signs when nobody is named is looked for in this order
    algorithm      TEXT NOT NULL,         -- kind of its keys and how they sign: P-256, RSA-3072-PSS, …
    ocsp_algorithm TEXT NOT NULL,         -- the same of its OCSP responders
    crl_validity   TEXT,                  -- 90d; NULL: a day if it certifies no authorities, else 90 days
    ocsp_validity  TEXT NOT NULL,
    status         TEXT NOT NULL          -- which addresses stand in the certificates that it issues: 'crl', 'ocsp', or both with a blank between
);
