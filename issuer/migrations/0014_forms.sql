-- In which form the texts of the list are kept, by which certificates are found. Of what is there already they are brought to it when the world
-- is opened: until then it is null.
ALTER TABLE certificate_listing ADD COLUMN form INTEGER;
CREATE INDEX certificate_listing_unformed ON certificate_listing (number) WHERE form IS NULL;
-- Those that expire, in the order of the list, with their last days: those of whom it is over are found without reading the others.
DROP INDEX certificate_listing_expiring;
CREATE INDEX certificate_listing_expiring ON certificate_listing (issued_at, number, valid_until) WHERE valid_until > '';
