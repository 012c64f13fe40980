-- Why a row has no certificate, also in Japanese; null where only English is known.
ALTER TABLE batch_row ADD COLUMN problem_ja TEXT;

-- The batch that a request with an Idempotency-Key gave.
ALTER TABLE idempotency_key ADD COLUMN batch INTEGER;
