package area

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
)

// lookEvery is how often a node asks the database whether another node changed
// a grid.
const lookEvery = time.Second

// Refresh builds the index of grids anew where a grid changed since, on this
// node or another, or a new day began. It is cheap where nothing did.
func (s *Service) Refresh(ctx context.Context) error {
	s.rebuild.Lock()
	defer s.rebuild.Unlock()
	s.looked.Store(int64(s.clk.Now()))
	// the epoch is read first: what changes while the grids are read moves it
	// again, and the next look builds again
	epoch, err := s.gridEpochNow(ctx)
	if err != nil {
		return err
	}
	day := s.today()
	if x := s.index.Load(); x != nil && x.epoch == epoch && x.day == day {
		return nil
	}
	all, err := s.gridsOn(ctx, day)
	if err != nil {
		return err
	}
	s.index.Store(newIndex(all, day, epoch))
	return nil
}

// now gives the index in force; at most once a second it looks whether it
// still is.
func (s *Service) now(ctx context.Context) *index {
	now, last := s.clk.Now(), s.looked.Load()
	if age := now.Sub(clock.Instant(last)); age >= lookEvery || age < 0 || s.index.Load().day != now.Day() {
		if s.looked.CompareAndSwap(last, int64(now)) { // one asker looks, the others go on
			if err := s.Refresh(ctx); err != nil {
				slog.WarnContext(ctx, "index of grids could not be looked after; the old one serves on", "error", err)
			}
		}
	}
	return s.index.Load()
}

// Locate tells in which grid a point lies whose true place is within
// uncertainty metres of it (0: exactly there). It never guesses: see Located.
// Faults: those of Point.Check, area.uncertainty.
func (s *Service) Locate(ctx context.Context, p Point, uncertainty float64) (Located, error) {
	if err := checkQuestion(p, uncertainty); err != nil {
		return Located{}, err
	}
	return s.now(ctx).locate(p, uncertainty), nil
}

// Grid gives a grid as it stands today or, where it has ended, as it was last.
// Faults: area.code_shape, area.unknown (not found).
func (s *Service) Grid(ctx context.Context, code string) (Grid, error) {
	if LevelOf(code) != GridLevel {
		return Grid{}, fault.New(fault.Invalid, "area.code_shape", "code", short(code)).At("code")
	}
	if g, ok := s.now(ctx).byCode(code); ok {
		return *g, nil
	}
	all, err := s.GridHistory(ctx, code)
	if err != nil {
		return Grid{}, err
	}
	if len(all) == 0 {
		return Grid{}, fault.New(fault.NotFound, "area.unknown", "code", code).At("code")
	}
	best, today := all[0], s.today()
	for _, g := range all[1:] {
		if g.From <= today {
			best = g
		}
	}
	return best, nil
}

// Grids lists the grids under a code that hold today, in the order of their
// codes. Their shapes are shared: do not change them.
func (s *Service) Grids(ctx context.Context, under string) []Grid { return s.now(ctx).under(under) }

func (s *Service) gridsAsAreas(ctx context.Context, community string) ([]Area, error) {
	var out []Area
	for _, g := range s.now(ctx).under(community) {
		out = append(out, Area{Code: g.Code, Name: g.Name, NameEn: g.NameEn, From: g.From, Until: g.Until})
	}
	return out, nil
}

// ExportGrids writes the grids under a code that hold today as a GeoJSON
// FeatureCollection in the datum; importing it again changes nothing. Faults:
// those of geo.ParseDatum.
func (s *Service) ExportGrids(ctx context.Context, to io.Writer, under string, datum geo.Datum) error {
	if _, err := geo.ParseDatum(string(datum)); err != nil {
		return err
	}
	w := bufio.NewWriter(to)
	name, err := json.Marshal(string(datum))
	if err != nil {
		return err
	}
	w.WriteString(`{"type":"FeatureCollection","datum":` + string(name) + `,"features":[`)
	for i, g := range s.now(ctx).under(under) {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := writeFeature(w, g, datum); err != nil {
			return err
		}
	}
	w.WriteString("\n]}\n")
	return w.Flush()
}

func writeFeature(w io.Writer, g Grid, datum geo.Datum) error {
	properties, err := json.Marshal(map[string]any{"code": g.Code, "community": g.Community, "name": g.Name,
		"name_en": g.NameEn, "kind": g.Kind, "phone": g.Phone, "from": g.From.String()})
	if err != nil {
		return err
	}
	shape, err := shifted(g.Shape, datum)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n{\"type\":\"Feature\",\"properties\":"+string(properties)+",\"geometry\":"+geometryText(shape)+"}")
	return err
}

// shifted states a shape in a datum, with two digits more than are kept inside,
// so that coming back it is the same to the last digit.
func shifted(s geo.Shape, datum geo.Datum) (geo.Shape, error) {
	if datum == geo.WGS84 || datum == geo.CGCS2000 {
		return s, nil
	}
	out := make(geo.Shape, len(s))
	for i, poly := range s {
		for _, ring := range poly {
			r := make(orb.Ring, len(ring))
			for j, at := range ring {
				p, err := geo.From(Point{Lon: at[0], Lat: at[1]}, datum)
				if err != nil {
					return nil, err
				}
				r[j] = orb.Point{round9(p.Lon), round9(p.Lat)}
			}
			out[i] = append(out[i], r)
		}
	}
	return out, nil
}

func round9(f float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', 9, 64), 64)
	if err != nil {
		return f // cannot be: it was just written
	}
	return short
}
