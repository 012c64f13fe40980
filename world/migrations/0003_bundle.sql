-- Exchanges that were written together are one row: an array of them as JSON, the first of which has the number `first`.
CREATE TABLE exchange_bundle (
    first     INTEGER PRIMARY KEY,
    length    INTEGER NOT NULL,
    exchanges TEXT NOT NULL
);
INSERT INTO exchange_bundle
    SELECT MIN(id), COUNT(*), json_group_array(json_object(
        'at', at, 'caller', caller, 'service', service, 'method', method, 'path', path, 'status', status,
        'request_type', request_type, 'request_bytes', request_bytes, 'response_type', response_type,
        'response_bytes', response_bytes, 'microseconds', microseconds, 'fault', fault))
    FROM (SELECT * FROM exchange ORDER BY id) GROUP BY id / 100;
DROP TABLE exchange;
