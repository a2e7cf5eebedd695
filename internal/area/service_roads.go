package area

import (
	"context"
	"slices"

	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
)

// Roads is one import of lines from a GeoJSON FeatureCollection with the
// properties name, class and, where there is one, id; the words by which they
// are known stand in catalog/area/area.yaml.
type Roads struct {
	File  File
	Datum geo.Datum // in which the coordinates are stated; must be given
	Whole bool      // the file holds every road: others are taken off the map
	By    string
}

// ImportRoads loads the lines of the map. A road is known by its id, else by
// what it is, so that the same file twice changes nothing. A broken feature is
// named in the report and every other one goes in. Faults: those of readRoads
// and geo.ParseDatum, area.whole_with_broken_rows.
func (s *Service) ImportRoads(ctx context.Context, in Roads) (Report, error) {
	if _, err := geo.ParseDatum(string(in.Datum)); err != nil {
		return Report{}, err
	}
	lists, _, err := s.lists.Now(ctx)
	if err != nil {
		return Report{}, err
	}
	read, err := readRoads(in.File.Data, in.Datum, lists)
	if err != nil {
		return Report{}, err
	}
	report := Report{Read: len(read)}
	keep := map[string]bool{}
	var good []*line
	for i := range read {
		l := &read[i]
		if l.fault == nil && keep[l.road.ID] {
			l.fault = fault.New(fault.Invalid, "area.twice", "code", short(l.road.ID)).At("id")
		}
		if l.fault != nil {
			report.broken(Broken{File: in.File.Name, Where: l.where, Code: short(l.road.ID), Name: short(l.road.Name), Fault: l.fault})
			continue
		}
		keep[l.road.ID] = true
		good = append(good, l)
	}
	for chunk := range slices.Chunk(good, chunkGrids) {
		var added, changed, unchanged int
		if err := s.d.Commit(ctx, func(tx *db.Tx) (err error) {
			added, changed, unchanged, err = putRoads(tx, chunk)
			return err
		}); err != nil {
			return report, err
		}
		report.Added, report.Changed, report.Unchanged = report.Added+added, report.Changed+changed, report.Unchanged+unchanged
	}
	if in.Whole && report.BrokenRows == 0 {
		if err := s.d.Commit(ctx, func(tx *db.Tx) (err error) {
			report.Ended, err = dropRoads(tx, keep)
			return err
		}); err != nil {
			return report, err
		}
	}
	if err := s.record(ctx, "roads", in.By, []File{in.File}, report); err != nil {
		return report, err
	}
	if in.Whole && report.BrokenRows > 0 { // taking a road away because its feature was broken would be a guess
		return report, fault.New(fault.Unmet, "area.whole_with_broken_rows", "broken", report.BrokenRows)
	}
	return report, nil
}
