-- What a fault rule did to the request, such as 'dropped' or 'status 503'; the status is then 0 if no answer was given.
ALTER TABLE exchange ADD COLUMN fault TEXT;
