package finance

import (
	"context"
	"strconv"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

const lineColumns = `n, sheet, row_number, day, voucher, summary, account, category, income, expenditure, balance, post`

// linesAtOnce is how many lines one statement writes and one commit takes: the
// writer is free between batches.
const linesAtOnce = 400

// writer stores lines in batches.
type writer struct {
	s    *Service
	ctx  context.Context
	book string
	args []any
	n    int
}

func (w *writer) line(l Line) error {
	w.args = append(w.args, w.book, l.N, l.Sheet, l.Row, int64(l.Day), l.Voucher, l.Summary, l.Account, l.Category, l.Income, l.Expenditure, l.Balance, l.Post)
	if w.n++; w.n == linesAtOnce {
		return w.flush()
	}
	return nil
}

func (w *writer) flush() error {
	if w.n == 0 {
		return nil
	}
	const columns = 13
	var q strings.Builder
	q.WriteString(`INSERT INTO finance_line(book, ` + lineColumns + `) VALUES `)
	for i := range w.n {
		if i > 0 {
			q.WriteByte(',')
		}
		for c := range columns {
			q.WriteString([]string{"($", ",$"}[min(c, 1)])
			q.WriteString(strconv.Itoa(i*columns + c + 1))
		}
		q.WriteByte(')')
	}
	args := w.args
	err := w.s.DB.Commit(w.ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(q.String(), args...)
		return err
	})
	w.args, w.n = nil, 0
	return err
}

// forget takes away the lines of a book that is being checked again.
func (s *Service) forgetLines(ctx context.Context, book string) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM finance_line WHERE book = $1 AND NOT EXISTS (SELECT 1 FROM finance_book b WHERE b.id = $1 AND b.state = '`+Bound+`')`, book)
		return err
	})
}

// Filter chooses lines of a book.
type Filter struct {
	Account, Category, Words string
	Vouchers                 bool // only lines with a picture
	After                    int
	Limit                    int // 0 = all
}

// each gives the lines that a filter chooses, in their order.
func (s *Service) each(ctx context.Context, q db.Query, book string, f Filter, yield func(Line) error) error {
	where, args := `book = $1 AND n > $2`, []any{book, f.After}
	and := func(cond string, v any) {
		args = append(args, v)
		where += ` AND ` + strings.ReplaceAll(cond, "?", "$"+strconv.Itoa(len(args)))
	}
	if f.Account != "" {
		and(`account = ?`, f.Account)
	}
	if f.Category != "" {
		and(`category = ?`, f.Category)
	}
	if f.Words != "" {
		and(`(LOWER(summary) LIKE ? ESCAPE '\' OR LOWER(voucher) LIKE ? ESCAPE '\')`, "%"+escape(strings.ToLower(f.Words))+"%")
	}
	if f.Vouchers {
		where += ` AND n IN (SELECT v.line FROM finance_voucher v WHERE v.book = $1)`
	}
	text := `SELECT ` + lineColumns + ` FROM finance_line WHERE ` + where + ` ORDER BY n`
	if f.Limit > 0 {
		args = append(args, f.Limit)
		text += ` LIMIT $` + strconv.Itoa(len(args))
	}
	rows, err := q.Rows(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var l Line
		var day int64
		if err := rows.Scan(&l.N, &l.Sheet, &l.Row, &day, &l.Voucher, &l.Summary, &l.Account, &l.Category, &l.Income, &l.Expenditure, &l.Balance, &l.Post); err != nil {
			return err
		}
		l.Day = clock.Day(day)
		if err := yield(l); err != nil {
			return err
		}
	}
	return rows.Err()
}

// escape keeps the signs of LIKE from meaning anything.
func escape(s string) string { return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) }

// linesOf are the lines that a filter chooses.
func (s *Service) linesOf(ctx context.Context, q db.Query, book string, f Filter) (out []Line, err error) {
	err = s.each(ctx, q, book, f, func(l Line) error {
		out = append(out, l)
		return nil
	})
	return out, err
}

// lineOf is one line of a book.
func (s *Service) lineOf(ctx context.Context, q db.Query, book string, n int) (Line, error) {
	list, err := s.linesOf(ctx, q, book, Filter{After: n - 1, Limit: 1})
	if err == nil && (len(list) == 0 || list[0].N != n) {
		err = noLine(n)
	}
	if err != nil {
		return Line{}, err
	}
	return list[0], nil
}
