-- +goose Up
CREATE TABLE edition_content (
    hash    TEXT PRIMARY KEY,
    content BYTEA NOT NULL
);

CREATE TABLE edition_edition (
    number    BIGINT PRIMARY KEY,
    hash      TEXT NOT NULL,
    seed      TEXT NOT NULL,
    published BIGINT NOT NULL,
    by_whom   TEXT NOT NULL,
    reason    TEXT NOT NULL,
    leaf      TEXT NOT NULL,
    salt      TEXT NOT NULL
);

-- hash is empty where the county took a file of the seed away; beneath is the
-- hash of the seed's file under a file of the county, or empty.
CREATE TABLE edition_file (
    edition BIGINT NOT NULL,
    path    TEXT NOT NULL,
    hash    TEXT NOT NULL,
    source  TEXT NOT NULL,
    beneath TEXT NOT NULL,
    PRIMARY KEY (edition, path)
);
