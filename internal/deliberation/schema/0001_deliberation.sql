-- +goose Up
-- What is listed in public: one line for each petition, consultation and matter.
CREATE TABLE deliberation_matter (
    case_id   TEXT NOT NULL PRIMARY KEY,
    procedure TEXT NOT NULL,
    area      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    opened    BIGINT NOT NULL
);
CREATE INDEX deliberation_matter_list ON deliberation_matter(procedure, opened, case_id);

-- The signatures of a petition, without names: those stand sealed in the acts. mark
-- is a keyed hash of name, household and case; it finds the same person signing twice.
CREATE TABLE deliberation_signature (
    act_id   TEXT NOT NULL PRIMARY KEY,
    case_id  TEXT NOT NULL,
    n        BIGINT NOT NULL,
    capacity TEXT NOT NULL,
    mark     TEXT NOT NULL,
    verdict  TEXT NOT NULL,
    ground   TEXT NOT NULL
);
CREATE INDEX deliberation_signature_case ON deliberation_signature(case_id, n);
CREATE UNIQUE INDEX deliberation_signature_once ON deliberation_signature(case_id, capacity, mark) WHERE verdict <> 'invalid';

-- Statements on a topic; their words stand in the acts alone, where erasure and
-- masking reach them. They are held until somebody looked; counts are those of
-- deliberation_stand.
CREATE TABLE deliberation_statement (
    act_id   TEXT NOT NULL PRIMARY KEY,
    case_id  TEXT NOT NULL,
    n        BIGINT NOT NULL,
    status   TEXT NOT NULL,
    ground   TEXT NOT NULL,
    agree    BIGINT NOT NULL,
    disagree BIGINT NOT NULL,
    unsure   BIGINT NOT NULL
);
CREATE INDEX deliberation_statement_case ON deliberation_statement(case_id, n);

-- What a device thinks of one statement, or of one result. device is a hash keyed
-- with what it is about, so that no two lines of one device can be told as such;
-- there is no time, which would link them as well.
CREATE TABLE deliberation_stand (
    about  TEXT NOT NULL,
    device TEXT NOT NULL,
    stand  TEXT NOT NULL,
    PRIMARY KEY (about, device)
);
