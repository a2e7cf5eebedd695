-- +goose Up
CREATE TABLE setup_mark (
    item   TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    name   TEXT NOT NULL,
    at     BIGINT NOT NULL
);
