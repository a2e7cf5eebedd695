package disclosure

import (
	"context"
	"slices"

	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/ledger"
	"linli/internal/procedure"
)

// row is what of a case the board and the list of what is due need: no words.
type row struct {
	Case, Procedure, Item, Column, Area, Period, About, State string
	Waiting, Persons                                          bool
	Due, Opened, Published, Over                              int64
	Acts                                                      int64
}

// round is what one reading of a stretch of the log is to write.
type round struct {
	s    *Service
	c    *Catalogue
	ctx  context.Context
	rows map[string]row
}

func (s *Service) begin(ctx context.Context, _ []ledger.Due) (ledger.Round, error) {
	c, err := s.catalogue(ctx)
	return &round{s: s, c: c, ctx: ctx, rows: map[string]row{}}, err
}

// Prepare reads one case; false where the catalogue has nothing of its procedure.
func (r *round) Prepare(ctx context.Context, d ledger.Due) (bool, error) {
	c, p, acts, err := r.s.Cases.History(ctx, d.Case)
	if err != nil {
		return false, err
	}
	if c.Procedure != Questions && !r.c.Names(c.Procedure) {
		return false, nil
	}
	r.rows[d.Case] = fold(r.c, c, p, acts)
	return true, nil
}

// fold reads of a case what the rows need.
func fold(cat *Catalogue, c *casework.Case, p *procedure.Procedure, acts []casework.Entry) row {
	out := row{Case: c.ID, Procedure: c.Procedure, Item: c.Values.Text(fieldItem), Column: c.Values.Text(fieldColumn), Area: community(c.Area),
		Period: periodOf(p, c.Values), About: c.Values.Text(fieldAbout), State: c.State, Opened: int64(c.Opened), Published: int64(c.Published), Acts: c.Acts}
	if c.Procedure == Questions {
		return out
	}
	out.About = ""
	if c.Procedure != Procedure { // of another room: the item by which the catalogue names it
		out.Item, out.Column = "", ""
		if items := cat.Of(out.Area, c.Procedure); len(items) > 0 {
			out.Item, out.Column = items[0].ID, items[0].Column
		}
	}
	out.Persons, _ = c.Values[fieldPersons].(bool)
	if c.Kind == procedure.Final {
		out.Over = int64(c.Changed)
	}
	ever := slices.ContainsFunc(acts, func(a casework.Entry) bool { return a.Delta.Publish && !a.Annulled })
	out.Waiting = c.Procedure == Procedure && !ever && c.Kind != procedure.Final
	if k, had := c.Clocks()["publish"]; had && out.Waiting {
		out.Due = int64(k.Duty)
	}
	return out
}

// community is the part of a code that has a board, "" above it.
func community(code string) string {
	const digits = 12
	if len(code) < digits {
		return ""
	}
	return code[:digits]
}

// Write keeps the rows; boards are drawn anew.
func (r *round) Write(tx *db.Tx, due []ledger.Due) error {
	wrote := false
	for _, d := range due {
		one, ok := r.rows[d.Case]
		if !ok {
			continue
		}
		if err := put(tx, one); err != nil {
			return err
		}
		wrote = true
	}
	if !wrote {
		return nil
	}
	return tx.BumpEpoch(epoch)
}

// Park takes a case that cannot be read off the board.
func (r *round) Park(tx *db.Tx, d ledger.Due) error {
	if _, err := tx.Exec(`DELETE FROM disclosure_case WHERE case_id = $1`, d.Case); err != nil {
		return err
	}
	return tx.BumpEpoch(epoch)
}

// periodOf is the month, quarter or day that a publication speaks of; where a
// procedure means a length of time by that word, none.
func periodOf(p *procedure.Procedure, v casework.Values) string {
	if f := p.Field(fieldPeriod); f == nil || f.Type == "length" {
		return ""
	}
	return v.Text(fieldPeriod)
}
