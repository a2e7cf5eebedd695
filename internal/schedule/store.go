package schedule

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "schedule", files)
}

// compile reads the lines of all schedules of an edition. A plan that cannot be
// read opens nothing; it was refused when the edition was published.
func (s *Service) compile(files fs.FS) (map[string]map[procedure.Every][]Line, error) {
	all, _ := procedure.Load(files, procedure.Names{})
	out := map[string]map[procedure.Every][]Line{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, sch := range all[name].Schedules {
			lines, err := s.linesOf(files, sch)
			if err != nil {
				return nil, err
			}
			out[name+"/"+sch.Name] = lines
		}
	}
	return out, nil
}

// openedAlready is the fault of a case that was opened before.
const openedAlready = "schedule.opened"

// note says in a case's own transaction that it is the one of its line, area and
// period; where there is one, nothing is opened.
func note(tx *db.Tx, f fixed, l Line, code, id string, now clock.Instant) error {
	n, err := tx.Exec(`INSERT INTO schedule_opened(procedure, line, area, period, case_id, recorded) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (procedure, line, period, area) DO NOTHING`, f.Procedure, f.line(l), code, f.Name, id, now)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, openedAlready)
	}
	return err
}

// openedOf are the areas whose case of a line and period is there.
func (s *Service) openedOf(ctx context.Context, f fixed, l Line) (map[string]bool, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT area FROM schedule_opened WHERE procedure = $1 AND line = $2 AND period = $3`, f.Procedure, f.line(l), f.Name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			return nil, err
		}
		out[code] = true
	}
	return out, rows.Err()
}

const fixedColumns = `procedure, schedule, every, period, first_day, last_day, content`

func (s *Service) fixeds(ctx context.Context, text string, args ...any) ([]fixed, error) {
	rows, err := s.DB.Reader().Rows(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []fixed
	for rows.Next() {
		var f fixed
		var body string
		if err := rows.Scan(&f.Procedure, &f.Schedule, &f.Every, &f.Name, &f.First, &f.Last, &body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), &f.Content); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// due lists the ended periods of which something may be missing, the oldest first.
func (s *Service) due(ctx context.Context, today clock.Day) ([]fixed, error) {
	return s.fixeds(ctx, `SELECT `+fixedColumns+` FROM schedule_period WHERE done = 0 AND last_day < $1 ORDER BY last_day, procedure, schedule, every`, today)
}

// lastFixed gives the newest period of each kind that was fixed for a schedule.
func (s *Service) lastFixed(ctx context.Context, name, sch string) (map[procedure.Every]*fixed, error) {
	list, err := s.fixeds(ctx, `SELECT `+fixedColumns+` FROM schedule_period p WHERE procedure = $1 AND schedule = $2 AND first_day =
		(SELECT MAX(first_day) FROM schedule_period q WHERE q.procedure = $1 AND q.schedule = $2 AND q.every = p.every)`, name, sch)
	if err != nil {
		return nil, err
	}
	out := map[procedure.Every]*fixed{}
	for _, f := range list {
		out[f.Every] = &f
	}
	return out, nil
}

// keep fixes periods; one that another node fixed meanwhile stays as it is.
func (s *Service) keep(ctx context.Context, list []fixed, now clock.Instant) error {
	if len(list) == 0 {
		return nil
	}
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		for _, f := range list {
			body, err := json.Marshal(f.Content)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO schedule_period(`+fixedColumns+`, fixed, done) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,0)
				ON CONFLICT (procedure, schedule, every, period) DO NOTHING`, f.Procedure, f.Schedule, f.Every, f.Name, f.First, f.Last, string(body), now); err != nil {
				return err
			}
		}
		return nil
	})
}

// finish marks a period whose cases are all there.
func (s *Service) finish(ctx context.Context, f fixed, now clock.Instant) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE schedule_period SET done = $5 WHERE procedure = $1 AND schedule = $2 AND every = $3 AND period = $4`,
			f.Procedure, f.Schedule, f.Every, f.Name, now)
		return err
	})
}
