-- As 0003_bundle.sql; a world in this database never had exchanges of the earlier kind.
CREATE TABLE exchange_bundle (
    first     BIGINT PRIMARY KEY,
    length    BIGINT NOT NULL,
    exchanges TEXT NOT NULL
);
DROP TABLE exchange;
