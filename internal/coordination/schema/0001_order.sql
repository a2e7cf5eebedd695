-- +goose Up
-- Which orders are open, so that of two at one moment one level gets one. It is
-- written in the transaction of the order's own acts.
CREATE TABLE coordination_order (
    id    TEXT PRIMARY KEY,
    about TEXT NOT NULL,
    level TEXT NOT NULL,
    open  BIGINT NOT NULL
);
CREATE UNIQUE INDEX coordination_order_open ON coordination_order(about, level) WHERE open = 1;
