-- +goose Up
CREATE TABLE ledger_leaf (
    id       TEXT PRIMARY KEY,
    kind     TEXT NOT NULL,
    case_id  TEXT NOT NULL,
    leaf     TEXT NOT NULL,
    erases   TEXT NOT NULL,
    recorded BIGINT NOT NULL,
    number   BIGINT
);
CREATE UNIQUE INDEX ledger_leaf_number ON ledger_leaf(number) WHERE number IS NOT NULL;
CREATE INDEX ledger_leaf_waiting ON ledger_leaf(recorded, id) WHERE number IS NULL;
CREATE INDEX ledger_leaf_erases ON ledger_leaf(id) WHERE erases <> '';

CREATE TABLE ledger_tile (
    level  BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, number)
);

-- prior is the size of the checkpoint this one follows: being unique it lets
-- each checkpoint have one successor, whichever of two racing nodes comes first.
CREATE TABLE ledger_checkpoint (
    size     BIGINT PRIMARY KEY,
    prior    BIGINT NOT NULL UNIQUE,
    root     TEXT NOT NULL,
    note     TEXT NOT NULL,
    recorded BIGINT NOT NULL
);

CREATE TABLE ledger_cursor (
    reader TEXT PRIMARY KEY,
    number BIGINT NOT NULL
);
