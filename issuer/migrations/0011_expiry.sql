-- The last day on which a certificate counts, in Japan: YYYY-MM-DD, empty if it does not expire. Of what is there already the day stands in JSON, which
-- the program reads when it opens the world: until then it is null.
ALTER TABLE certificate_listing ADD COLUMN valid_until TEXT;
CREATE INDEX certificate_listing_unread ON certificate_listing (number) WHERE valid_until IS NULL;
-- Those that expire, in the order of the list.
CREATE INDEX certificate_listing_expiring ON certificate_listing (issued_at, number) WHERE valid_until > '';
