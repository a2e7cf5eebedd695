-- +goose Up
CREATE TABLE desk_filter (
    id      TEXT PRIMARY KEY,
    person  TEXT NOT NULL,
    name    TEXT NOT NULL,
    query   TEXT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (person, name)
);
CREATE TABLE desk_template (
    id        TEXT PRIMARY KEY,
    person    TEXT NOT NULL,
    unit      TEXT NOT NULL,
    procedure TEXT NOT NULL,
    field     TEXT NOT NULL,
    name      TEXT NOT NULL,
    body      TEXT NOT NULL,
    changed   BIGINT NOT NULL
);
CREATE INDEX desk_template_person ON desk_template(person);
CREATE INDEX desk_template_unit ON desk_template(unit) WHERE unit <> '';
