package notice

import (
	"context"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// Logged chooses lines of the delivery log.
type Logged struct {
	Number, Status, Sender string // "" = any
	Before                 string // cursor
	Limit                  int
}

// Tally counts a sender's lines of one day.
type Tally struct {
	Day     clock.Day
	Sender  string
	Sent    int64
	Failed  int64
	Waiting int64
	Others  int64 // suppressed on purpose
}

// mayLog keeps the delivery log for administrators.
func mayLog(a identity.Actor) error {
	if !a.Has(identity.Administrator) {
		return fault.New(fault.Forbidden, "notice.administrators")
	}
	return nil
}

// Deliveries lists lines of the delivery log, those changed last first. No line has the
// receiver or the text.
func (s *Service) Deliveries(ctx context.Context, a identity.Actor, f Logged) ([]Line, string, error) {
	if err := mayLog(a); err != nil {
		return nil, "", err
	}
	where, args := []string{"1=1"}, []any{}
	add := func(column, value string) {
		if value != "" {
			args = append(args, value)
			where = append(where, column+" = $"+string(rune('0'+len(args))))
		}
	}
	add("number", f.Number)
	add("status", f.Status)
	add("sender", f.Sender)
	if f.Before != "" {
		at, id, ok := cursor(f.Before)
		if !ok {
			return nil, "", fault.New(fault.Invalid, "casework.cursor").At("before")
		}
		args = append(args, at, id)
		n := rune('0' + len(args))
		where = append(where, "(changed, id) < ($"+string(n-1)+", $"+string(n)+")")
	}
	args = append(args, f.Limit+1)
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+lineColumns+` FROM notice_message WHERE `+strings.Join(where, " AND ")+
		` ORDER BY changed DESC, id DESC LIMIT $`+string(rune('0'+len(args))), args...)
	if err != nil {
		return nil, "", err
	}
	out, err := scanLines(rows)
	next := ""
	if len(out) > f.Limit {
		out = out[:f.Limit]
		next = cursorOf(out[f.Limit-1])
	}
	return out, next, err
}

// Tallies counts the last days by sender, the newest first.
func (s *Service) Tallies(ctx context.Context, a identity.Actor, days int) ([]Tally, error) {
	if err := mayLog(a); err != nil {
		return nil, err
	}
	rows, err := s.DB.Reader().Rows(ctx, `SELECT day, sender, COUNT(*) FILTER (WHERE status = 'sent'), COUNT(*) FILTER (WHERE status = 'failed'),
		COUNT(*) FILTER (WHERE status = 'waiting'), COUNT(*) FILTER (WHERE status = 'suppressed')
		FROM notice_message WHERE day > $1 GROUP BY day, sender ORDER BY day DESC, sender`, int64(s.Clock.Now().Day())-int64(days))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Tally
	for rows.Next() {
		var t Tally
		if err := rows.Scan(&t.Day, &t.Sender, &t.Sent, &t.Failed, &t.Waiting, &t.Others); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// Again sends a failed message once more: all lines that went with it. Where the
// other side is known not to have it, it goes under a new key, so that a gateway
// that remembers its refusal looks again. Faults: NotFound, Conflict.
func (s *Service) Again(ctx context.Context, a identity.Actor, id string) error {
	if err := mayLog(a); err != nil {
		return err
	}
	policy, err := s.Policy(ctx)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		var bundle, problem, who string
		ok, err := none(tx.Row(`SELECT bundle, problem, who FROM notice_message WHERE id = $1 AND status = 'failed'`, id).Scan(&bundle, &problem, &who))
		switch {
		case err != nil:
			return err
		case !ok:
			return fault.New(fault.NotFound, "notice.no_failed")
		case who == toCode:
			return fault.New(fault.Conflict, "notice.code_again")
		}
		round := 1
		if strings.HasPrefix(problem, "unsure_") {
			round = 0
		}
		_, err = tx.Exec(`UPDATE notice_message SET status = 'waiting', attempts = 1, round = round + $3, due = $2, lease = 0, expires = $4, problem = '', changed = $2, day = $5
			WHERE bundle = $1 AND status = 'failed'`, bundle, now, round, now.Add(policy.life()), int64(now.Day()))
		return err
	})
}

// Failing are the senders that fail now, for a banner: those that stand here and
// failed several times in a row.
func (s *Service) Failing(ctx context.Context) ([]SenderState, error) {
	states, err := s.States(ctx)
	if err != nil {
		return nil, err
	}
	var out []SenderState
	for _, sender := range s.Senders {
		if st := states[sender.Name]; st.Down() {
			out = append(out, st)
		}
	}
	return out, nil
}
