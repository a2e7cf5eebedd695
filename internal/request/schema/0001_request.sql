-- +goose Up
-- A photo that somebody sent before or with an act: who may attach it, and to
-- which case it came. owner is a keyed hash of the form's or sender's own key.
CREATE TABLE request_photo (
    blob    TEXT PRIMARY KEY,
    owner   TEXT NOT NULL,
    sum     TEXT NOT NULL,
    case_id TEXT NOT NULL,
    sent    BIGINT NOT NULL,
    UNIQUE (owner, sum)
);
CREATE INDEX request_photo_stale ON request_photo(sent) WHERE case_id = '';

-- What was imported, so that the same file twice changes nothing.
CREATE TABLE request_import (
    number  TEXT PRIMARY KEY,
    sum     TEXT NOT NULL,
    case_id TEXT NOT NULL
);
