-- Keys that signed badges, by their thumbprint (RFC 7638): a badge is verified with its key for ever, whatever was renewed since.
CREATE TABLE badge_key (
    thumbprint TEXT PRIMARY KEY,
    public_key BLOB NOT NULL      -- SubjectPublicKeyInfo, DER
);
