-- +goose Up
-- Who said "I have it too": one line for each device and case. device is a keyed
-- hash of a random cookie, token the hash of the link by which they look again.
CREATE TABLE merging_voice (
    case_id  TEXT NOT NULL,
    device   TEXT NOT NULL,
    token    TEXT NOT NULL,
    recorded BIGINT NOT NULL,
    PRIMARY KEY (case_id, device)
);
CREATE UNIQUE INDEX merging_voice_token ON merging_voice(token);
