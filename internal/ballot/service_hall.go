package ballot

import (
	"context"
	"encoding/json"

	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// hall reads what an act of attendance speaks of: the sitting, and the line of
// its roll, of a person who counts there.
func (s *Service) hall(ctx context.Context, m *casework.Moment, field string) (meeting, Line, error) {
	x, err := s.meetingOf(ctx, m.Read, m.Case.ID)
	if err != nil {
		return x, Line{}, err
	}
	if x.Sitting != x.Case {
		return x, Line{}, conflict("attendance_elsewhere")
	}
	if err := onTheDay(m); err != nil {
		return x, Line{}, err
	}
	no, _ := m.Given[field].(int64)
	l, err := s.line(ctx, m.Read, x.Roll, no)
	if fault.Is(err, fault.NotFound) {
		return x, l, fault.Of(err).At(field)
	}
	if err == nil && !Body(m.Values.Text("body")).belongs(l) {
		err = unmet("not_counted", "line", no).At(field)
	}
	return x, l, err
}

func (s *Service) mayArrive(ctx context.Context, m *casework.Moment) error {
	x, l, err := s.hall(ctx, m, "line")
	if err != nil {
		return err
	}
	switch m.Given.Text("how") {
	case forHousehold:
		if !Body(m.Values.Text("body")).general() {
			return invalid("how").At("how")
		}
	case byProxy:
		by, err := s.proxyOf(ctx, m.Read, x.Sitting, l.No)
		if err != nil {
			return err
		}
		if by == 0 {
			return unmet("no_proxy", "line", l.No).At("how")
		}
	}
	return nil
}

func (s *Service) mayLeave(ctx context.Context, m *casework.Moment) error {
	_, _, err := s.hall(ctx, m, "line")
	return err
}

// mayEntrust holds a proxy to the law of the body: in writing, of the same
// household, to somebody who has not entrusted others themselves.
func (s *Service) mayEntrust(ctx context.Context, m *casework.Moment) error {
	words, _, err := s.Words.Now(ctx)
	if err != nil {
		return err
	}
	b := Body(m.Values.Text("body"))
	rule := words.bodies[b]
	if rule.Proxy == "" {
		return unmet("no_proxies", "body", b.Key()).Under(rule.Norm)
	}
	if m.Case.Values.Text("sitting") != "" && m.Case.Values.Text("sitting") != m.Case.ID {
		return conflict("attendance_elsewhere")
	}
	x, err := s.meetingOf(ctx, m.Read, m.Case.ID)
	if err != nil {
		return err
	}
	var who [2]Line
	for i, field := range []string{"line", "proxy_line"} {
		no, _ := m.Given[field].(int64)
		if who[i], err = s.line(ctx, m.Read, x.Roll, no); err != nil {
			return fault.Of(err).At(field)
		}
		if !b.belongs(who[i]) {
			return unmet("not_counted", "line", no).At(field).Under(rule.ProxyNorm)
		}
	}
	written, _ := m.Given["written"].(bool)
	switch {
	case who[0].No == who[1].No:
		return invalid("own_proxy").At("proxy_line")
	case !written:
		return unmet("not_written").At("written").Under(rule.ProxyNorm)
	case who[0].Household != who[1].Household:
		return unmet("other_household").At("proxy_line").Under(rule.ProxyNorm)
	}
	by, err := s.proxyOf(ctx, m.Read, x.Sitting, who[1].No)
	if err == nil && by != 0 {
		err = unmet("proxy_away").At("proxy_line")
	}
	return err
}

// fold keeps this room's tables in step with the acts of meetings, in each act's
// own transaction: what two doors mark at one moment is refused to one of them.
func (s *Service) fold(tx *db.Tx, name string, row casework.ActRow) error {
	if name != Meetings {
		return nil
	}
	v := given{row.Body}
	switch row.Act {
	case callAct, callAloneAct:
		return s.foldCall(tx, v, row)
	case arriveAct, leaveAct, entrustAct:
		return foldHall(tx, v, row)
	}
	if row.Act == voteAct {
		if err := foldVote(tx, v, row); err != nil {
			return err
		}
	}
	if row.Act == moveAct {
		if _, err := tx.Exec(`UPDATE ballot_meeting SET day = $2 WHERE case_id = $1`, row.CaseID, v.text("meeting_day")); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`UPDATE ballot_meeting SET state = $2 WHERE case_id = $1`, row.CaseID, row.To)
	return err
}

// given reads the open values of an act.
type given struct{ body casework.Body }

func (g given) value(name string) any {
	var raw json.RawMessage = g.body[name].Value
	v, err := procedure.ReadValue(raw)
	if err != nil {
		return nil // the engine wrote it itself; nothing of ours is read where it cannot be
	}
	return v
}

func (g given) text(name string) string { s, _ := g.value(name).(string); return s }

func (g given) number(name string) int64 { n, _ := g.value(name).(int64); return n }

// foldCall freezes the roll and notes the meeting.
func (s *Service) foldCall(tx *db.Tx, v given, row casework.ActRow) error {
	done, err := tx.Exec(`UPDATE ballot_roll SET frozen = CASE WHEN frozen = 0 THEN $3 ELSE frozen END WHERE id = $1 AND hash = $2`,
		v.text("roll"), v.text("roll_hash"), row.Recorded)
	if err != nil {
		return err
	}
	if done == 0 {
		return fault.New(fault.Stale, "ballot.not_newest")
	}
	sitting, parent, area := v.text("sitting"), "", ""
	if sitting == "" {
		sitting = row.CaseID
	}
	if row.Delta.Opened != nil {
		parent = row.Delta.Opened.Parent
	}
	if row.Delta.Area != nil {
		area = *row.Delta.Area
	}
	_, err = tx.Exec(`INSERT INTO ballot_meeting(case_id, sitting, roll, area, day, state, parent, text, touched) VALUES ($1,$2,$3,$4,$5,$6,$7,'',0)`,
		row.CaseID, sitting, v.text("roll"), area, v.text("meeting_day"), row.To, parent)
	return err
}

// lockSitting takes the sitting's row, so that who comes, who goes and who votes
// stand in one order.
func lockSitting(tx *db.Tx, sitting string) error {
	done, err := tx.Exec(`UPDATE ballot_meeting SET touched = touched + 1 WHERE case_id = $1`, sitting)
	if err == nil && done == 0 {
		err = fault.New(fault.NotFound, "ballot.no_meeting")
	}
	return err
}

// foldVote fixes those present: what was counted while the vote was prepared must
// still be so, else it is put again.
func foldVote(tx *db.Tx, v given, row casework.ActRow) error {
	var sitting string
	if err := tx.Row(`SELECT sitting FROM ballot_meeting WHERE case_id = $1`, row.CaseID).Scan(&sitting); err != nil {
		return err
	}
	if err := lockSitting(tx, sitting); err != nil {
		return err
	}
	var present int64
	if err := tx.Row(`SELECT COUNT(*) FROM ballot_presence WHERE sitting = $1 AND gone = 0`, sitting).Scan(&present); err != nil {
		return err
	}
	if present != v.number("present") {
		return fault.New(fault.Stale, "ballot.presence_moved", "present", present)
	}
	_, err := tx.Exec(`UPDATE ballot_meeting SET text = $2 WHERE case_id = $1`, row.CaseID, v.text("text_hash"))
	return err
}

// foldHall marks who came, went, or entrusted whom.
func foldHall(tx *db.Tx, v given, row casework.ActRow) error {
	sitting, line := row.CaseID, v.number("line")
	if err := lockSitting(tx, sitting); err != nil {
		return err
	}
	var busy int64
	if err := tx.Row(`SELECT COUNT(*) FROM ballot_meeting WHERE sitting = $1 AND state IN ('counting', 'second_count', 'counted')`, sitting).Scan(&busy); err != nil {
		return err
	}
	if busy > 0 {
		return conflict("vote_running")
	}
	switch row.Act {
	case arriveAct:
		return foldArrival(tx, sitting, line, v.text("how"), row)
	case leaveAct:
		done, err := tx.Exec(`UPDATE ballot_presence SET gone = $3 WHERE sitting = $1 AND gone = 0 AND (line = $2 OR by_line = $2)`, sitting, line, row.Recorded)
		if err == nil && done == 0 {
			err = conflict("not_here", "line", line)
		}
		return err
	}
	var here int64
	if err := tx.Row(`SELECT COUNT(*) FROM ballot_presence WHERE sitting = $1 AND line = $2 AND gone = 0`, sitting, line).Scan(&here); err != nil {
		return err
	}
	if here > 0 {
		return conflict("already_here", "line", line)
	}
	done, err := tx.Exec(`INSERT INTO ballot_proxy(sitting, line, by_line) VALUES ($1,$2,$3) ON CONFLICT (sitting, line) DO NOTHING`, sitting, line, v.number("proxy_line"))
	if err == nil && done == 0 {
		err = conflict("entrusted_already", "line", line)
	}
	return err
}

// foldArrival marks somebody present, once; by proxy only while the proxy is in
// the hall, and one for each household.
func foldArrival(tx *db.Tx, sitting string, line int64, how string, row casework.ActRow) error {
	var household string
	var by, here int64
	err := tx.Row(`SELECT l.household FROM ballot_line l JOIN ballot_meeting m ON l.roll = m.roll WHERE m.case_id = $1 AND l.no = $2`, sitting, line).Scan(&household)
	if err != nil {
		return err
	}
	switch how {
	case byProxy:
		if err := tx.Row(`SELECT by_line FROM ballot_proxy WHERE sitting = $1 AND line = $2`, sitting, line).Scan(&by); err != nil {
			return err
		}
		if err := tx.Row(`SELECT COUNT(*) FROM ballot_presence WHERE sitting = $1 AND line = $2 AND gone = 0 AND how <> 'proxy'`, sitting, by).Scan(&here); err != nil {
			return err
		}
		if here == 0 {
			return conflict("proxy_not_here", "line", by)
		}
	case forHousehold:
		if err := tx.Row(`SELECT COUNT(*) FROM ballot_presence WHERE sitting = $1 AND household = $2 AND how = 'household' AND gone = 0`, sitting, household).Scan(&here); err != nil {
			return err
		}
		if here > 0 {
			return conflict("household_here", "household", household)
		}
	}
	done, err := tx.Exec(`INSERT INTO ballot_presence(sitting, line, how, by_line, household, arrived, gone) VALUES ($1,$2,$3,$4,$5,$6,0)
		ON CONFLICT (sitting, line) DO UPDATE SET how = $3, by_line = $4, arrived = $6, gone = 0 WHERE ballot_presence.gone <> 0`, sitting, line, how, by, household, row.Recorded)
	if err == nil && done == 0 {
		err = conflict("already_here", "line", line)
	}
	return err
}
