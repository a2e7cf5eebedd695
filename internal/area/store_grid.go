package area

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

const gridColumns = `code, community, name, name_en, kind, phone, geometry, from_day, until_day`

func grids(rows *sql.Rows, err error) ([]Grid, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Grid
	for rows.Next() {
		var g Grid
		var text string
		if err := rows.Scan(&g.Code, &g.Community, &g.Name, &g.NameEn, &g.Kind, &g.Phone, &text, &g.From, &g.Until); err != nil {
			return nil, err
		}
		if g.Shape, err = shapeOf(text); err != nil {
			return nil, fmt.Errorf("borders of grid %s: %w", g.Code, err)
		}
		out = append(out, g)
	}
	return out, rows.Err()
}

// gridsOn reads the grids that hold on a day.
func (s *Service) gridsOn(ctx context.Context, day clock.Day) ([]Grid, error) {
	return grids(s.d.Reader().Rows(ctx, `SELECT `+gridColumns+` FROM area_grid
		WHERE from_day <= $1 AND (until_day = 0 OR until_day > $1)`, day))
}

// GridHistory lists every version of a grid, the oldest first.
func (s *Service) GridHistory(ctx context.Context, code string) ([]Grid, error) {
	return grids(s.d.Reader().Rows(ctx, `SELECT `+gridColumns+` FROM area_grid WHERE code = $1 ORDER BY from_day`, code))
}

// gridNames reads, of one community, the code of each name that holds, and
// every code that was ever taken.
func (s *Service) gridNames(ctx context.Context, community string) (byName map[string]string, taken map[string]bool, err error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT code, name, until_day FROM area_grid WHERE community = $1 ORDER BY code, from_day`, community)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	byName, taken = map[string]string{}, map[string]bool{}
	for rows.Next() {
		var code, name string
		var until clock.Day
		if err := rows.Scan(&code, &name, &until); err != nil {
			return nil, nil, err
		}
		taken[code] = true
		if until == 0 {
			byName[name] = code
		}
	}
	return byName, taken, rows.Err()
}

// gridEpochNow is the number that every change of a grid moves on.
func (s *Service) gridEpochNow(ctx context.Context) (int64, error) {
	var n int64
	err := s.d.Reader().Row(ctx, `SELECT value FROM kit_epoch WHERE name = $1`, gridEpoch).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// gridChunk writes some grids and counts what that changed.
type gridChunk struct {
	from                      clock.Day
	added, changed, unchanged int
	older                     []*feature
}

func (c *gridChunk) write(tx *db.Tx, fs []*feature) error {
	// before anything is compared: a second import waits here on PostgreSQL
	if err := tx.BumpEpoch(gridEpoch); err != nil {
		return err
	}
	for _, f := range fs {
		if err := c.one(tx, f); err != nil {
			return err
		}
	}
	return nil
}

func (c *gridChunk) one(tx *db.Tx, f *feature) error {
	g := f.grid
	var was Grid
	var text string
	err := tx.Row(`SELECT `+gridColumns+` FROM area_grid WHERE code = $1 ORDER BY from_day DESC LIMIT 1`, g.Code).
		Scan(&was.Code, &was.Community, &was.Name, &was.NameEn, &was.Kind, &was.Phone, &text, &was.From, &was.Until)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		c.added++
		return c.insert(tx, f)
	case err != nil:
		return err
	case was.Until != 0 && was.Until <= c.from: // came back
		c.added++
		return c.insert(tx, f)
	case was.Until == 0 && was.Name == g.Name && was.NameEn == g.NameEn && was.Kind == g.Kind && was.Phone == g.Phone && text == f.text:
		c.unchanged++
		return nil
	case was.From > c.from || was.Until != 0:
		c.older = append(c.older, f)
		return nil
	case was.From == c.from: // a correction on the day on which it begins
		c.changed++
		_, err := tx.Exec(`UPDATE area_grid SET name = $3, name_en = $4, kind = $5, phone = $6, geometry = $7
			WHERE code = $1 AND from_day = $2`, g.Code, was.From, g.Name, g.NameEn, g.Kind, g.Phone, f.text)
		return err
	}
	c.changed++
	if _, err := tx.Exec(`UPDATE area_grid SET until_day = $3 WHERE code = $1 AND from_day = $2`, g.Code, was.From, c.from); err != nil {
		return err
	}
	return c.insert(tx, f)
}

func (c *gridChunk) insert(tx *db.Tx, f *feature) error {
	g := f.grid
	_, err := tx.Exec(`INSERT INTO area_grid(code, community, name, name_en, kind, phone, geometry, from_day, until_day)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,0)`, g.Code, g.Community, g.Name, g.NameEn, g.Kind, g.Phone, f.text, c.from)
	return err
}

// endGrids ends the grids of the communities that stand and are not kept.
func endGrids(tx *db.Tx, communities []string, keep map[string]bool, day clock.Day) (int, error) {
	ended := 0
	for _, community := range communities {
		rows, err := tx.Rows(`SELECT code FROM area_grid WHERE community = $1 AND until_day = 0 AND from_day < $2`, community, day)
		if err != nil {
			return 0, err
		}
		var gone []string
		for rows.Next() {
			var code string
			if err := rows.Scan(&code); err != nil {
				rows.Close()
				return 0, err
			}
			if !keep[code] {
				gone = append(gone, code)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return 0, err
		}
		for _, code := range gone {
			if _, err := tx.Exec(`UPDATE area_grid SET until_day = $2 WHERE code = $1 AND until_day = 0`, code, day); err != nil {
				return 0, err
			}
		}
		ended += len(gone)
	}
	return ended, nil
}
