-- +goose Up
-- What each period opens, as it was fixed when the period began; done is when
-- the last of its cases was opened, 0 while some are missing.
CREATE TABLE schedule_period (
    procedure TEXT NOT NULL,
    schedule  TEXT NOT NULL,
    every     TEXT NOT NULL,
    period    TEXT NOT NULL,
    first_day BIGINT NOT NULL,
    last_day  BIGINT NOT NULL,
    content   TEXT NOT NULL,
    fixed     BIGINT NOT NULL,
    done      BIGINT NOT NULL,
    PRIMARY KEY (procedure, schedule, every, period)
);
CREATE INDEX schedule_period_open ON schedule_period(last_day) WHERE done = 0;

CREATE TABLE schedule_opened (
    procedure TEXT NOT NULL,
    line      TEXT NOT NULL,
    area      TEXT NOT NULL,
    period    TEXT NOT NULL,
    case_id   TEXT NOT NULL,
    recorded  BIGINT NOT NULL,
    PRIMARY KEY (procedure, line, period, area)
);
