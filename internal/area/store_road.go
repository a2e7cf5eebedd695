package area

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"linli/internal/kit/db"
)

// mapEpoch moves on whenever a road or a place name changes.
const mapEpoch = "area_map"

// putRoads writes some roads and counts what that changed.
func putRoads(tx *db.Tx, list []*line) (added, changed, unchanged int, err error) {
	if err := tx.BumpEpoch(mapEpoch); err != nil {
		return 0, 0, 0, err
	}
	for _, l := range list {
		var name, class, text string
		err := tx.Row(`SELECT name, class, lines FROM area_road WHERE id = $1`, l.road.ID).Scan(&name, &class, &text)
		switch {
		case err == nil && name == l.road.Name && class == l.road.Class && text == l.text:
			unchanged++
			continue
		case err == nil:
			changed++
		case errors.Is(err, db.NoRows):
			added++
		default:
			return 0, 0, 0, err
		}
		b := l.road.Lines.Bound()
		if _, err := tx.Exec(`INSERT INTO area_road(id, name, class, weight, lines, west, south, east, north) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)
			ON CONFLICT (id) DO UPDATE SET name = $2, class = $3, weight = $4, lines = $5, west = $6, south = $7, east = $8, north = $9`,
			l.road.ID, l.road.Name, l.road.Class, weightOf(l.road.Class), l.text, e7(b.Min[0]), e7(b.Min[1]), e7(b.Max[0]), e7(b.Max[1])); err != nil {
			return 0, 0, 0, err
		}
	}
	return added, changed, unchanged, nil
}

// dropRoads takes every road off the map that is not kept.
func dropRoads(tx *db.Tx, keep map[string]bool) (int, error) {
	rows, err := tx.Rows(`SELECT id FROM area_road`)
	if err != nil {
		return 0, err
	}
	var gone []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return 0, errors.Join(err, rows.Close())
		}
		if !keep[id] {
			gone = append(gone, id)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	for _, id := range gone {
		if _, err := tx.Exec(`DELETE FROM area_road WHERE id = $1`, id); err != nil {
			return 0, err
		}
	}
	return len(gone), tx.BumpEpoch(mapEpoch)
}

// roadsIn lists at most limit roads that reach into a box, the weightiest first.
func (s *Service) roadsIn(ctx context.Context, b Box, weight, limit int) ([]Road, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT id, name, class, lines FROM area_road
		WHERE weight <= $1 AND west <= $2 AND east >= $3 AND south <= $4 AND north >= $5 ORDER BY weight, id LIMIT $6`,
		weight, e7(b.East), e7(b.West), e7(b.North), e7(b.South), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Road
	for rows.Next() {
		var r Road
		var text string
		if err := rows.Scan(&r.ID, &r.Name, &r.Class, &text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &r.Lines); err != nil {
			return nil, fmt.Errorf("lines of road %s: %w", r.ID, err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
