-- +goose Up
-- What other procedures publish of what the catalogue names: the list of what is
-- due asks which periods are there.
CREATE INDEX disclosure_case_elsewhere ON disclosure_case(procedure, area) WHERE procedure <> 'disclosure';
