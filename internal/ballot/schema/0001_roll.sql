-- +goose Up
-- Rolls: one version of the list of who belongs to a body of an area. A version is
-- never changed; a correction is the next version. counts is JSON, salt and hash
-- commit to its lines, frozen is when a meeting was first called with it.
CREATE TABLE ballot_roll (
    id       TEXT PRIMARY KEY,
    area     TEXT NOT NULL,
    body     TEXT NOT NULL,
    grp      TEXT NOT NULL,
    version  BIGINT NOT NULL,
    as_of    BIGINT NOT NULL,
    salt     TEXT NOT NULL,
    hash     TEXT NOT NULL,
    counts   TEXT NOT NULL,
    source   TEXT NOT NULL,
    reason   TEXT NOT NULL,
    made     BIGINT NOT NULL,
    made_by  TEXT NOT NULL,
    frozen   BIGINT NOT NULL
);
CREATE UNIQUE INDEX ballot_roll_version ON ballot_roll(area, body, grp, version);
-- One line for each person. name is sealed; found is its keyed index.
CREATE TABLE ballot_line (
    roll           TEXT NOT NULL,
    no             BIGINT NOT NULL,
    name           TEXT NOT NULL,
    found          TEXT NOT NULL,
    household      TEXT NOT NULL,
    grp            TEXT NOT NULL,
    unit           TEXT NOT NULL,
    adult          BIGINT NOT NULL,
    for_household  BIGINT NOT NULL,
    representative BIGINT NOT NULL,
    committee      BIGINT NOT NULL,
    woman          BIGINT NOT NULL,
    party          BIGINT NOT NULL,
    capable        BIGINT NOT NULL,
    PRIMARY KEY (roll, no)
);
CREATE INDEX ballot_line_found ON ballot_line(found);
