-- +goose Up
CREATE INDEX casework_told_person ON casework_told(person, seen, recorded) WHERE person <> '';
