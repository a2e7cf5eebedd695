-- +goose Up
-- One line is what one act tells one receiver outside the house. It holds no
-- words of the case, no name, no number and no address: text is made from kind
-- and args when it is sent, and the address is opened then.
CREATE TABLE notice_message (
    id       TEXT PRIMARY KEY,
    case_id  TEXT NOT NULL,
    number   TEXT NOT NULL,
    act_id   TEXT NOT NULL,
    who      TEXT NOT NULL,
    receiver TEXT NOT NULL,
    unit     TEXT NOT NULL,
    channel  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    args     TEXT NOT NULL,
    source   TEXT NOT NULL,
    field    TEXT NOT NULL,
    urgency  BIGINT NOT NULL,
    bunch    TEXT NOT NULL,
    recorded BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    expires  BIGINT NOT NULL,
    status   TEXT NOT NULL,
    bundle   TEXT NOT NULL,
    holder   TEXT NOT NULL,
    lease    BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    round    BIGINT NOT NULL,
    sender   TEXT NOT NULL,
    ref      TEXT NOT NULL,
    problem  TEXT NOT NULL,
    changed  BIGINT NOT NULL,
    day      BIGINT NOT NULL
);
CREATE INDEX notice_message_due ON notice_message(channel, urgency, due, id) WHERE status = 'waiting';
CREATE INDEX notice_message_bunch ON notice_message(bunch, due) WHERE status = 'waiting';
CREATE INDEX notice_message_bundle ON notice_message(bundle) WHERE bundle <> '';
CREATE INDEX notice_message_act ON notice_message(act_id);
CREATE INDEX notice_message_day ON notice_message(day, sender, status);
CREATE INDEX notice_message_number ON notice_message(number);

CREATE TABLE notice_preference (
    person  TEXT PRIMARY KEY,
    body    TEXT NOT NULL,
    changed BIGINT NOT NULL
);

CREATE TABLE notice_contact (
    person   TEXT NOT NULL,
    channel  TEXT NOT NULL,
    sealed   TEXT NOT NULL,
    verified BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    PRIMARY KEY (person, channel, verified)
);

CREATE TABLE notice_code (
    id    TEXT PRIMARY KEY,
    hash  TEXT NOT NULL,
    until BIGINT NOT NULL,
    tries BIGINT NOT NULL
);

CREATE TABLE notice_optout (
    receiver TEXT PRIMARY KEY,
    since    BIGINT NOT NULL
);

CREATE TABLE notice_link (
    code    TEXT PRIMARY KEY,
    case_id TEXT NOT NULL,
    number  TEXT NOT NULL,
    party   TEXT NOT NULL,
    role    TEXT NOT NULL
);

CREATE TABLE notice_sender (
    name    TEXT PRIMARY KEY,
    fails   BIGINT NOT NULL,
    since   BIGINT NOT NULL,
    problem TEXT NOT NULL,
    failed  BIGINT NOT NULL,
    retry   BIGINT NOT NULL,
    worked  BIGINT NOT NULL
);

CREATE TABLE notice_parked (
    act_id   TEXT PRIMARY KEY,
    case_id  TEXT NOT NULL,
    number   BIGINT NOT NULL,
    tries    BIGINT NOT NULL,
    problem  TEXT NOT NULL,
    recorded BIGINT NOT NULL
);
