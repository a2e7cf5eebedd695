-- +goose Up
-- What a reader could not read or write: a case, or of a reader by act one act.
-- item is the case or the act; number is the leaf at which it stuck.
CREATE TABLE ledger_parked (
    reader   TEXT NOT NULL,
    item     TEXT NOT NULL,
    case_id  TEXT NOT NULL,
    act_id   TEXT NOT NULL,
    number   BIGINT NOT NULL,
    tries    BIGINT NOT NULL,
    problem  TEXT NOT NULL,
    recorded BIGINT NOT NULL,
    PRIMARY KEY (reader, item)
);
