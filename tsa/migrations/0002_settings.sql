-- How a unit signs: AlgorithmIdentifier, DER in lower hex; null where it is what fits its key.
ALTER TABLE tsa_unit ADD COLUMN algorithm TEXT;

-- Whether no two of its tokens have one genTime: 1 or 0.
ALTER TABLE tsa_unit ADD COLUMN ordering INTEGER NOT NULL DEFAULT 0;

-- What genTime has beyond the second.
ALTER TABLE tsa_token ADD COLUMN microseconds INTEGER NOT NULL DEFAULT 0;

-- Each genTime that a unit with ordered tokens has given, taken before it is signed.
CREATE TABLE tsa_ordered_time (
    unit TEXT NOT NULL,
    microseconds INTEGER NOT NULL,        -- since 1970
    PRIMARY KEY (unit, microseconds)
);
