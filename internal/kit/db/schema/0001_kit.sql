-- +goose Up
CREATE TABLE kit_epoch (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO kit_epoch(name, value) VALUES ('edition', 0), ('grants', 1);

CREATE TABLE kit_lease (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  BIGINT NOT NULL
);

CREATE TABLE kit_once (
    actor    TEXT NOT NULL,
    verb     TEXT NOT NULL,
    key      TEXT NOT NULL,
    body     TEXT NOT NULL,
    answer   TEXT NOT NULL,
    recorded BIGINT NOT NULL,
    PRIMARY KEY (actor, verb, key)
);
CREATE INDEX kit_once_recorded ON kit_once(recorded);

CREATE TABLE kit_blob (
    id     TEXT PRIMARY KEY,
    media  TEXT NOT NULL,
    size   BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    data   BYTEA NOT NULL
);
