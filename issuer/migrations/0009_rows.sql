-- Rows are found by the number that they have, so that no two open rows are given the same one.
CREATE INDEX batch_row_number ON batch_row (number);
-- The registrar's own key of a row, as it stands in the file.
ALTER TABLE batch_row ADD COLUMN given_key TEXT;
