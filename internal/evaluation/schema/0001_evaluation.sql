-- +goose Up
-- evaluation_case is what was reckoned of each case: print tells whether its
-- contributions moved, and holds two nodes apart that reckon the same case.
CREATE TABLE evaluation_case (
    case_id TEXT PRIMARY KEY,
    print   TEXT NOT NULL
);

-- evaluation_part is one case's present contribution to one indicator.
CREATE TABLE evaluation_part (
    case_id   TEXT NOT NULL,
    indicator TEXT NOT NULL,
    month     BIGINT NOT NULL,
    area      TEXT NOT NULL,
    unit      TEXT NOT NULL,
    class     TEXT NOT NULL,
    channel   TEXT NOT NULL,
    sealed    TEXT NOT NULL,
    n         BIGINT NOT NULL,
    whole     BIGINT NOT NULL,
    PRIMARY KEY (case_id, indicator)
);

CREATE INDEX evaluation_part_by_indicator ON evaluation_part (indicator, case_id);

-- evaluation_count is the sum of the parts: one row is one cell.
CREATE TABLE evaluation_count (
    indicator TEXT NOT NULL,
    month     BIGINT NOT NULL,
    area      TEXT NOT NULL,
    unit      TEXT NOT NULL,
    class     TEXT NOT NULL,
    channel   TEXT NOT NULL,
    sealed    TEXT NOT NULL,
    n         BIGINT NOT NULL,
    whole     BIGINT NOT NULL,
    PRIMARY KEY (indicator, month, area, unit, class, channel, sealed)
);

CREATE TABLE evaluation_parked (
    case_id  TEXT PRIMARY KEY,
    act_id   TEXT NOT NULL,
    number   BIGINT NOT NULL,
    tries    BIGINT NOT NULL,
    problem  TEXT NOT NULL,
    recorded BIGINT NOT NULL
);

-- evaluation_state has one row: by which indicators everything was reckoned, and
-- when the newest leaf was read.
CREATE TABLE evaluation_state (
    id    BIGINT PRIMARY KEY,
    print TEXT NOT NULL,
    read  BIGINT NOT NULL
);
