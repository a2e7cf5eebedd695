-- +goose Up
-- A case may follow a leading case; followed says how far it has: the place of
-- the leading case's last act that reached it, 0 when it follows no more.
ALTER TABLE casework_case ADD COLUMN leader TEXT NOT NULL DEFAULT '';
ALTER TABLE casework_case ADD COLUMN followed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX casework_case_leader ON casework_case(leader, followed) WHERE leader <> '';

-- Acts of leading cases that are passed on to their followers; done is when the
-- last follower had it, 0 while some wait.
CREATE TABLE casework_pass (
    leader   TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    act_id   TEXT NOT NULL,
    recorded BIGINT NOT NULL,
    done     BIGINT NOT NULL,
    PRIMARY KEY (leader, seq)
);
CREATE INDEX casework_pass_waiting ON casework_pass(leader, seq) WHERE done = 0;

-- How often each quiet act was done on a case.
CREATE TABLE casework_count (
    case_id TEXT NOT NULL,
    act     TEXT NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (case_id, act)
);
INSERT INTO casework_count(case_id, act, n)
    SELECT case_id, act, COUNT(*) FROM casework_act WHERE delta LIKE '%"quiet":true%' GROUP BY case_id, act;
