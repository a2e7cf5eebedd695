-- +goose Up
-- Meetings as they stand: a fold of the acts of procedure meeting, written in
-- their own transactions. sitting is the case that keeps the attendance; touched
-- is moved to lock it.
CREATE TABLE ballot_meeting (
    case_id TEXT PRIMARY KEY,
    sitting TEXT NOT NULL,
    roll    TEXT NOT NULL,
    area    TEXT NOT NULL,
    day     TEXT NOT NULL,
    state   TEXT NOT NULL,
    parent  TEXT NOT NULL,
    text    TEXT NOT NULL,
    touched BIGINT NOT NULL
);
CREATE INDEX ballot_meeting_sitting ON ballot_meeting(sitting);
CREATE INDEX ballot_meeting_area ON ballot_meeting(area);
-- Who came to a sitting, by the line of its roll; gone is 0 while they are there.
CREATE TABLE ballot_presence (
    sitting   TEXT NOT NULL,
    line      BIGINT NOT NULL,
    how       TEXT NOT NULL,
    by_line   BIGINT NOT NULL,
    household TEXT NOT NULL,
    arrived   BIGINT NOT NULL,
    gone      BIGINT NOT NULL,
    PRIMARY KEY (sitting, line)
);
-- Who entrusted whom for a sitting.
CREATE TABLE ballot_proxy (
    sitting TEXT NOT NULL,
    line    BIGINT NOT NULL,
    by_line BIGINT NOT NULL,
    PRIMARY KEY (sitting, line)
);
