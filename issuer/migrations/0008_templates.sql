-- Templates of this world's own, every version that was ever registered: a certificate keeps by which one it was made.
CREATE TABLE certificate_template (
    id       TEXT NOT NULL,
    version  INTEGER NOT NULL,
    text     TEXT NOT NULL,      -- the TOML file as it was registered
    pictures TEXT NOT NULL,      -- the PNG files beside it, JSON: name to Base64
    added_at TEXT NOT NULL,      -- RFC 3339, the world's time
    PRIMARY KEY (id, version)
);

-- By which template a certificate was made; null for what was issued before there were several.
ALTER TABLE certificate_listing ADD COLUMN template TEXT;
ALTER TABLE certificate_listing ADD COLUMN template_version INTEGER;
