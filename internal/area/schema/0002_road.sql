-- +goose Up
-- Lines of the map: roads, railways, waters. lines is JSON: lists of [lon, lat]
-- in WGS-84. The box is in 1e-7 degrees. Roads are no borders and keep no history.
CREATE TABLE area_road (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    class  TEXT NOT NULL,
    weight BIGINT NOT NULL,
    lines  TEXT NOT NULL,
    west   BIGINT NOT NULL,
    south  BIGINT NOT NULL,
    east   BIGINT NOT NULL,
    north  BIGINT NOT NULL
);
CREATE INDEX area_road_box ON area_road(weight, west, east);
