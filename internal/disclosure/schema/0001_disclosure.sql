-- +goose Up
-- One row for each case of the procedures that the catalogue names, folded from
-- its acts: no words of it. waiting says that it is owed and not posted yet.
CREATE TABLE disclosure_case (
    case_id   TEXT PRIMARY KEY,
    procedure TEXT NOT NULL,
    item      TEXT NOT NULL,
    col       TEXT NOT NULL,
    area      TEXT NOT NULL,
    period    TEXT NOT NULL,
    about     TEXT NOT NULL,
    state     TEXT NOT NULL,
    waiting   BIGINT NOT NULL,
    due       BIGINT NOT NULL,
    opened    BIGINT NOT NULL,
    published BIGINT NOT NULL,
    over      BIGINT NOT NULL,
    persons   BIGINT NOT NULL,
    acts      BIGINT NOT NULL
);
CREATE INDEX disclosure_case_waiting ON disclosure_case(area, due) WHERE waiting = 1;
CREATE INDEX disclosure_case_board ON disclosure_case(area, published) WHERE published > 0;
CREATE INDEX disclosure_case_about ON disclosure_case(about) WHERE about <> '';
