-- +goose Up
-- A hand-over of what a person holds, and its items in order. It is carried on
-- where it stopped; what was handed is not handed again.
CREATE TABLE staff_handover (
    id       TEXT PRIMARY KEY,
    token    TEXT NOT NULL UNIQUE,
    person   TEXT NOT NULL,
    reason   TEXT NOT NULL,
    state    TEXT NOT NULL,
    made_by  TEXT NOT NULL,
    agreed   TEXT NOT NULL,
    recorded BIGINT NOT NULL,
    finished BIGINT NOT NULL
);
CREATE INDEX staff_handover_person ON staff_handover(person, id);
CREATE INDEX staff_handover_state ON staff_handover(state, id);

CREATE TABLE staff_handover_item (
    handover TEXT NOT NULL,
    n        BIGINT NOT NULL,
    kind     TEXT NOT NULL,
    thing    TEXT NOT NULL,
    label    TEXT NOT NULL,
    receiver TEXT NOT NULL,
    state    TEXT NOT NULL,
    fault    TEXT NOT NULL,
    PRIMARY KEY (handover, n)
);

-- Who is on duty: shifts of a month, as draft or published.
CREATE TABLE staff_roster (
    id     TEXT PRIMARY KEY,
    unit   TEXT NOT NULL,
    month  TEXT NOT NULL,
    state  TEXT NOT NULL,
    kind   TEXT NOT NULL,
    day    BIGINT NOT NULL,
    begins BIGINT NOT NULL,
    ends   BIGINT NOT NULL,
    person TEXT NOT NULL
);
CREATE INDEX staff_roster_now ON staff_roster(unit, state, ends);
CREATE INDEX staff_roster_month ON staff_roster(unit, month, state);
CREATE INDEX staff_roster_person ON staff_roster(person, state, ends);

-- A month of a unit: its telephone on duty, and its version, so that two who edit
-- at once do not undo each other's work unseen.
CREATE TABLE staff_month (
    unit      TEXT NOT NULL,
    month     TEXT NOT NULL,
    phone     TEXT NOT NULL,
    version   BIGINT NOT NULL,
    published BIGINT NOT NULL,
    by_person TEXT NOT NULL,
    PRIMARY KEY (unit, month)
);
