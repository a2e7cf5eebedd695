-- +goose Up
-- One version of a village's accounts of one period. state: new, refused, ready,
-- bound. What a case says of it (version, posted, ended) is written in the act's
-- own transaction.
CREATE TABLE finance_book (
    id        TEXT PRIMARY KEY,
    village   TEXT NOT NULL,
    period    TEXT NOT NULL,
    first_day BIGINT NOT NULL,
    last_day  BIGINT NOT NULL,
    state     TEXT NOT NULL,
    person    TEXT NOT NULL,
    name      TEXT NOT NULL,
    file      TEXT NOT NULL,
    target    TEXT NOT NULL, -- of a replacement or correction: case and act
    mapping   TEXT NOT NULL,
    report    TEXT NOT NULL,
    lines     BIGINT NOT NULL,
    digest    TEXT NOT NULL,
    sums      TEXT NOT NULL,
    case_id   TEXT NOT NULL,
    version   BIGINT NOT NULL,
    bind_act  TEXT NOT NULL, -- the act that gave it to its case
    standing  BIGINT NOT NULL, -- 1: the case holds this version now
    post_act  TEXT NOT NULL,
    posted    BIGINT NOT NULL,
    ended     BIGINT NOT NULL,
    recorded  BIGINT NOT NULL
);
CREATE INDEX finance_book_village ON finance_book(village, last_day, posted);
CREATE INDEX finance_book_case ON finance_book(case_id);
CREATE TABLE finance_line (
    book        TEXT NOT NULL,
    n           BIGINT NOT NULL,
    sheet       TEXT NOT NULL,
    row_number  BIGINT NOT NULL,
    day         BIGINT NOT NULL,
    voucher     TEXT NOT NULL,
    summary     TEXT NOT NULL,
    account     TEXT NOT NULL,
    category    TEXT NOT NULL,
    income      BIGINT NOT NULL,
    expenditure BIGINT NOT NULL,
    balance     BIGINT NOT NULL,
    post        TEXT NOT NULL,
    PRIMARY KEY (book, n)
);
-- How a village's workbooks call their columns, confirmed once by a person.
CREATE TABLE finance_mapping (
    village  TEXT NOT NULL,
    shape    TEXT NOT NULL,
    learnt   TEXT NOT NULL,
    person   TEXT NOT NULL,
    recorded BIGINT NOT NULL,
    PRIMARY KEY (village, shape)
);
-- Questions about lines and objections, as their cases stand. Texts are there only
-- when somebody looked and lets them stand beside the line.
CREATE TABLE finance_asked (
    case_id   TEXT PRIMARY KEY,
    kind      TEXT NOT NULL,
    book      TEXT NOT NULL,
    line      BIGINT NOT NULL,
    state     TEXT NOT NULL,
    asked     BIGINT NOT NULL,
    answered  BIGINT NOT NULL,
    shown     BIGINT NOT NULL,
    question  TEXT NOT NULL,
    answer    TEXT NOT NULL
);
CREATE INDEX finance_asked_line ON finance_asked(book, line);
-- Pictures of lines, and what a second person said of them.
CREATE TABLE finance_voucher (
    book    TEXT NOT NULL,
    blob    TEXT NOT NULL,
    line    BIGINT NOT NULL,
    verdict TEXT NOT NULL, -- empty until somebody looked; public or kept
    PRIMARY KEY (book, blob)
);
