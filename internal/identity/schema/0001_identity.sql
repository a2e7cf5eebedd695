-- +goose Up
CREATE TABLE identity_unit (
    id        TEXT PRIMARY KEY,
    parent    TEXT NOT NULL,
    path      TEXT NOT NULL,
    name      TEXT NOT NULL,
    name_en   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    function  TEXT NOT NULL,
    area      TEXT NOT NULL,
    owner     TEXT NOT NULL,
    commander TEXT NOT NULL,
    until     BIGINT NOT NULL
);

CREATE TABLE identity_person (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    login       TEXT NOT NULL UNIQUE,
    password    TEXT NOT NULL,
    must_change BIGINT NOT NULL,
    created     BIGINT NOT NULL,
    until       BIGINT NOT NULL
);

CREATE TABLE identity_post (
    id     TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    unit   TEXT NOT NULL,
    kind   TEXT NOT NULL,
    area   TEXT NOT NULL,
    begins BIGINT NOT NULL,
    ends   BIGINT NOT NULL
);
CREATE INDEX identity_post_person ON identity_post(person);
CREATE INDEX identity_post_unit ON identity_post(unit);

CREATE TABLE identity_deputy (
    id     TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    deputy TEXT NOT NULL,
    begins BIGINT NOT NULL,
    ends   BIGINT NOT NULL
);
CREATE INDEX identity_deputy_deputy ON identity_deputy(deputy);
CREATE INDEX identity_deputy_person ON identity_deputy(person);

-- Every administrative act with what opens its leaf's commitments. Append-only;
-- erasure empties salt and fields and leaves the row.
CREATE TABLE identity_act (
    id        TEXT PRIMARY KEY,
    kind      TEXT NOT NULL,
    thing     TEXT NOT NULL,
    act       TEXT NOT NULL,
    by_person TEXT NOT NULL,
    recorded  BIGINT NOT NULL,
    place     BIGINT NOT NULL,
    salt      BYTEA NOT NULL,
    fields    TEXT NOT NULL
);
CREATE INDEX identity_act_thing ON identity_act(kind, thing, place);

-- A session lives until the earlier of both instants; its row goes with it, so
-- that nothing remains of who signed in when.
CREATE TABLE identity_session (
    hash    TEXT PRIMARY KEY,
    person  TEXT NOT NULL,
    expires BIGINT NOT NULL,
    idle    BIGINT NOT NULL
);
CREATE INDEX identity_session_person ON identity_session(person);
CREATE INDEX identity_session_expires ON identity_session(expires);

CREATE TABLE identity_token (
    id      TEXT PRIMARY KEY,
    hash    TEXT NOT NULL UNIQUE,
    person  TEXT NOT NULL,
    post    TEXT NOT NULL,
    name    TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    revoked BIGINT NOT NULL
);
CREATE INDEX identity_token_person ON identity_token(person);

CREATE TABLE identity_limit (
    bucket TEXT NOT NULL,
    key    TEXT NOT NULL,
    began  BIGINT NOT NULL,
    count  BIGINT NOT NULL,
    gone   BIGINT NOT NULL,
    PRIMARY KEY (bucket, key)
);
CREATE INDEX identity_limit_gone ON identity_limit(gone);

-- One-time codes of the first run; the row 'done' closes it for good.
CREATE TABLE identity_setup (
    hash    TEXT PRIMARY KEY,
    expires BIGINT NOT NULL
);

CREATE TABLE identity_read (
    id       TEXT PRIMARY KEY,
    recorded BIGINT NOT NULL,
    person   TEXT NOT NULL,
    post     TEXT NOT NULL,
    unit     TEXT NOT NULL,
    case_id  TEXT NOT NULL,
    field    TEXT NOT NULL,
    about    TEXT NOT NULL,
    purpose  TEXT NOT NULL
);
CREATE INDEX identity_read_case ON identity_read(case_id, id);
CREATE INDEX identity_read_person ON identity_read(person, recorded);
CREATE INDEX identity_read_about ON identity_read(about, id);

CREATE TABLE identity_alarm (
    id       TEXT PRIMARY KEY,
    recorded BIGINT NOT NULL,
    person   TEXT NOT NULL,
    unit     TEXT NOT NULL,
    count    BIGINT NOT NULL
);
CREATE INDEX identity_alarm_person ON identity_alarm(person, recorded);
