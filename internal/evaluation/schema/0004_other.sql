-- +goose Up
-- The burden account tells who asked apart from who bears it: each part and cell
-- names the unit on the other side where there is one. What stood is reckoned
-- anew: the reader finds no print and begins again.
ALTER TABLE evaluation_part ADD COLUMN other TEXT NOT NULL DEFAULT '';

DROP TABLE evaluation_count;

CREATE TABLE evaluation_count (
    grain     BIGINT NOT NULL,
    indicator TEXT NOT NULL,
    month     BIGINT NOT NULL,
    area      TEXT NOT NULL,
    unit      TEXT NOT NULL,
    class     TEXT NOT NULL,
    channel   TEXT NOT NULL,
    other     TEXT NOT NULL,
    sealed    TEXT NOT NULL,
    n         BIGINT NOT NULL,
    whole     BIGINT NOT NULL,
    PRIMARY KEY (grain, indicator, month, area, unit, class, channel, other, sealed)
);

DELETE FROM evaluation_state;
