package casework

import (
	"context"
	"linli/internal/procedure"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// ToldLine is one thing that an actor was told in the house: an act of a case.
type ToldLine struct {
	Case      *Case
	Procedure procedure.Words
	State     procedure.Words
	Act       string          // name; the engine's own begin with _
	Words     procedure.Words // what the act is called; nil for the engine's own
	Recorded  clock.Instant
	Seen      bool
	Mine      bool // told to the actor by name, not to the unit
}

// toldTo restricts to what the actor was told, by name or through a unit, of
// cases they may see now.
func (s *Service) toldTo(ctx context.Context, a identity.Actor, q *page) error {
	if err := s.visible(ctx, a, q); err != nil {
		return err
	}
	q.where = append(q.where, "(t.unit <> '' AND t.unit "+q.units(a)+" OR t.person <> '' AND t.person = "+q.arg(a.Person)+")")
	return nil
}

// Told lists what the actor was told and has (or, with seen, has not any more) to
// look at, the newest first, and the cursor of the next page.
func (s *Service) Told(ctx context.Context, a identity.Actor, seen bool, after string, limit int) ([]ToldLine, string, error) {
	q := &page{}
	if err := s.toldTo(ctx, a, q); err != nil {
		return nil, "", err
	}
	if seen {
		q.where = append(q.where, "t.seen > 0")
	} else {
		q.where = append(q.where, "t.seen = 0")
	}
	if after != "" {
		at, id, ok := strings.Cut(after, ".")
		n, err := strconv.ParseInt(at, 10, 64)
		if !ok || err != nil || !procedure.IDPattern.MatchString(id) {
			return nil, "", fault.New(fault.Invalid, "casework.cursor").At("after")
		}
		q.and("(t.recorded, t.act_id) < (%s, %s)", n, id)
	}
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+prefixed(caseColumns)+`, x.act, t.act_id, t.recorded, t.seen, t.person
		FROM casework_told t JOIN casework_case c ON c.id = t.case_id JOIN casework_act x ON x.id = t.act_id
		WHERE `+strings.Join(q.where, " AND ")+` ORDER BY t.recorded DESC, t.act_id DESC LIMIT `+q.arg(limit+1), q.args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	var out []ToldLine
	last, read := "", 0
	for rows.Next() {
		var l ToldLine
		var id, person string
		var seenAt clock.Instant
		if l.Case, err = scanCase(rows, &l.Act, &id, &l.Recorded, &seenAt, &person); err != nil {
			return nil, "", err
		}
		if read++; read > limit {
			break
		}
		mine := person != "" && person == a.Person
		again := len(out) > 0 && strings.HasSuffix(last, "."+id) // told as a person and through a unit
		if last = strconv.FormatInt(int64(l.Recorded), 10) + "." + id; again {
			out[len(out)-1].Mine = out[len(out)-1].Mine || mine
			continue
		}
		l.Seen, l.Mine = seenAt > 0, mine
		if err := s.wordsOf(ctx, &l); err != nil {
			return nil, "", err
		}
		out = append(out, l)
	}
	if read <= limit {
		last = ""
	}
	return out, last, rows.Err()
}

func (s *Service) wordsOf(ctx context.Context, l *ToldLine) error {
	p, err := s.ProcedureAt(ctx, l.Case.Procedure, l.Case.Edition)
	if err != nil {
		return err
	}
	l.Procedure = p.Title
	if state := p.State(l.Case.State); state != nil {
		l.State = state.Words
	}
	if act := p.Act(l.Act); act != nil {
		l.Words = act.Words
	}
	return nil
}

// CountTold counts what the actor was told and has not looked at, up to a bound.
func (s *Service) CountTold(ctx context.Context, a identity.Actor, most int) (n int, err error) {
	q := &page{}
	if err := s.toldTo(ctx, a, q); err != nil {
		return 0, err
	}
	err = s.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM (SELECT DISTINCT t.act_id FROM casework_told t JOIN casework_case c ON c.id = t.case_id
		WHERE t.seen = 0 AND `+strings.Join(q.where, " AND ")+` LIMIT `+q.arg(most)+`) few`, q.args...).Scan(&n)
	return n, err
}

// MarkAllTold marks all that the actor was told up to an instant as seen: what
// came after the page was drawn stays new.
func (s *Service) MarkAllTold(ctx context.Context, a identity.Actor, until, now clock.Instant) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		for _, p := range a.Posts {
			if _, err := tx.Exec(`UPDATE casework_told SET seen = $1 WHERE unit = $2 AND seen = 0 AND recorded <= $3`, now, p.Unit, until); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`UPDATE casework_told SET seen = $1 WHERE person = $2 AND person <> '' AND seen = 0 AND recorded <= $3`, now, a.Person, until)
		return err
	})
}

// ToldSeen says whether what an act told a person or a unit was looked at: then a
// message that still waits has nothing to add.
func (s *Service) ToldSeen(ctx context.Context, act, unit, person string) (bool, error) {
	var n int
	err := s.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM casework_told WHERE act_id = $1 AND seen > 0 AND (unit = $2 AND unit <> '' OR person = $3 AND person <> '')`, act, unit, person).Scan(&n)
	return n > 0, err
}
