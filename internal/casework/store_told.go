package casework

import (
	"context"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// ToldLine is one thing that an actor was told in the house: an act of a case.
type ToldLine struct {
	Case     *Case
	ID, Act  string
	Recorded clock.Instant
	Seen     bool
	Mine     bool // told to the actor by name, not only to the unit
}

// toldTo restricts to what the actor was told, by name or through a unit, of
// cases they may see now.
func (s *Service) toldTo(ctx context.Context, a identity.Actor) (*page, error) {
	q := &page{}
	err := s.visible(ctx, a, q)
	q.where = append(q.where, "(t.unit <> '' AND t.unit "+q.units(a)+" OR t.person <> '' AND t.person = "+q.arg(a.Person)+")")
	return q, err
}

// Told lists what the actor was told before an act of an instant and has yet (or,
// with seen, no longer) to look at, the newest first. An act that was told both by
// name and through a unit stands twice, one after the other.
func (s *Service) Told(ctx context.Context, a identity.Actor, seen bool, before clock.Instant, id string, limit int) ([]ToldLine, error) {
	q, err := s.toldTo(ctx, a)
	if err != nil {
		return nil, err
	}
	q.where = append(q.where, map[bool]string{true: "t.seen > 0", false: "t.seen = 0"}[seen])
	q.and("(t.recorded, t.act_id) < (%s, %s)", before, id)
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+db.Columns("c", caseColumns)+`, x.act, t.act_id, t.recorded, CASE WHEN t.person = `+q.arg(a.Person)+` THEN 1 ELSE 0 END
		FROM casework_told t JOIN casework_case c ON c.id = t.case_id JOIN casework_act x ON x.id = t.act_id
		WHERE `+strings.Join(q.where, " AND ")+` ORDER BY t.recorded DESC, t.act_id DESC LIMIT `+q.arg(limit), q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ToldLine
	for rows.Next() {
		l, mine := ToldLine{Seen: seen}, 0
		if l.Case, err = scanCase(rows, &l.Act, &l.ID, &l.Recorded, &mine); err != nil {
			return nil, err
		}
		l.Mine = mine == 1
		out = append(out, l)
	}
	return out, rows.Err()
}

// CountTold counts what the actor was told and has not looked at, up to a bound.
func (s *Service) CountTold(ctx context.Context, a identity.Actor, most int) (n int, err error) {
	q, err := s.toldTo(ctx, a)
	if err != nil {
		return 0, err
	}
	err = s.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM (SELECT DISTINCT t.act_id FROM casework_told t JOIN casework_case c ON c.id = t.case_id
		WHERE t.seen = 0 AND `+strings.Join(q.where, " AND ")+` LIMIT `+q.arg(most)+`) few`, q.args...).Scan(&n)
	return n, err
}

// ToldSeen says whether what an act told a person or a unit was looked at.
func (s *Service) ToldSeen(ctx context.Context, act, unit, person string) (bool, error) {
	var n int
	err := s.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM casework_told WHERE act_id = $1 AND seen > 0 AND (unit = $2 AND unit <> '' OR person = $3 AND person <> '')`, act, unit, person).Scan(&n)
	return n > 0, err
}
