-- Settings of a clock are dated facts: the newest row counts.
CREATE TABLE clock_setting (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    mode        TEXT NOT NULL CHECK (mode IN ('running', 'fixed')),
    world_time  TEXT NOT NULL,   -- RFC 3339: the world's time when this was set
    system_time TEXT NOT NULL    -- RFC 3339: the system's time at that moment
);

CREATE TABLE world_fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row for each request that any service answered, in-process or over a socket.
CREATE TABLE exchange (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    at             TEXT NOT NULL,      -- RFC 3339, the world's time
    caller         TEXT NOT NULL,      -- 'client' for a request from outside, else the service that asked
    service        TEXT NOT NULL,      -- first segment of the path
    method         TEXT NOT NULL,
    path           TEXT NOT NULL,
    status         INTEGER NOT NULL,
    request_type   TEXT,
    request_bytes  INTEGER,
    response_type  TEXT,
    response_bytes INTEGER,
    microseconds   INTEGER NOT NULL
);
