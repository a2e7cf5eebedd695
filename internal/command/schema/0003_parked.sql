-- +goose Up
-- What is parked is kept in one table for all readers of the log. seq of
-- command_case is from now on the first leaf of a round that changed the case.
INSERT INTO ledger_parked(reader, item, case_id, act_id, number, tries, problem, recorded)
    SELECT 'command', case_id, case_id, act_id, number, tries, problem, recorded FROM command_parked;
DROP TABLE command_parked;
