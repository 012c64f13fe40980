-- The next serial number of each year. A number is taken before anything is rendered and never used again.
CREATE TABLE certificate_counter (
    year INTEGER PRIMARY KEY,
    last INTEGER NOT NULL
);

-- 32 random bytes behind confirmation codes and salts.
CREATE TABLE issuer_secret (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    bytes BLOB NOT NULL
);

-- What was issued: written once, when the sealed file has passed its check.
CREATE TABLE issued_certificate (
    number            TEXT PRIMARY KEY,
    issued_at         TEXT NOT NULL,      -- RFC 3339, the world's time
    level             TEXT NOT NULL,
    recipient         TEXT NOT NULL,
    achievement_ja    TEXT NOT NULL,
    achievement_en    TEXT NOT NULL,
    completion        TEXT NOT NULL,      -- the completion data, JSON
    confirmation_code TEXT NOT NULL,
    seal_serial       TEXT NOT NULL,      -- of the seal certificate, lower hex
    document_digest   TEXT NOT NULL,      -- lower hex: the message-digest attribute
    sent_digest       TEXT NOT NULL,      -- lower hex: what the key server was sent
    time_stamp        TEXT,               -- RFC 3339
    sha256            TEXT NOT NULL,      -- of the sealed file, lower hex
    badge             TEXT NOT NULL,      -- compact JWS
    pdf               BLOB NOT NULL
);

-- Pictures that badges show, by their SHA-256 in lower hex.
CREATE TABLE badge_picture (
    sha256 TEXT PRIMARY KEY,
    png    BLOB NOT NULL
);
