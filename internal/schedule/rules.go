package schedule

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"linli/internal/edition"
	"linli/internal/procedure"
)

// CheckFiles finds schedules whose list no room offers, or whose fields are
// given something that a line of the list does not bring.
func (s *Service) CheckFiles(files fs.FS) (problems []edition.Problem) {
	all, _ := procedure.Load(files, procedure.Names{}) // its own problems are named by its own checker
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := all[name]
		for _, sch := range p.Schedules {
			bad := func(format string, args ...any) {
				problems = append(problems, edition.Problem{File: p.File, Line: sch.Line, Text: fmt.Sprintf("schedule %s: ", sch.Name) + fmt.Sprintf(format, args...)})
			}
			if sch.List == "" {
				continue
			}
			plan := s.plans[sch.List]
			if plan == nil {
				bad("no room offers the list %q", sch.List)
				continue
			}
			lines, err := plan(files)
			if err != nil {
				continue // the room that keeps the list names its problems by file and line
			}
			for _, l := range lines {
				for field, from := range sch.With {
					if _, brings := l.Values[from]; !brings && !slices.Contains(procedure.Sources, from) {
						bad("the line %q of the list brings no %q for the field %q", l.Name, from, field)
					}
				}
			}
		}
	}
	return problems
}

// linesOf are the lines of a schedule by kind of period.
func (s *Service) linesOf(files fs.FS, sch *procedure.Schedule) (map[procedure.Every][]Line, error) {
	if sch.List == "" {
		return map[procedure.Every][]Line{sch.Every: {{For: sch.For}}}, nil
	}
	plan := s.plans[sch.List]
	if plan == nil {
		return nil, fmt.Errorf("schedule %s: no room offers the list %q", sch.Name, sch.List)
	}
	lines, err := plan(files)
	if err != nil {
		return nil, err
	}
	out := map[procedure.Every][]Line{}
	for _, l := range lines {
		if slices.Contains(procedure.Everies, l.Every) {
			out[l.Every] = append(out[l.Every], l)
		}
	}
	return out, nil
}

// missing are the periods of a kind that are to be fixed: from the one after
// the last that was, up to the one that runs now.
func missing(every procedure.Every, last *fixed, now procedure.Period) []procedure.Period {
	if last == nil {
		return []procedure.Period{now}
	}
	var out []procedure.Period
	for p := procedure.PeriodOf(every, last.Last+1); p.First <= now.First; p = procedure.PeriodOf(every, p.Last+1) {
		if p.Last >= now.First-mostBack {
			out = append(out, p)
		}
	}
	return out
}

// values are what the opening act is given.
func (f fixed) values(l Line, area string) map[string]any {
	own := map[string]any{"area": area, "period": f.Name, "first_day": f.First.String(), "last_day": f.Last.String(), "line": l.Name}
	out := map[string]any{}
	for field, from := range f.Content.With {
		if v, ok := own[from]; ok {
			out[field] = v
		} else if v, ok := l.Values[from]; ok {
			out[field] = v
		}
	}
	return out
}
