-- +goose Up
-- Cells are kept in three grains (see grain in rules.go), so that a page adds up
-- few of them. What stood is reckoned anew: the reader finds no print and begins
-- again.
DROP TABLE evaluation_count;

CREATE TABLE evaluation_count (
    grain     BIGINT NOT NULL,
    indicator TEXT NOT NULL,
    month     BIGINT NOT NULL,
    area      TEXT NOT NULL,
    unit      TEXT NOT NULL,
    class     TEXT NOT NULL,
    channel   TEXT NOT NULL,
    sealed    TEXT NOT NULL,
    n         BIGINT NOT NULL,
    whole     BIGINT NOT NULL,
    PRIMARY KEY (grain, indicator, month, area, unit, class, channel, sealed)
);

DELETE FROM evaluation_state;
