-- +goose Up
-- Passes of wall screens: hash is that of the token in the address, which is
-- shown once. A screen sees what the posts of its maker see.
CREATE TABLE command_screen (
    id      TEXT PRIMARY KEY,
    hash    TEXT NOT NULL UNIQUE,
    name    TEXT NOT NULL,
    area    TEXT NOT NULL,
    unit    TEXT NOT NULL,
    person  TEXT NOT NULL,
    created BIGINT NOT NULL,
    until   BIGINT NOT NULL
);
CREATE INDEX command_screen_person ON command_screen(person, created);
