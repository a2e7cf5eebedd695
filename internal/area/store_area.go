package area

import (
	"context"
	"database/sql"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

const areaColumns = `code, name, name_en, from_day, until_day`

func scanArea(rows interface{ Scan(...any) error }) (Area, error) {
	var a Area
	err := rows.Scan(&a.Code, &a.Name, &a.NameEn, &a.From, &a.Until)
	return a, err
}

func areas(rows *sql.Rows, err error) ([]Area, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Area
	for rows.Next() {
		a, err := scanArea(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// versions lists every row of a code, the oldest first.
func (s *Service) versions(ctx context.Context, code string) ([]Area, error) {
	return areas(s.d.Reader().Rows(ctx, `SELECT `+areaColumns+` FROM area_area WHERE code = $1 ORDER BY from_day`, code))
}

// newest gives the version that holds today, else the last that did, else the
// first that will.
func (s *Service) newest(ctx context.Context, code string) (Area, bool, error) {
	all, err := s.versions(ctx, code)
	if err != nil || len(all) == 0 {
		return Area{}, false, err
	}
	best, today := all[0], s.today()
	for _, a := range all[1:] {
		if a.From <= today {
			best = a
		}
	}
	return best, true, nil
}

// named gives the newest version of each code that is known.
func (s *Service) named(ctx context.Context, codes []string) (map[string]Area, error) {
	out := make(map[string]Area, len(codes))
	for len(codes) > 0 {
		n := min(len(codes), chunkRows)
		args := make([]any, n, n+1)
		for i, c := range codes[:n] {
			args[i] = c
		}
		list, err := areas(s.d.Reader().Rows(ctx, `SELECT `+areaColumns+` FROM area_area WHERE code IN `+db.In(1, n)+
			` ORDER BY code, from_day`, args...))
		if err != nil {
			return nil, err
		}
		today := s.today()
		for _, a := range list {
			if _, have := out[a.Code]; !have || a.From <= today {
				out[a.Code] = a
			}
		}
		codes = codes[n:]
	}
	return out, nil
}

// Standing lists the areas of one level under a prefix that stood on a day, in
// the order of their codes.
func (s *Service) Standing(ctx context.Context, prefix string, level Level, day clock.Day) ([]Area, error) {
	where := ` WHERE level = $1 AND level < 5 AND code >= $2 AND code <= $3`
	if level == Community { // the partial index has the upper levels only; a street's codes lie together anyway
		where = ` WHERE level = $1 AND code >= $2 AND code <= $3`
	}
	return areas(s.d.Reader().Rows(ctx, `SELECT `+areaColumns+` FROM area_area`+where+
		` AND from_day <= $4 AND (until_day = 0 OR until_day > $4) ORDER BY code`, level, prefix, last(prefix), day))
}

// topLevel is the highest level of which an area is known.
func (s *Service) topLevel(ctx context.Context) (Level, error) {
	for l := Province; l <= Community; l++ {
		var n int
		err := s.d.Reader().Row(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM area_area WHERE level = $1 LIMIT 1) AS one`, l).Scan(&n)
		if err != nil {
			return NoLevel, err
		}
		if n > 0 {
			return l, nil
		}
	}
	return NoLevel, nil
}

func (s *Service) successions(ctx context.Context, code string) ([]Succession, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT old_code, new_code, day, reason FROM area_succession WHERE old_code = $1
		ORDER BY day, old_code, new_code`, code)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Succession
	for rows.Next() {
		var one Succession
		if err := rows.Scan(&one.Old, &one.New, &one.Day, &one.Reason); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// Count tells how many areas of the level stand today.
func (s *Service) Count(ctx context.Context, level Level) (int, error) {
	var n int
	err := s.d.Reader().Row(ctx, `SELECT COUNT(*) FROM area_area WHERE level = $1 AND from_day <= $2
		AND (until_day = 0 OR until_day > $2)`, level, s.today()).Scan(&n)
	return n, err
}
