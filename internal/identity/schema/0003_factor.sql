-- +goose Up
-- The second factor: its secret is sealed; step is the last one that was used, so
-- that a code opens once. due is by when somebody whose post asks for it must
-- have set it up.
CREATE TABLE identity_factor (
    person    TEXT PRIMARY KEY,
    secret    TEXT NOT NULL,
    confirmed BIGINT NOT NULL,
    step      BIGINT NOT NULL,
    due       BIGINT NOT NULL
);
CREATE TABLE identity_recovery (
    person TEXT NOT NULL,
    hash   TEXT NOT NULL,
    PRIMARY KEY (person, hash)
);
-- Who has shown the password and not yet the code.
CREATE TABLE identity_step (
    hash    TEXT PRIMARY KEY,
    person  TEXT NOT NULL,
    tries   BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
-- Browsers in which somebody has signed in before; until is the first of a month,
-- so that it does not say when.
CREATE TABLE identity_device (
    hash   TEXT NOT NULL,
    person TEXT NOT NULL,
    until  BIGINT NOT NULL,
    PRIMARY KEY (hash, person)
);
