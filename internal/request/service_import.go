package request

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// Bounds of the work of an import: how many orders are prepared at once, so that
// one durable write carries many of them, and how many rows are looked at together.
const (
	importers   = 64
	importBatch = 1000
)

// order is one row as it goes in.
type order struct {
	line    int
	number  string
	sum     string
	opening casework.Opening
	note    error
}

// importing is one run of ImportRequests.
type importing struct {
	*Service
	by      identity.Actor
	m       Map
	zone    *time.Location
	now     clock.Instant
	root    string
	units   map[string]bool
	classes *duty.Classes
	areas   map[string]foundArea // by the names or the code of a row
	seen    map[string]int       // number -> line
	report  *ImportReport
}

type foundArea struct {
	code string
	note error
}

// ImportRequests takes in orders of another system from a CSV (gzip is fine)
// through a column map. Each becomes a case with the one act "import" that
// carries the source's verdict: no clock runs, nobody is told, no rate counts
// it. Bad rows are named with line and reason, all others go in; rows that came
// before unchanged are skipped by their number. Faults: Forbidden, Invalid for
// the map or a file that is no such CSV.
func (s *Service) ImportRequests(ctx context.Context, by identity.Actor, m Map, csv io.Reader) (ImportReport, error) {
	var report ImportReport
	run, err := s.importing(ctx, by, m, &report)
	if err != nil {
		return report, err
	}
	t, err := openTable(csv, m.columns())
	if err != nil {
		return report, err
	}
	for {
		batch, end, err := run.batch(ctx, t)
		if err != nil {
			return report, err
		}
		if err := run.take(ctx, batch); err != nil {
			return report, err
		}
		if end {
			return report, nil
		}
	}
}

func (s *Service) importing(ctx context.Context, by identity.Actor, m Map, report *ImportReport) (*importing, error) {
	if by.Kind != identity.System && !by.Has("administrator") {
		return nil, fault.New(fault.Forbidden, "request.import_right")
	}
	run := &importing{Service: s, by: identity.SystemActor(), m: m, now: s.Clock.Now(), units: map[string]bool{}, areas: map[string]foundArea{}, seen: map[string]int{}, report: report}
	var err error
	if run.zone, err = m.zone(); err != nil {
		return nil, fault.New(fault.Invalid, "request.import_map", "detail", err.Error()).At("zone")
	}
	if run.root, err = s.root(ctx); err != nil {
		return nil, err
	}
	top := run.root
	if m.Area.Under != "" {
		top = m.Area.Under
	}
	for _, p := range by.Posts { // who is posted over the whole area signs the acts
		if p.Kind == "administrator" && p.Area != "" && area.Under(top, p.Area) {
			run.by = by
		}
	}
	units, err := s.People.Units(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		run.units[u.ID] = true
	}
	lists, _, err := s.Duty.Catalogue(ctx)
	run.classes = lists.Classes
	return run, err
}

// batch reads the next rows.
func (run *importing) batch(ctx context.Context, t *table) (out []order, end bool, err error) {
	for len(out) < importBatch {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return out, true, nil
		}
		run.report.Read++
		var o order
		if err == nil {
			o, err = run.order(ctx, row)
		}
		var f *fault.Fault
		switch {
		case err == nil:
			out = append(out, o)
		case errors.As(err, &f) && f.Kind != fault.Internal:
			run.report.refuse(row.line, o.number, err)
		default:
			return nil, false, err
		}
	}
	return out, false, nil
}

// order turns a row into an opening.
func (run *importing) order(ctx context.Context, row record) (order, error) {
	sum := sha256.Sum256([]byte(strings.Join(row.row, "\x1f")))
	o := order{line: row.line, sum: hex.EncodeToString(sum[:])}
	number := row.get(run.m.Number)
	if run.m.none(number) {
		return o, fault.New(fault.Invalid, "request.import_number").At(run.m.Number)
	}
	o.number = run.m.Prefix + number
	if first, twice := run.seen[o.number]; twice {
		return o, fault.New(fault.Invalid, "request.import_twice", "number", o.number, "line", first)
	}
	run.seen[o.number] = row.line
	said := row.get(run.m.Time.Column)
	at, err := time.ParseInLocation(run.m.Time.Layout, said, run.zone)
	if err != nil || clock.At(at) > run.now || clock.At(at) <= 0 {
		return o, fault.New(fault.Invalid, "request.import_time", "value", clip(said, 40)).At(run.m.Time.Column)
	}
	values := map[string]any{"channel": "import"}
	if err := run.fillOrder(ctx, row, values, &o); err != nil {
		return o, err
	}
	o.opening = casework.Opening{Procedure: Procedure, Act: "import", Values: values, Imported: true, Number: o.number, Recorded: clock.At(at)}
	return o, nil
}

func (run *importing) fillOrder(ctx context.Context, row record, values map[string]any, o *order) error {
	class, err := run.value(row, run.m.Class, "request.import_class", func(id string) bool { _, ok := run.classes.Class(id); return ok })
	if err != nil {
		return err
	}
	unit, err := run.value(row, run.m.Unit, "request.import_unit", func(id string) bool { return run.units[id] })
	if err != nil {
		return err
	}
	at, err := run.area(ctx, row)
	if err != nil {
		return err
	}
	o.note = at.note
	for name, v := range map[string]string{"class": class, "lead": unit} {
		if v != "" {
			values[name] = v
		}
	}
	if at.code != "" {
		values["place"] = map[string]any{"area": at.code}
	}
	title := ""
	for _, column := range run.m.Title {
		if v := row.get(column); !run.m.none(v) {
			title = v
			break
		}
	}
	if k, ok := run.classes.Class(class); ok && title == "" {
		title = k.Title.In("zh")
	}
	if title != "" {
		values["subject"] = clip(title, 60)
	}
	for _, v := range run.m.Verdict {
		if row.get(v.Column) == v.Equals {
			values["verdict"] = clip(v.Say, 100)
			break
		}
	}
	var kept []string
	for _, column := range run.m.Keep {
		if v := row.get(column); !run.m.none(v) {
			kept = append(kept, column+"="+v)
		}
	}
	values["source"] = clip(strings.Join(append([]string{run.m.Source}, kept...), "; "), 400)
	return nil
}

// value maps a column to an id that is known.
func (run *importing) value(row record, m valueMap, key string, known func(string) bool) (string, error) {
	raw := row.get(m.Column)
	if m.Column == "" || run.m.none(raw) {
		if m.Need {
			return "", fault.New(fault.Invalid, key, "value", raw).At(m.Column)
		}
		return "", nil
	}
	id, mapped := m.Values[raw]
	if !mapped {
		id = m.Prefix + raw
	}
	if !known(id) {
		return "", fault.New(fault.Invalid, key, "value", clip(raw, 40)).At(m.Column)
	}
	return id, nil
}

// area finds the area of a row: by code, else by names from the larger to the
// smaller. A smaller one that is not found leaves the larger, with a remark.
func (run *importing) area(ctx context.Context, row record) (foundArea, error) {
	m := run.m.Area
	key := row.get(m.Column)
	if code, mapped := m.Values[key]; mapped {
		key = code
	} else if run.m.none(key) {
		key = ""
	}
	var names []string
	if key == "" {
		for _, column := range m.Names {
			if v := row.get(column); !run.m.none(v) {
				names = append(names, v)
			}
		}
	}
	cache := key + "\x1f" + strings.Join(names, "\x1f")
	if found, known := run.areas[cache]; known {
		return found, run.need(found, names)
	}
	found, err := run.findArea(ctx, key, names)
	if err != nil {
		return found, err
	}
	run.areas[cache] = found
	return found, run.need(found, names)
}

func (run *importing) need(found foundArea, names []string) error {
	if run.m.Area.Need && (found.code == "" || found.note != nil || len(names) == 0 && run.m.Area.Column == "") {
		return fault.New(fault.Invalid, "request.import_area", "value", strings.Join(names, " "))
	}
	return nil
}

func (run *importing) findArea(ctx context.Context, code string, names []string) (foundArea, error) {
	if code != "" {
		_, err := run.Areas.Get(ctx, code)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
			return foundArea{}, fault.New(fault.Invalid, "request.import_area", "value", clip(code, 40))
		}
		return foundArea{code: code}, err
	}
	at := run.m.Area.Under
	if at == "" {
		at = run.root
	}
	for _, name := range names {
		children, err := run.Areas.Children(ctx, at)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return foundArea{}, err
		}
		next := byName(children, name)
		if next == "" {
			return foundArea{code: at, note: fault.New(fault.Invalid, "request.import_area", "value", clip(name, 40))}, nil
		}
		at = next
	}
	return foundArea{code: at}, nil
}

// byName finds the area that bears a name, or the only one whose name begins
// with it: tables write out more of a community's name than people do.
func byName(areas []area.Area, name string) string {
	found := ""
	for _, a := range areas {
		if a.Name == name {
			return a.Code
		}
		if strings.HasPrefix(a.Name, name) {
			if found != "" {
				return ""
			}
			found = a.Code
		}
	}
	return found
}

// take opens a batch of orders, many at once so that they share durable writes.
func (run *importing) take(ctx context.Context, batch []order) error {
	numbers := make([]string, len(batch))
	for i, o := range batch {
		numbers[i] = o.number
	}
	before, err := run.imported(ctx, numbers)
	if err != nil {
		return err
	}
	var fresh []order
	for _, o := range batch {
		switch sum, known := before[o.number]; {
		case !known:
			fresh = append(fresh, o)
		case sum == o.sum:
			run.report.Same++
		default:
			run.report.refuse(o.line, o.number, fault.New(fault.Conflict, "request.import_changed", "number", o.number))
		}
	}
	results := run.openAll(ctx, fresh)
	var done []noted
	for i, o := range fresh {
		if err := run.count(ctx, o, results[i], &done); err != nil {
			return err
		}
	}
	return run.noteImported(ctx, done)
}

// opened is what became of one order.
type opened struct {
	id  string
	err error
}

func (run *importing) openAll(ctx context.Context, fresh []order) []opened {
	results := make([]opened, len(fresh))
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(importers, len(fresh)) {
		wait.Go(func() {
			for i := range next {
				receipt, err := run.Cases.Open(ctx, run.by, fresh[i].opening)
				results[i] = opened{receipt.Case, err}
			}
		})
	}
	for i := range fresh {
		next <- i
	}
	close(next)
	wait.Wait()
	return results
}

// count enters one result into the report. A number that stands already without
// our note was imported by a run that was cut off.
func (run *importing) count(ctx context.Context, o order, r opened, done *[]noted) error {
	var f *fault.Fault
	switch {
	case r.err == nil:
		run.report.Added++
		*done = append(*done, noted{o.number, o.sum, r.id})
		if o.note != nil && len(run.report.Notes) < mostKept {
			run.report.Notes = append(run.report.Notes, BadRow{o.line, o.number, fault.Of(o.note)})
		}
		return nil
	case !errors.As(r.err, &f) || f.Kind == fault.Internal || f.Kind == fault.Busy || f.Kind == fault.Forbidden:
		return r.err
	case f.Key == "casework.number_taken":
		v, err := run.Cases.Get(ctx, identity.SystemActor(), o.number)
		if err != nil {
			return err
		}
		if v.Case.Imported {
			run.report.Same++
			*done = append(*done, noted{o.number, o.sum, v.Case.ID})
			return nil
		}
	}
	run.report.refuse(o.line, o.number, r.err)
	return nil
}
