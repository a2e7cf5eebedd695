-- +goose Up
CREATE TABLE area_area (
    code      TEXT NOT NULL,
    name      TEXT NOT NULL,
    name_en   TEXT NOT NULL,
    level     BIGINT NOT NULL,
    from_day  BIGINT NOT NULL,
    until_day BIGINT NOT NULL,
    PRIMARY KEY (code, from_day)
);
CREATE INDEX area_area_upper ON area_area(level, code) WHERE level < 5;

CREATE TABLE area_succession (
    old_code TEXT NOT NULL,
    new_code TEXT NOT NULL,
    day      BIGINT NOT NULL,
    reason   TEXT NOT NULL,
    PRIMARY KEY (old_code, new_code)
);
CREATE INDEX area_succession_new ON area_succession(new_code);

CREATE TABLE area_grid (
    code      TEXT NOT NULL,
    community TEXT NOT NULL,
    name      TEXT NOT NULL,
    name_en   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    phone     TEXT NOT NULL,
    geometry  TEXT NOT NULL,
    from_day  BIGINT NOT NULL,
    until_day BIGINT NOT NULL,
    PRIMARY KEY (code, from_day)
);
CREATE INDEX area_grid_community ON area_grid(community, code);

CREATE TABLE area_place (
    ref    TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    folded TEXT NOT NULL,
    lon_e7 BIGINT NOT NULL,
    lat_e7 BIGINT NOT NULL,
    area   TEXT NOT NULL
);
CREATE INDEX area_place_area ON area_place(area);

CREATE TABLE area_place_gram (
    gram TEXT NOT NULL,
    ref  TEXT NOT NULL,
    PRIMARY KEY (gram, ref)
);

CREATE TABLE area_import (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    files      TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    by_whom    TEXT NOT NULL,
    recorded   BIGINT NOT NULL,
    read_rows  BIGINT NOT NULL,
    added      BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    unchanged  BIGINT NOT NULL,
    ended      BIGINT NOT NULL,
    broken     BIGINT NOT NULL
);
