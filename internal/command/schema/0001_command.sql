-- +goose Up
-- One row for each case that is counted; a fold of the log. seq is the leaf that
-- changed it last, due_key sorts cases without a date last, and was_* say where
-- the row stood before its last change, so that whoever saw it there is told too.
CREATE TABLE command_case (
    case_id    TEXT PRIMARY KEY,
    number     TEXT NOT NULL,
    procedure  TEXT NOT NULL,
    state      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    live       BIGINT NOT NULL,
    decides    BIGINT NOT NULL,
    unplaced   BIGINT NOT NULL,
    child      BIGINT NOT NULL,
    class      TEXT NOT NULL,
    area       TEXT NOT NULL,
    street     TEXT NOT NULL,
    community  TEXT NOT NULL,
    unit       TEXT NOT NULL,
    sealed     TEXT NOT NULL,
    placed     BIGINT NOT NULL,
    lon        BIGINT NOT NULL,
    lat        BIGINT NOT NULL,
    opened     BIGINT NOT NULL,
    due        BIGINT NOT NULL,
    due_key    BIGINT NOT NULL,
    breached   BIGINT NOT NULL,
    escalated  TEXT NOT NULL,
    changed    BIGINT NOT NULL,
    seq        BIGINT NOT NULL,
    was_area   TEXT NOT NULL,
    was_unit   TEXT NOT NULL,
    was_sealed TEXT NOT NULL
);
CREATE INDEX command_case_seq ON command_case(seq);
CREATE INDEX command_case_due ON command_case(due_key, case_id) WHERE live = 1;
CREATE INDEX command_case_new ON command_case(opened, case_id) WHERE live = 1;
CREATE INDEX command_case_street_due ON command_case(street, due_key, case_id) WHERE live = 1;
CREATE INDEX command_case_street_new ON command_case(street, opened, case_id) WHERE live = 1;
CREATE INDEX command_case_community_due ON command_case(community, due_key, case_id) WHERE live = 1;
CREATE INDEX command_case_community_new ON command_case(community, opened, case_id) WHERE live = 1;
CREATE INDEX command_case_area_due ON command_case(area, due_key, case_id) WHERE live = 1;
CREATE INDEX command_case_unit_due ON command_case(unit, due_key, case_id) WHERE live = 1;
CREATE INDEX command_case_unit_new ON command_case(unit, opened, case_id) WHERE live = 1;
CREATE INDEX command_case_decides ON command_case(due_key, case_id) WHERE live = 1 AND decides = 1;
CREATE INDEX command_case_place ON command_case(lat, lon) WHERE live = 1 AND placed = 1;

-- Leaf counters. what: 1 open (day is the day it is due, 0 none), 2 received (day
-- is the day it came), 3 waits for a decision, 4 of these the place is not known.
-- level is how many digits of the area are kept; each case stands once on each.
CREATE TABLE command_count (
    what      BIGINT NOT NULL,
    level     BIGINT NOT NULL,
    area      TEXT NOT NULL,
    day       BIGINT NOT NULL,
    unit      TEXT NOT NULL,
    procedure TEXT NOT NULL,
    class     TEXT NOT NULL,
    state     TEXT NOT NULL,
    sealed    TEXT NOT NULL,
    n         BIGINT NOT NULL,
    PRIMARY KEY (what, level, area, day, unit, procedure, class, state, sealed)
);
CREATE INDEX command_count_unit ON command_count(what, level, unit, day);

CREATE TABLE command_parked (
    case_id  TEXT PRIMARY KEY,
    act_id   TEXT NOT NULL,
    number   BIGINT NOT NULL,
    tries    BIGINT NOT NULL,
    problem  TEXT NOT NULL,
    recorded BIGINT NOT NULL
);
