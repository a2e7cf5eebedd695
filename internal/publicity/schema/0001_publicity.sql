-- +goose Up
-- What everybody may know of a request: a fold of its acts. acts is how many of
-- them it has seen, so that an older reading never overwrites a newer one;
-- shown = 0 keeps it off every public page.
CREATE TABLE publicity_case (
    case_id    TEXT PRIMARY KEY,
    acts       BIGINT NOT NULL,
    shown      BIGINT NOT NULL,
    class      TEXT NOT NULL,
    area       TEXT NOT NULL,
    state      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    edition    BIGINT NOT NULL,
    unit       TEXT NOT NULL,
    opened     BIGINT NOT NULL,
    settled    BIGINT NOT NULL,
    solved     TEXT NOT NULL,
    satisfied  TEXT NOT NULL,
    voices     BIGINT NOT NULL,
    imported   BIGINT NOT NULL,
    asks       BIGINT NOT NULL, -- 1: there is something that a person could release
    release_id TEXT NOT NULL,   -- what stands released, or ''
    released   BIGINT NOT NULL
);
CREATE INDEX publicity_case_newest ON publicity_case(opened, case_id) WHERE shown = 1;
CREATE INDEX publicity_case_area ON publicity_case(area, opened) WHERE shown = 1;
CREATE INDEX publicity_case_queue ON publicity_case(voices, case_id) WHERE shown = 1 AND asks = 1 AND release_id = '';

-- A copy made for the public. Its body is emptied when it is taken back or its
-- case is erased; that there was one, and its digest, stay.
CREATE TABLE publicity_release (
    id       TEXT PRIMARY KEY,
    case_id  TEXT NOT NULL,
    form_key TEXT NOT NULL UNIQUE,
    made     BIGINT NOT NULL,
    digest   TEXT NOT NULL,
    body     TEXT NOT NULL,
    search   TEXT NOT NULL
);
CREATE INDEX publicity_release_case ON publicity_release(case_id, id);
CREATE INDEX publicity_release_made ON publicity_release(made);

-- A masked photo of a copy. gone = 1: to be destroyed.
CREATE TABLE publicity_photo (
    blob       TEXT PRIMARY KEY,
    release_id TEXT NOT NULL,
    case_id    TEXT NOT NULL,
    gone       BIGINT NOT NULL
);
CREATE INDEX publicity_photo_release ON publicity_photo(release_id);
CREATE INDEX publicity_photo_gone ON publicity_photo(blob) WHERE gone = 1;

-- Where somebody has got to with a case: stretches and regions only, no words.
CREATE TABLE publicity_draft (
    case_id TEXT NOT NULL,
    person  TEXT NOT NULL,
    saved   BIGINT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (case_id, person)
);

-- Cases that a person has looked at and left as they are.
CREATE TABLE publicity_left (
    case_id TEXT PRIMARY KEY,
    at      BIGINT NOT NULL
);

CREATE TABLE publicity_parked (
    case_id  TEXT PRIMARY KEY,
    number   BIGINT NOT NULL,
    tries    BIGINT NOT NULL,
    problem  TEXT NOT NULL,
    recorded BIGINT NOT NULL
);

-- Who is told of new requests at a place. contact is sealed, mark its blind index.
CREATE TABLE publicity_subscription (
    id        TEXT PRIMARY KEY,
    kind      TEXT NOT NULL,
    area      TEXT NOT NULL,
    classes   TEXT NOT NULL,
    contact   TEXT NOT NULL,
    mark      TEXT NOT NULL,
    token     TEXT NOT NULL UNIQUE,
    code      TEXT NOT NULL,
    tries     BIGINT NOT NULL,
    made      BIGINT NOT NULL,
    confirmed BIGINT NOT NULL,
    sent      BIGINT NOT NULL,
    lang      TEXT NOT NULL
);
CREATE INDEX publicity_subscription_mark ON publicity_subscription(mark, area);
CREATE INDEX publicity_subscription_due ON publicity_subscription(sent) WHERE confirmed > 0;
