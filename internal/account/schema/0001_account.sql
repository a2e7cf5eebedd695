-- +goose Up
-- A resident's account. phone is sealed, mark its blind index; until is when it is
-- deleted by itself.
CREATE TABLE account_account (
    id      TEXT PRIMARY KEY,
    phone   TEXT NOT NULL,
    mark    TEXT NOT NULL UNIQUE,
    created BIGINT NOT NULL,
    until   BIGINT NOT NULL
);
CREATE INDEX account_account_until ON account_account(until);

-- A browser that is signed in: the hash of its token and until when, no more.
CREATE TABLE account_session (
    hash    TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX account_session_account ON account_session(account);
CREATE INDEX account_session_expires ON account_session(expires);

-- A case that its party put onto an account. weak = 1: by number and telephone,
-- not by the link.
CREATE TABLE account_case (
    account TEXT NOT NULL,
    case_id TEXT NOT NULL,
    number  TEXT NOT NULL,
    role    TEXT NOT NULL,
    party   TEXT NOT NULL,
    weak    BIGINT NOT NULL,
    added   BIGINT NOT NULL,
    PRIMARY KEY (account, case_id)
);
CREATE INDEX account_case_number ON account_case(account, number);

-- A code that was sent: by the page that asked for it, hashed with a key.
CREATE TABLE account_code (
    id    TEXT PRIMARY KEY,
    phone TEXT NOT NULL,
    mark  TEXT NOT NULL,
    hash  TEXT NOT NULL,
    until BIGINT NOT NULL,
    tries BIGINT NOT NULL
);
CREATE INDEX account_code_mark ON account_code(mark);
CREATE INDEX account_code_until ON account_code(until);
