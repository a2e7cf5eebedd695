package area

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
)

// Grids is one import of grids from a GeoJSON FeatureCollection of polygons
// with the properties name, community (12 digits), kind, phone and code; the
// words by which properties are known stand in catalog/area/area.yaml.
type Grids struct {
	File  File      // GeoJSON, not compressed
	Datum geo.Datum // in which the coordinates are stated; must be given
	From  clock.Day // the day from which these borders hold; 0 is today
	Whole bool      // the file holds every grid of the communities it names: others end on that day
	By    string    // who imports, for the record
}

// ImportGrids loads grids. A grid without a code is known by its name within
// its community, else it gets the next free number, counted from west to east
// and from north to south. A broken feature is named in the report and every
// other one goes in; a file that is no whole GeoJSON changes nothing. Grids that
// reach into each other by more than a metre go in and are reported: which
// border is right is not for the program to say. Faults: those of readFeatures
// and geo.ParseDatum, area.whole_with_broken_rows.
func (s *Service) ImportGrids(ctx context.Context, in Grids) (Report, error) {
	if _, err := geo.ParseDatum(string(in.Datum)); err != nil {
		return Report{}, err
	}
	if in.From == 0 {
		in.From = s.today()
	}
	lists, _, err := s.lists.Now(ctx)
	if err != nil {
		return Report{}, err
	}
	fs, err := readFeatures(in.File.Data, in.Datum, lists)
	if err != nil {
		return Report{}, err
	}
	imp := &gridImport{s: s, in: in, lists: lists, report: Report{Read: len(fs)}}
	if err := imp.prepare(ctx, fs); err != nil {
		return imp.report, err
	}
	if err := imp.write(ctx); err != nil {
		return imp.report, err
	}
	if in.Whole {
		if err := imp.end(ctx); err != nil {
			return imp.report, err
		}
	}
	for i := range fs {
		if f := &fs[i]; f.fault != nil {
			imp.report.broken(Broken{File: in.File.Name, Where: f.where, Code: f.grid.Code, Name: f.grid.Name, Fault: f.fault})
		}
	}
	if err := s.Refresh(ctx); err != nil {
		return imp.report, err
	}
	if err := imp.overlaps(ctx); err != nil {
		return imp.report, err
	}
	if err := s.record(ctx, "grids", in.By, []File{in.File}, imp.report); err != nil {
		return imp.report, err
	}
	if in.Whole && imp.report.BrokenRows > 0 { // ending a grid because its feature was broken would be a guess
		return imp.report, fault.New(fault.Unmet, "area.whole_with_broken_rows", "broken", imp.report.BrokenRows)
	}
	return imp.report, nil
}

// gridImport is one import under way.
type gridImport struct {
	s           *Service
	in          Grids
	lists       Lists
	report      Report
	good        []*feature
	communities []string
	broken      bool
}

// prepare sorts out broken features, finds the communities and gives numbers.
func (imp *gridImport) prepare(ctx context.Context, fs []feature) error {
	byCommunity := map[string][]*feature{}
	coded := map[string]bool{}
	for i := range fs {
		f := &fs[i]
		if f.fault == nil && f.grid.Code != "" && coded[f.grid.Code] {
			f.fault = fault.New(fault.Invalid, "area.twice", "code", f.grid.Code).At("code")
		}
		coded[f.grid.Code] = true
		if f.fault == nil {
			byCommunity[f.grid.Community] = append(byCommunity[f.grid.Community], f)
		}
	}
	imp.communities = slices.Sorted(maps.Keys(byCommunity))
	known, err := imp.s.named(ctx, imp.communities)
	if err != nil {
		return err
	}
	for _, community := range imp.communities {
		list := byCommunity[community]
		if a, ok := known[community]; !ok || a.Ended(imp.in.From) {
			for _, f := range list {
				f.fault = fault.New(fault.Invalid, "area.community_unknown", "community", community, "day", imp.in.From).At("community")
			}
			continue
		}
		if err := imp.number(ctx, community, list, coded); err != nil {
			return err
		}
	}
	for i := range fs {
		if fs[i].fault == nil {
			imp.good = append(imp.good, &fs[i])
		} else {
			imp.broken = true
		}
	}
	return nil
}

func (imp *gridImport) number(ctx context.Context, community string, list []*feature, coded map[string]bool) error {
	var without []*feature
	for _, f := range list {
		if f.grid.Code == "" {
			without = append(without, f)
		}
	}
	if len(without) == 0 {
		return nil
	}
	byName, taken, err := imp.s.gridNames(ctx, community)
	if err != nil {
		return err
	}
	maps.DeleteFunc(byName, func(_, code string) bool { return coded[code] }) // the file gives that code to a feature of its own
	maps.Copy(taken, coded)
	numberGrids(without, byName, taken, imp.lists)
	return nil
}

const chunkGrids = 200 // grids of one commit

func (imp *gridImport) write(ctx context.Context) error {
	for chunk := range slices.Chunk(imp.good, chunkGrids) {
		var done gridChunk
		err := imp.s.d.Commit(ctx, func(tx *db.Tx) error {
			done = gridChunk{from: imp.in.From} // fn may run twice
			return done.write(tx, chunk)
		})
		if err != nil {
			return err
		}
		imp.report.Added += done.added
		imp.report.Changed += done.changed
		imp.report.Unchanged += done.unchanged
		for _, f := range done.older {
			f.fault = fault.New(fault.Conflict, "area.older_than_known", "code", f.grid.Code, "day", imp.in.From)
			imp.broken = true
		}
	}
	return nil
}

// end ends what a whole file no longer has, unless something in it was broken.
func (imp *gridImport) end(ctx context.Context) error {
	if imp.broken {
		return nil
	}
	keep := map[string]bool{}
	for _, f := range imp.good {
		keep[f.grid.Code] = true
	}
	return imp.s.d.Commit(ctx, func(tx *db.Tx) (err error) {
		if err = tx.BumpEpoch(gridEpoch); err == nil {
			imp.report.Ended, err = endGrids(tx, imp.communities, keep, imp.in.From)
		}
		return err
	})
}

// overlaps compares every grid of the file with all that hold on its first day.
func (imp *gridImport) overlaps(ctx context.Context) error {
	x := imp.s.index.Load()
	if x.day != imp.in.From {
		all, err := imp.s.gridsOn(ctx, imp.in.From)
		if err != nil {
			return err
		}
		x = newIndex(all, imp.in.From, 0)
	}
	inFile := map[string]bool{}
	for _, f := range imp.good {
		inFile[f.grid.Code] = f.fault == nil
	}
	for _, f := range imp.good {
		if err := ctx.Err(); err != nil {
			return err
		}
		if a, ok := x.byCode(f.grid.Code); ok && f.fault == nil {
			imp.report.Overlaps = append(imp.report.Overlaps, x.overlapping(a, inFile)...)
		}
	}
	slices.SortFunc(imp.report.Overlaps, func(a, b Overlap) int {
		return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	return nil
}

// overlapping lists the grids into which a reaches. A pair whose two grids are
// both of the file is told once, by its smaller code.
func (x *index) overlapping(a *Grid, inFile map[string]bool) []Overlap {
	var out []Overlap
	box := a.Shape.Bound()
	x.tree.Search(box.Min, box.Max, func(_, _ [2]float64, at int32) bool {
		b := &x.grids[at]
		if b.Code == a.Code || inFile[b.Code] && b.Code < a.Code {
			return true
		}
		if meters, where := overlap(a.Shape, b.Shape); meters > overlapFrom {
			out = append(out, Overlap{A: a.Code, B: b.Code, NameA: a.Name, NameB: b.Name, Meters: meters, At: where})
		}
		return true
	})
	return out
}

// EndGrid ends a grid on the day. Faults: area.unknown, area.ended.
func (s *Service) EndGrid(ctx context.Context, code string, day clock.Day) error {
	g, err := s.Grid(ctx, code)
	if err != nil {
		return err
	}
	if g.Until != 0 && g.Until != day || g.From >= day {
		return fault.New(fault.Conflict, "area.ended", "code", code, "day", day).At("day")
	}
	err = s.d.Commit(ctx, func(tx *db.Tx) error {
		if err := tx.BumpEpoch(gridEpoch); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE area_grid SET until_day = $2 WHERE code = $1 AND until_day = 0`, code, day)
		return err
	})
	if err != nil {
		return err
	}
	return s.Refresh(ctx)
}
