-- +goose Up
-- doc is the number of the case's first leaf plus one; print tells whether the
-- words have changed since they were written.
CREATE TABLE search_case (
    case_id TEXT PRIMARY KEY,
    doc     BIGINT NOT NULL UNIQUE,
    print   TEXT NOT NULL
);

CREATE TABLE search_parked (
    case_id  TEXT PRIMARY KEY,
    act_id   TEXT NOT NULL,
    number   BIGINT NOT NULL,
    tries    BIGINT NOT NULL,
    problem  TEXT NOT NULL,
    recorded BIGINT NOT NULL
);

-- +linli fulltext search_text
