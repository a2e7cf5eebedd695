package schedule

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// Service opens what is due. It is safe for concurrent use.
type Service struct {
	Parts
	holder string
	plans  map[string]Plan
	lines  *edition.Compiled[map[string]map[procedure.Every][]Line] // by procedure/schedule

	mu    sync.Mutex
	at    position
	waits map[string]clock.Instant // periods of which a case failed, until when
}

// position is where the opening of one period stands in memory: what is lost
// with it is found again by what was opened.
type position struct {
	key    string
	line   int
	areas  []string // still to be opened of that line
	read   bool     // areas was read
	failed int
}

// New makes the room; the roof registers the plans of the rooms above, sets
// Areas and calls Migrate.
func New(p Parts) *Service {
	if p.Log == nil {
		p.Log = slog.Default()
	}
	s := &Service{Parts: p, holder: db.NewID(p.Clock.Now()), plans: map[string]Plan{}, waits: map[string]clock.Instant{}}
	s.lines = edition.Compile(p.Editions, s.compile)
	p.Editions.OnCheck(s.CheckFiles)
	return s
}

// RegisterPlan offers a plan to the schedules of procedures.
func (s *Service) RegisterPlan(name string, p Plan) { s.plans[name] = p }

// Work fixes the periods that have begun and opens what the ended ones still
// owe, at most a small batch. more says that there is more to do at once.
func (s *Service) Work(ctx context.Context) (opened int, more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fix(ctx); err != nil {
		return 0, false, err
	}
	now := s.Clock.Now()
	due, err := s.due(ctx, now.Day())
	if err != nil {
		return 0, false, err
	}
	for _, f := range due {
		if s.waits[f.key()] > now {
			continue
		}
		n, err := s.open(ctx, f, batch-opened)
		opened += n
		if err != nil {
			return opened, false, err
		}
		if opened == batch {
			return opened, true, nil
		}
	}
	return opened, false, nil
}

// fix writes down what each period that has begun will open.
func (s *Service) fix(ctx context.Context) error {
	procedures, err := s.Cases.Procedures(ctx)
	if err != nil {
		return err
	}
	lines, _, err := s.lines.Now(ctx)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	for _, p := range procedures {
		for _, sch := range p.Schedules {
			last, err := s.lastFixed(ctx, p.Name, sch.Name)
			if err != nil {
				return err
			}
			for every, of := range lines[p.Name+"/"+sch.Name] {
				period := procedure.PeriodOf(every, now.Day())
				if known := last[every]; known != nil && known.First >= period.First {
					continue
				}
				body := content{Opens: sch.Opens, Post: sch.Post, With: sch.With, Lines: of}
				if last[every] == nil && len(last) > 0 { // a new kind of period takes effect from its next one
					body.Lines = nil
				}
				var list []fixed
				for _, one := range missing(every, last[every], period) {
					list = append(list, fixed{p.Name, sch.Name, every, one, body})
				}
				if err := s.keep(ctx, list, now); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// open opens up to most cases of one ended period, and marks it done when none
// is missing.
func (s *Service) open(ctx context.Context, f fixed, most int) (opened int, err error) {
	if s.at.key != f.key() {
		s.at = position{key: f.key()}
	}
	for s.at.line < len(f.Content.Lines) {
		l := f.Content.Lines[s.at.line]
		if !s.at.read && !l.Watch {
			if s.at.areas, err = s.owing(ctx, f, l); err != nil {
				return opened, err
			}
			s.at.read = true
		}
		for len(s.at.areas) > 0 {
			if opened == most {
				return opened, nil
			}
			did, err := s.one(ctx, f, l, s.at.areas[0])
			if err != nil {
				return opened, err
			}
			if did {
				opened++
			}
			s.at.areas = s.at.areas[1:]
		}
		s.at.line, s.at.read = s.at.line+1, false
	}
	failed := s.at.failed
	s.at = position{}
	if failed > 0 {
		s.waits[f.key()] = s.Clock.Now().Add(retryAfter)
		return opened, nil
	}
	delete(s.waits, f.key())
	return opened, s.finish(ctx, f, s.Clock.Now())
}

// Watched lists the periods of a schedule that have ended, of a year at most, with
// the lines of which people begin the case themselves; the oldest first.
func (s *Service) Watched(ctx context.Context, name, sch string) ([]Watched, error) {
	today := s.Clock.Now().Day()
	list, err := s.fixeds(ctx, `SELECT `+fixedColumns+` FROM schedule_period WHERE procedure = $1 AND schedule = $2 AND last_day < $3 AND last_day >= $4 ORDER BY last_day, every`,
		name, sch, today, today-mostBack)
	if err != nil {
		return nil, err
	}
	var out []Watched
	for _, f := range list {
		for _, l := range f.Content.Lines {
			if l.Watch {
				out = append(out, Watched{l, f.Period})
			}
		}
	}
	return out, nil
}

// one opens one case. What the procedure refuses is logged and tried again; it
// keeps no other area from its case.
func (s *Service) one(ctx context.Context, f fixed, l Line, code string) (bool, error) {
	o := casework.Opening{Procedure: f.Procedure, Act: f.Content.Opens, Values: f.values(l, code), Happened: f.Last.End() - 1,
		Beside: func(tx *db.Tx, id string) error { return note(tx, f, l, code, id, s.Clock.Now()) }}
	if f.Content.Post != "" {
		units, err := s.People.UnitsWith(ctx, f.Content.Post, code)
		if err != nil {
			return false, err
		}
		if len(units) > 0 {
			o.Unit = units[0]
		}
	}
	_, err := s.Cases.Open(ctx, identity.SystemActor(), o)
	why := fault.Of(err)
	switch {
	case err == nil:
		return true, nil
	case why != nil && why.Key == openedAlready: // another node was there first
		return false, nil
	case why != nil && slices.Contains([]fault.Kind{fault.Invalid, fault.NotFound, fault.Forbidden, fault.Conflict, fault.Unmet}, why.Kind):
		s.at.failed++
		s.Log.Error("schedule: a case could not be opened and is tried again", "procedure", f.Procedure, "line", f.line(l), "area", code, "period", f.Name, "error", err)
		return false, nil
	}
	return false, err
}

// owing lists the areas for which a line's case is still to be opened.
func (s *Service) owing(ctx context.Context, f fixed, l Line) ([]string, error) {
	have, err := s.openedOf(ctx, f, l)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, level := range []area.Level{area.County, area.Street, area.Community} {
		standing, err := s.Areas.Standing(ctx, "", level, f.Last)
		if err != nil {
			return nil, err
		}
		for _, a := range standing {
			if !procedure.AtLevel(a.Code, l.For) {
				continue
			}
			codes := []string{a.Code}
			if a.Ended(s.Clock.Now().Day()) {
				if codes, err = s.inPlaceOf(ctx, a.Code); err != nil {
					return nil, err
				}
			}
			for _, code := range codes {
				if !have[code] {
					have[code] = true
					out = append(out, code)
				}
			}
		}
	}
	return out, nil
}

// mostMoves bounds how many successions are followed from one area.
const mostMoves = 10

// inPlaceOf are the areas that stand now in the place of one that has ended.
func (s *Service) inPlaceOf(ctx context.Context, code string) ([]string, error) {
	today := s.Clock.Now().Day()
	now := []string{code}
	for range mostMoves {
		var next []string
		moved := false
		for _, c := range now {
			a, err := s.Areas.Get(ctx, c)
			if err != nil {
				return nil, err
			}
			if !a.Ended(today) {
				next = append(next, c)
				continue
			}
			moved = true
			list, err := s.Areas.Successors(ctx, c)
			if err != nil {
				return nil, err
			}
			for _, one := range list {
				next = append(next, one.New)
			}
		}
		now = next
		if !moved {
			break
		}
	}
	return now, nil
}
