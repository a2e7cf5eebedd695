-- +goose Up
-- What is parked is kept in one table for all readers of the log.
INSERT INTO ledger_parked(reader, item, case_id, act_id, number, tries, problem, recorded)
    SELECT 'publicity', case_id, case_id, '', number, tries, problem, recorded FROM publicity_parked;
DROP TABLE publicity_parked;
