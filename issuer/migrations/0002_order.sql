-- The newest certificates are found without reading all of them.
CREATE INDEX issued_certificate_newest ON issued_certificate (issued_at, number);
