package ballot

import (
	"context"
	"errors"

	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

const meetingColumns = `case_id, sitting, roll, area, day, state, parent, text`

func scanMeeting(row scanner) (meeting, error) {
	var x meeting
	err := row.Scan(&x.Case, &x.Sitting, &x.Roll, &x.Area, &x.Day, &x.State, &x.Parent, &x.Text)
	if errors.Is(err, db.NoRows) {
		err = fault.New(fault.NotFound, "ballot.no_meeting")
	}
	return x, err
}

// meetingOf finds the meeting of a case; with the roll of its sitting.
func (s *Service) meetingOf(ctx context.Context, q db.Query, id string) (meeting, error) {
	return scanMeeting(q.Row(ctx, `SELECT `+meetingColumns+` FROM ballot_meeting WHERE case_id = $1`, id))
}

// attendance counts who is in the hall of a meeting's sitting.
func (s *Service) attendance(ctx context.Context, q db.Query, x meeting) (a Attendance, err error) {
	err = q.Row(ctx, `SELECT COUNT(*), COALESCE(SUM(l.adult), 0),
		COUNT(DISTINCT CASE WHEN l.for_household = 1 OR p.how = 'household' THEN p.household END)
		FROM ballot_presence p JOIN ballot_line l ON l.roll = $2 AND l.no = p.line WHERE p.sitting = $1 AND p.gone = 0`, x.Sitting, x.Roll).
		Scan(&a.Present, &a.Adults, &a.Households)
	return a, err
}

// here are the lines that are in the hall, and how they came.
func (s *Service) here(ctx context.Context, sitting string) (map[int64]string, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT line, how FROM ballot_presence WHERE sitting = $1 AND gone = 0`, sitting)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]string{}
	for rows.Next() {
		var line int64
		var how string
		if err := rows.Scan(&line, &how); err != nil {
			return nil, err
		}
		out[line] = how
	}
	return out, rows.Err()
}

// proxyOf is the line that a line has entrusted; 0 where none.
func (s *Service) proxyOf(ctx context.Context, q db.Query, sitting string, line int64) (by int64, err error) {
	err = q.Row(ctx, `SELECT by_line FROM ballot_proxy WHERE sitting = $1 AND line = $2`, sitting, line).Scan(&by)
	if errors.Is(err, db.NoRows) {
		return 0, nil
	}
	return by, err
}

// proxiesOf are the proxies of a sitting: who entrusted, and whom.
func (s *Service) proxiesOf(ctx context.Context, sitting string) (map[int64]int64, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT line, by_line FROM ballot_proxy WHERE sitting = $1`, sitting)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]int64{}
	for rows.Next() {
		var line, by int64
		if err := rows.Scan(&line, &by); err != nil {
			return nil, err
		}
		out[line] = by
	}
	return out, rows.Err()
}
