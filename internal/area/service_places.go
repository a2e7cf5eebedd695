package area

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"

	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/text"
)

// Places is one import of place names from CSV with the columns name, lon, lat
// and, where there are such, id, datum and area.
type Places struct {
	File  File
	Datum geo.Datum // of rows that state none; may be "" where every row states its own
	By    string
}

// ImportPlaces loads place names. A place is known by its id, else by its name
// and point, so that the same file twice changes nothing. A row without an area
// gets the community of the grid it lies in, where Locate is sure. A broken row
// is named in the report and every other one goes in. Faults: those of
// openTable, area.columns_unknown, geo.datum_unknown.
func (s *Service) ImportPlaces(ctx context.Context, in Places) (Report, error) {
	var report Report
	if in.Datum != "" {
		if _, err := geo.ParseDatum(string(in.Datum)); err != nil {
			return report, err
		}
	}
	rows, err := s.openPlaces(ctx, in)
	if err != nil {
		return report, err
	}
	var pending []Place
	flush := func() error {
		err := s.writePlaces(ctx, pending, &report)
		pending = pending[:0]
		return err
	}
	seen := map[string]bool{}
	for {
		p, err := rows.next()
		if errors.Is(err, io.EOF) {
			break
		}
		report.Read++
		if err == nil && seen[p.Ref] {
			err = errLine{fault.New(fault.Invalid, "area.twice", "code", short(p.Ref))}
		}
		if err != nil {
			b := Broken{File: in.File.Name, Where: rows.t.line, Code: short(p.Ref), Name: short(p.Name), Fault: fault.Of(err)}
			if !errors.As(err, new(errLine)) { // the rest cannot be read; what was read stays
				report.stopped(b)
				break
			}
			report.broken(b)
			continue
		}
		seen[p.Ref] = true
		if p.Area == "" {
			if at := s.now(ctx).locate(p.Point, 0); at.Status == Inside {
				p.Area = at.Suggestions[0].Community
			}
		}
		if pending = append(pending, p); len(pending) == chunkRows {
			if err := flush(); err != nil {
				return report, err
			}
		}
	}
	if err := flush(); err != nil {
		return report, err
	}
	return report, s.record(ctx, "places", in.By, []File{in.File}, report)
}

// placeRows reads places from a file.
type placeRows struct {
	t                             *table
	id, name, lon, lat, datum, ar int
	given                         geo.Datum
}

func (s *Service) openPlaces(ctx context.Context, in Places) (*placeRows, error) {
	lists, _, err := s.lists.Now(ctx)
	if err != nil {
		return nil, err
	}
	t, err := openTable(in.File.Data)
	if err != nil {
		return nil, err
	}
	l := lists.Place
	p := &placeRows{t: t, given: in.Datum, id: t.column(l.ID), name: t.column(l.Name), lon: t.column(l.Lon),
		lat: t.column(l.Lat), datum: t.column(l.Datum), ar: t.column(l.Area)}
	if p.name < 0 || p.lon < 0 || p.lat < 0 {
		return nil, fault.New(fault.Invalid, "area.columns_unknown", "columns", t.header)
	}
	return p, nil
}

// next gives the next place. Faults of one line come as errLine.
func (r *placeRows) next() (Place, error) {
	fields, err := r.t.next()
	if err != nil {
		return Place{}, err
	}
	p := Place{Ref: field(fields, r.id), Name: field(fields, r.name), Area: field(fields, r.ar)}
	if err := r.fill(&p, fields); err != nil {
		return p, errLine{fault.Of(err)}
	}
	return p, nil
}

func (r *placeRows) fill(p *Place, fields []string) (err error) {
	if p.Name, err = oneLine(p.Name); err != nil {
		return err
	}
	if p.Name == "" {
		return fault.New(fault.Invalid, "area.name_missing").At("name")
	}
	if p.Ref, err = text.Clean(p.Ref, mostName); err != nil {
		return fault.Of(err).At("id")
	}
	if p.Area != "" {
		if l := LevelOf(p.Area); l == NoLevel {
			return fault.New(fault.Invalid, "area.code_shape", "code", short(p.Area)).At("area")
		}
	}
	lon, err1 := strconv.ParseFloat(field(fields, r.lon), 64)
	lat, err2 := strconv.ParseFloat(field(fields, r.lat), 64)
	if err := errors.Join(err1, err2); err != nil {
		return fault.New(fault.Invalid, "area.point_number", "lon", short(field(fields, r.lon)), "lat", short(field(fields, r.lat))).At("lon").Because(err)
	}
	datum := r.given
	if stated := field(fields, r.datum); stated != "" {
		datum = geo.Datum(stated)
	}
	at := Point{Lon: lon, Lat: lat}
	if p.Point, err = geo.To(at, datum); err != nil {
		return err
	}
	if !p.Point.InChina() {
		if (Point{Lon: lat, Lat: lon}).InChina() {
			return fault.New(fault.Invalid, "area.point_swapped", "number", 1, "lon", lon, "lat", lat).At("lon")
		}
		return fault.New(fault.Invalid, "area.point_implausible", "number", 1, "lon", lon, "lat", lat).At("lon")
	}
	p.Point = Point{Lon: round7(p.Point.Lon), Lat: round7(p.Point.Lat)}
	if p.Ref == "" {
		p.Ref = text.Fold(p.Name) + "@" + strconv.FormatFloat(p.Point.Lon, 'f', -1, 64) + "," + strconv.FormatFloat(p.Point.Lat, 'f', -1, 64)
	}
	return nil
}

// writePlaces writes some places in one durable transaction.
func (s *Service) writePlaces(ctx context.Context, list []Place, report *Report) error {
	if len(list) == 0 {
		return nil
	}
	type prepared struct {
		Place
		folded   string
		lon, lat int64
		grams    []string
	}
	ready := make([]prepared, len(list))
	for i, p := range list {
		ready[i] = prepared{Place: p, folded: text.Fold(p.Name), lon: int64(math.Round(p.Point.Lon * 1e7)),
			lat: int64(math.Round(p.Point.Lat * 1e7)), grams: distinct(text.Bigrams(p.Name))}
	}
	var added, changed, unchanged int
	err := s.d.Commit(ctx, func(tx *db.Tx) error {
		added, changed, unchanged = 0, 0, 0 // fn may run twice
		if err := tx.BumpEpoch(mapEpoch); err != nil {
			return err
		}
		for _, p := range ready {
			var was Place
			var lon, lat int64
			err := tx.Row(`SELECT name, lon_e7, lat_e7, area FROM area_place WHERE ref = $1`, p.Ref).Scan(&was.Name, &lon, &lat, &was.Area)
			switch {
			case err == nil && was.Name == p.Name && lon == p.lon && lat == p.lat && was.Area == p.Area:
				unchanged++
				continue
			case err == nil:
				changed++
			case errors.Is(err, db.NoRows):
				added++
			default:
				return err
			}
			if err := putPlace(tx, p.Place, p.folded, p.lon, p.lat, p.grams); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		report.Added, report.Changed, report.Unchanged = report.Added+added, report.Changed+changed, report.Unchanged+unchanged
	}
	return err
}

// distinct drops repetitions.
func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
