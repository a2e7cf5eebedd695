-- +goose Up
-- A deputy is asked, and agrees or not; the kinds of work are all posts ('') or one.
ALTER TABLE identity_deputy ADD COLUMN post TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_deputy ADD COLUMN state TEXT NOT NULL DEFAULT 'accepted';
ALTER TABLE identity_deputy ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_deputy ADD COLUMN set_by TEXT NOT NULL DEFAULT '';
