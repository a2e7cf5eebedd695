-- +goose Up
CREATE TABLE casework_case (
    id         TEXT PRIMARY KEY,
    number     TEXT NOT NULL UNIQUE,
    procedure  TEXT NOT NULL,
    edition    BIGINT NOT NULL,
    title      TEXT NOT NULL,
    state      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    version    BIGINT NOT NULL,
    acts       BIGINT NOT NULL,
    ticks      BIGINT NOT NULL,
    unit       TEXT NOT NULL,
    person     TEXT NOT NULL,
    desk       TEXT NOT NULL,
    area       TEXT NOT NULL,
    class      TEXT NOT NULL,
    sealed     TEXT NOT NULL,
    parent     TEXT NOT NULL,
    parent_act TEXT NOT NULL,
    opened     BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    happened   BIGINT NOT NULL,
    last_act   TEXT NOT NULL,
    due        BIGINT NOT NULL,
    breached   BIGINT NOT NULL,
    escalated  TEXT NOT NULL,
    published  BIGINT NOT NULL,
    imported   BIGINT NOT NULL,
    form       TEXT NOT NULL,
    doers      TEXT NOT NULL
);
CREATE INDEX casework_case_unit ON casework_case(unit, kind, due);
CREATE INDEX casework_case_person ON casework_case(person, kind, due) WHERE person <> '';
CREATE INDEX casework_case_desk ON casework_case(desk, area, kind, due) WHERE desk <> '';
CREATE INDEX casework_case_area ON casework_case(area, kind, opened);
CREATE INDEX casework_case_parent ON casework_case(parent) WHERE parent <> '';
CREATE INDEX casework_case_class ON casework_case(class, area, opened);
CREATE INDEX casework_case_escalated ON casework_case(escalated, kind) WHERE escalated <> '';
CREATE INDEX casework_case_published ON casework_case(published) WHERE published > 0;

CREATE TABLE casework_act (
    id       TEXT PRIMARY KEY,
    case_id  TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    act      TEXT NOT NULL,
    before   TEXT NOT NULL,
    after    TEXT NOT NULL,
    person   TEXT NOT NULL,
    post     TEXT NOT NULL,
    unit     TEXT NOT NULL,
    role     TEXT NOT NULL,
    behalf   TEXT NOT NULL,
    happened BIGINT NOT NULL,
    recorded BIGINT NOT NULL,
    edition  BIGINT NOT NULL,
    delta    TEXT NOT NULL,
    body     TEXT NOT NULL,
    annuls   TEXT NOT NULL,
    erases   TEXT NOT NULL,
    UNIQUE (case_id, seq)
);

CREATE TABLE casework_clock (
    case_id TEXT NOT NULL,
    name    TEXT NOT NULL,
    status  TEXT NOT NULL,
    duty    BIGINT NOT NULL,
    next    BIGINT NOT NULL,
    detail  TEXT NOT NULL,
    PRIMARY KEY (case_id, name)
);
CREATE INDEX casework_clock_next ON casework_clock(next) WHERE next > 0;

CREATE TABLE casework_party (
    id      TEXT PRIMARY KEY,
    case_id TEXT NOT NULL,
    role    TEXT NOT NULL,
    person  TEXT NOT NULL,
    token   TEXT NOT NULL,
    unit    TEXT NOT NULL
);
CREATE INDEX casework_party_case ON casework_party(case_id);
CREATE UNIQUE INDEX casework_party_token ON casework_party(token) WHERE token <> '';
CREATE INDEX casework_party_person ON casework_party(person) WHERE person <> '';

CREATE TABLE casework_value (
    case_id TEXT NOT NULL,
    field   TEXT NOT NULL,
    words   TEXT NOT NULL,
    number  BIGINT NOT NULL,
    PRIMARY KEY (case_id, field)
);
CREATE INDEX casework_value_words ON casework_value(field, words);

CREATE TABLE casework_told (
    case_id  TEXT NOT NULL,
    act_id   TEXT NOT NULL,
    unit     TEXT NOT NULL,
    person   TEXT NOT NULL,
    recorded BIGINT NOT NULL,
    seen     BIGINT NOT NULL,
    PRIMARY KEY (act_id, unit, person)
);
CREATE INDEX casework_told_unit ON casework_told(unit, seen, recorded);
