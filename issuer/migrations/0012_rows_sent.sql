-- For which rows of a batch requests were sent to the key server, and the numbers that these had then: several rows are sent for together.
CREATE TABLE crossing_row (
    crossing INTEGER NOT NULL,        -- as crossing.id
    batch    INTEGER NOT NULL,
    place    INTEGER NOT NULL,        -- of the row
    number   TEXT NOT NULL,
    PRIMARY KEY (number, crossing)
);
CREATE INDEX crossing_row_crossing ON crossing_row (crossing);
CREATE INDEX crossing_row_place ON crossing_row (batch, place);

-- The first of these rows, by which the requests of a batch are told page by page; null for a certificate of its own. Of what is there
-- already the rows are not known.
ALTER TABLE crossing ADD COLUMN place INTEGER;
UPDATE crossing SET place = 1 WHERE batch IS NOT NULL;
CREATE INDEX crossing_place ON crossing (batch, place);

-- What whoever sent a row should know of it, whatever came of it.
ALTER TABLE batch_row ADD COLUMN note TEXT;
ALTER TABLE batch_row ADD COLUMN note_ja TEXT;
CREATE INDEX batch_row_noted ON batch_row (batch, place) WHERE note IS NOT NULL;

-- For which row a number was taken last: what remains of it when the row has another certificate.
ALTER TABLE number_taken ADD COLUMN batch INTEGER;
ALTER TABLE number_taken ADD COLUMN place INTEGER;
