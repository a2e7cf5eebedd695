package finance

import (
	"context"
	"encoding/json"
	"errors"

	"linli/internal/casework"
	"linli/internal/kit/db"
)

// Acts of the procedures that this room folds into its tables.
const (
	actImport    = "import"
	actReplace   = "replace"
	actCorrect   = "correct"
	actRecorrect = "recorrect"
	actAttach    = "attach"
	actLook      = "look"
)

// touched keeps this room's tables true in the transaction of every act.
func (s *Service) touched(tx *db.Tx, name string, row casework.ActRow) error {
	switch name {
	case Procedure:
		return booked(tx, row)
	case Question, Objection:
		return asked(tx, name, row)
	}
	return nil
}

// said is an open value of an act; the zero value where it says nothing.
func said[T any](row casework.ActRow, name string) (v T) {
	if raw := row.Body[name].Value; len(raw) > 0 {
		_ = json.Unmarshal(raw, &v) // a value of another shape says nothing
	}
	return v
}

func booked(tx *db.Tx, row casework.ActRow) error {
	switch row.Act {
	case actImport, actReplace, actCorrect, actRecorrect:
		return bind(tx, row)
	case actAttach:
		for _, blob := range said[[]string](row, "photos") {
			if _, err := tx.Exec(`INSERT INTO finance_voucher(book, blob, line, verdict)
				SELECT b.id, $2, $3, '' FROM finance_book b WHERE b.case_id = $1 AND b.standing = 1
				ON CONFLICT (book, blob) DO NOTHING`, row.CaseID, blob, said[int64](row, "line")); err != nil {
				return err
			}
		}
		return nil
	case actLook:
		_, err := tx.Exec(`UPDATE finance_voucher SET verdict = $3 WHERE blob = $2 AND book IN (SELECT b.id FROM finance_book b WHERE b.case_id = $1)`,
			row.CaseID, said[string](row, "picture"), said[string](row, "verdict"))
		return err
	case "post", "post_again":
		_, err := tx.Exec(`UPDATE finance_book SET posted = $2, post_act = $3 WHERE case_id = $1 AND standing = 1`, row.CaseID, row.Happened, row.ID)
		return err
	case "take_down":
		_, err := tx.Exec(`UPDATE finance_book SET ended = $2 WHERE case_id = $1`, row.CaseID, row.Happened)
		return err
	case "withdraw":
		_, err := tx.Exec(`UPDATE finance_book SET standing = 0 WHERE case_id = $1`, row.CaseID)
		return err
	case casework.ActAnnul:
		return annulled(tx, row)
	case casework.ActErase:
		return erased(tx, row)
	}
	return nil
}

// bind gives a book to its case. Pictures and questions of the version before go
// with the lines that stand in the new one as they did.
func bind(tx *db.Tx, row casework.ActRow) error {
	book := said[string](row, "book")
	var before string
	err := tx.Row(`SELECT id FROM finance_book WHERE case_id = $1 AND standing = 1`, row.CaseID).Scan(&before)
	if err != nil && !errors.Is(err, db.NoRows) {
		return err
	}
	if _, err := tx.Exec(`UPDATE finance_book SET standing = 0 WHERE case_id = $1`, row.CaseID); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE finance_book SET state = '`+Bound+`', case_id = $2, bind_act = $3, standing = 1,
		version = 1 + (SELECT COUNT(*) FROM finance_book o WHERE o.case_id = $2 AND o.id <> $1) WHERE id = $1`, book, row.CaseID, row.ID); err != nil {
		return err
	}
	if before == "" || before == book {
		return nil
	}
	return carry(tx, before, book)
}

// carry takes pictures and questions from one version to another, with the lines
// that stand there as they did.
func carry(tx *db.Tx, before, book string) error {
	const same = ` FROM finance_line a JOIN finance_line b ON b.book = $2 AND a.day = b.day AND a.voucher = b.voucher AND a.account = b.account
		AND a.income = b.income AND a.expenditure = b.expenditure AND a.summary = b.summary WHERE a.book = $1 AND a.n = `
	if _, err := tx.Exec(`INSERT INTO finance_voucher(book, blob, line, verdict)
		SELECT b.id, v.blob, (SELECT MIN(b.n)`+same+`v.line), v.verdict FROM finance_voucher v JOIN finance_book b ON b.id = $2
		WHERE v.book = $1 AND EXISTS (SELECT 1`+same+`v.line) ON CONFLICT (book, blob) DO NOTHING`, before, book); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE finance_asked SET book = $2, line = (SELECT MIN(b.n)`+same+`finance_asked.line)
		WHERE book = $1 AND line > 0 AND EXISTS (SELECT 1`+same+`finance_asked.line)`, before, book)
	return err
}

// annulled takes back what the annulled act did here.
func annulled(tx *db.Tx, row casework.ActRow) error {
	if _, err := tx.Exec(`UPDATE finance_book SET posted = 0, post_act = '' WHERE post_act = $1`, row.Annuls); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE finance_book SET ended = 0 WHERE case_id = $1`, row.CaseID); err != nil {
		return err
	}
	var book, before string
	err := tx.Row(`SELECT id FROM finance_book WHERE bind_act = $1`, row.Annuls).Scan(&book)
	if errors.Is(err, db.NoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE finance_book SET state = '`+Ready+`', case_id = '', bind_act = '', standing = 0, version = 0 WHERE id = $1`, book); err != nil {
		return err
	}
	err = tx.Row(`SELECT id FROM finance_book WHERE case_id = $1 ORDER BY version DESC LIMIT 1`, row.CaseID).Scan(&before)
	if err != nil {
		if errors.Is(err, db.NoRows) {
			return nil
		}
		return err
	}
	if _, err := tx.Exec(`UPDATE finance_book SET standing = 1 WHERE id = $1`, before); err != nil {
		return err
	}
	return carry(tx, book, before)
}

// erased hides the pictures whose act's values were destroyed: which ones the act
// no longer says, so that all of the case wait to be looked at again.
func erased(tx *db.Tx, row casework.ActRow) error {
	_, err := tx.Exec(`UPDATE finance_voucher SET verdict = '' WHERE book IN (SELECT b.id FROM finance_book b WHERE b.case_id = $1)`, row.CaseID)
	return err
}

// asked folds a question or an objection. Words are kept here only as long as
// somebody lets them stand beside the line.
func asked(tx *db.Tx, kind string, row casework.ActRow) error {
	if row.Delta.Opened != nil {
		_, err := tx.Exec(`INSERT INTO finance_asked(case_id, kind, book, line, state, asked, answered, shown, question, answer)
			VALUES ($1, $2, $3, $4, $5, $6, 0, 0, '', '') ON CONFLICT (case_id) DO NOTHING`,
			row.CaseID, kind, said[string](row, "book"), said[int64](row, "line"), row.To, row.Recorded)
		return err
	}
	if row.Delta.Quiet {
		return nil
	}
	switch row.Act {
	case "answer", "decide", "dismiss":
		shown := 0
		if said[bool](row, "shown") {
			shown = 1
		}
		question, answer := said[string](row, "shown_question"), said[string](row, "answer")
		if shown == 0 {
			question, answer = "", ""
		}
		_, err := tx.Exec(`UPDATE finance_asked SET state = $2, answered = $3, shown = $4, question = $5, answer = $6 WHERE case_id = $1`,
			row.CaseID, row.To, row.Happened, shown, question, answer)
		return err
	case casework.ActErase, casework.ActAnnul:
		_, err := tx.Exec(`UPDATE finance_asked SET state = $2, shown = 0, question = '', answer = '' WHERE case_id = $1`, row.CaseID, row.To)
		return err
	}
	_, err := tx.Exec(`UPDATE finance_asked SET state = $2 WHERE case_id = $1`, row.CaseID, row.To)
	return err
}

// askedOf are the questions and objections of a book: all, or of one line.
func (s *Service) askedOf(ctx context.Context, book string, line int) ([]Asked, error) {
	where, args := `book = $1`, []any{book}
	if line > 0 {
		where, args = where+` AND line = $2`, append(args, line)
	}
	rows, err := s.DB.Reader().Rows(ctx, `SELECT case_id, kind, line, state, asked, answered, shown, question, answer FROM finance_asked WHERE `+where+` ORDER BY asked, case_id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Asked
	for rows.Next() {
		var a Asked
		var shown int64
		if err := rows.Scan(&a.Case, &a.Kind, &a.Line, &a.State, &a.Asked, &a.Answered, &shown, &a.Words, &a.Answer); err != nil {
			return nil, err
		}
		a.Shown = shown == 1
		out = append(out, a)
	}
	return out, rows.Err()
}

// askedLines is how many questions stand at the lines of a book.
func (s *Service) askedLines(ctx context.Context, book string) (map[int]int, error) {
	return s.counts(ctx, `SELECT line, COUNT(*) FROM finance_asked WHERE book = $1 AND line > 0 GROUP BY line`, book)
}

// pictured is how many public pictures the lines of a book have.
func (s *Service) pictured(ctx context.Context, book string, every bool) (map[int]int, error) {
	q := `SELECT line, COUNT(*) FROM finance_voucher WHERE book = $1 AND verdict = '` + Public + `' GROUP BY line`
	if every {
		q = `SELECT line, COUNT(*) FROM finance_voucher WHERE book = $1 GROUP BY line`
	}
	return s.counts(ctx, q, book)
}

func (s *Service) counts(ctx context.Context, q, book string) (map[int]int, error) {
	rows, err := s.DB.Reader().Rows(ctx, q, book)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int]int{}
	for rows.Next() {
		var line, n int
		if err := rows.Scan(&line, &n); err != nil {
			return nil, err
		}
		out[line] = n
	}
	return out, rows.Err()
}

// vouchers are the pictures of one line, or with 0 of a whole book.
func (s *Service) vouchers(ctx context.Context, q db.Query, book string, line int) ([]Voucher, error) {
	where, args := `book = $1`, []any{book}
	if line > 0 {
		where, args = where+` AND line = $2`, append(args, line)
	}
	rows, err := q.Rows(ctx, `SELECT blob, line, verdict FROM finance_voucher WHERE `+where+` ORDER BY line, blob`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Voucher
	for rows.Next() {
		var v Voucher
		if err := rows.Scan(&v.Blob, &v.Line, &v.Verdict); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
