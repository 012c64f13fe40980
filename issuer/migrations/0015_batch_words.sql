-- What a batch waits for, or why it is stopped, in Japanese too.
ALTER TABLE batch ADD COLUMN problem_ja TEXT;
