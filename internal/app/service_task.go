package app

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"

	"linli/internal/area"
	"linli/internal/duty"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/httpx"
	"linli/internal/request"
)

// running is a task under way.
type running struct {
	*House
	task
	say func(event)
}

// perform carries out a task and tells what it does by say. Whoever can reach
// the socket or the data folder is the house itself.
func (h *House) perform(ctx context.Context, t task, say func(event)) error {
	ctx = identity.With(ctx, identity.SystemActor())
	r := &running{h, t, say}
	verbs := map[string]func(context.Context) error{
		"areas": r.areas, "grids": r.grids, "places": r.places, "roads": r.roads, "units": r.units,
		"duty": r.duty, "calendar": r.calendar, "publish": r.publish, "requests": r.requests, "rebuild": r.rebuild,
	}
	do, ok := verbs[t.Verb]
	if !ok || len(t.Files) == 0 && t.Verb != "publish" && t.Verb != "rebuild" {
		return fault.New(fault.Invalid, "app.task", "verb", t.Verb)
	}
	return do(ctx)
}

// words gives words of this room in the task's language.
func (r *running) words(key string, args ...any) string {
	m := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		m[asText(args[i])] = args[i+1]
	}
	return r.Words().Say(r.Lang, key, m)
}

func (r *running) line(key string, args ...any) { r.say(event{Line: r.words(key, args...)}) }

func (r *running) explain(err error) string { return httpx.Words(r.Words(), r.Lang, fault.Of(err)) }

func (r *running) progress(file string, rows int) {
	r.say(event{Progress: r.words("app.import.progress", "file", file, "rows", rows)})
}

func (r *running) files() []area.File {
	out := make([]area.File, len(r.Files))
	for i, f := range r.Files {
		out[i] = area.File(f)
	}
	return out
}

func (r *running) areas(ctx context.Context) error {
	on, err := r.day("on")
	if err != nil {
		return err
	}
	report, err := r.Areas.ImportDivisions(ctx, area.Divisions{Files: r.files(), On: on, Whole: r.yes("whole"), Under: r.Options["under"], By: identity.System, Progress: r.progress})
	r.areaReport(report)
	return err
}

func (r *running) grids(ctx context.Context) error {
	from, err := r.day("from")
	if err != nil {
		return err
	}
	report, err := r.Areas.ImportGrids(ctx, area.Grids{File: r.files()[0], Datum: geo.Datum(r.Options["datum"]), From: from, Whole: r.yes("whole"), By: identity.System})
	r.areaReport(report)
	return err
}

func (r *running) places(ctx context.Context) error {
	report, err := r.Areas.ImportPlaces(ctx, area.Places{File: r.files()[0], Datum: geo.Datum(r.Options["datum"]), By: identity.System})
	r.areaReport(report)
	return err
}

func (r *running) roads(ctx context.Context) error {
	report, err := r.Areas.ImportRoads(ctx, area.Roads{File: r.files()[0], Datum: geo.Datum(r.Options["datum"]), Whole: r.yes("whole"), By: identity.System})
	r.areaReport(report)
	return err
}

// areaReport tells the outcome of an import of areas, grids or places.
func (r *running) areaReport(report area.Report) {
	for _, b := range report.Broken {
		r.say(event{Refused: fmt.Sprintf("%s: %s", at(b.File, b.Where), r.explain(b.Fault))})
	}
	if more := report.BrokenRows - len(report.Broken); more > 0 {
		r.say(event{Refused: r.words("app.import.more", "n", more)})
	}
	for _, b := range report.Notes {
		r.say(event{Line: r.words("app.import.note", "at", at(b.File, b.Where), "text", r.explain(b.Fault))})
	}
	for _, o := range report.Overlaps {
		r.line("app.import.overlap", "a", o.A, "b", o.B, "meters", int64(o.Meters+0.5))
	}
	r.line("app.import.report", "read", report.Read, "added", report.Added, "changed", report.Changed, "unchanged", report.Unchanged,
		"ended", report.Ended, "broken", report.BrokenRows)
}

func (r *running) units(ctx context.Context) error {
	report, err := r.People.ImportUnits(ctx, identity.SystemActor(), bytes.NewReader(r.Files[0].Data))
	if err != nil {
		return err
	}
	for _, b := range report.Bad {
		r.say(event{Refused: fmt.Sprintf("%s: %s", at(r.Files[0].Name, b.Line), r.explain(b.Fault))})
	}
	r.line("app.import.units", "added", report.Added, "changed", report.Changed, "moved", report.Moved, "same", report.Same, "broken", len(report.Bad))
	return nil
}

func (r *running) duty(ctx context.Context) error {
	from, err := r.day("from")
	if err != nil {
		return err
	}
	if from == 0 {
		from = r.Clock.Now().Day()
	}
	head := duty.List{ID: r.Options["id"], Area: r.Options["area"], From: from}
	draft, err := r.Duty.Draft(ctx, r.Files[0].Name, r.Files[0].Data, head)
	if err != nil {
		return err
	}
	for _, b := range draft.Remarks {
		r.say(event{Refused: fmt.Sprintf("%s: %s", at(r.Files[0].Name, b.Line), b.Say(r.Words(), r.Lang))})
	}
	if len(draft.Remarks) > 0 {
		return fault.New(fault.Invalid, "app.duty_remarks", "n", len(draft.Remarks))
	}
	if !draft.Ready() {
		r.line("app.import.same")
		return nil
	}
	e, err := r.Duty.Publish(ctx, draft.Edition, draft.YAML, r.Options["reason"])
	if err != nil {
		return err
	}
	r.published(e)
	return nil
}

func (r *running) calendar(ctx context.Context) error {
	year, err := r.Law.LoadYear(ctx, r.Files[0].Name, r.Files[0].Data, r.Options["reason"])
	if err != nil {
		return err
	}
	r.line("app.import.calendar", "year", year.Year, "free", year.Free, "work", year.Work)
	if year.Unchanged {
		r.line("app.import.same")
		return nil
	}
	r.published(year.Edition)
	changed, err := r.Cases.Recount(ctx)
	r.line("app.import.recounted", "n", changed)
	return err
}

// publish puts files of the county in force, or takes them away.
func (r *running) publish(ctx context.Context) error {
	change := map[string][]byte{}
	for _, f := range r.Files {
		change[f.Name] = f.Data
	}
	for name := range strings.SplitSeq(r.Options["remove"], "\n") {
		if name != "" {
			change[name] = nil
		}
	}
	if len(change) == 0 {
		return fault.New(fault.Invalid, "app.nothing_to_publish")
	}
	differences, problems, err := r.Editions.Preview(ctx, change)
	if err != nil {
		return err
	}
	for _, p := range problems {
		r.say(event{Refused: p.String()})
	}
	if len(problems) > 0 {
		return fault.New(fault.Invalid, "app.catalog_problems", "n", len(problems))
	}
	if len(differences) == 0 {
		r.line("app.import.same")
		return nil
	}
	calendars := false
	for _, d := range differences {
		r.say(event{Line: r.words("edition.change."+string(d.Kind)) + " " + d.Path})
		calendars = calendars || path.Dir(d.Path) == "calendar"
	}
	e, err := r.Editions.Publish(ctx, change, edition.System, r.Options["reason"])
	if err != nil {
		return err
	}
	r.published(e)
	if !calendars {
		return nil
	}
	changed, err := r.Cases.Recount(ctx)
	r.line("app.import.recounted", "n", changed)
	return err
}

func (r *running) published(e edition.Edition) {
	r.line("app.published", "number", e.Number, "hash", e.Hash[:12])
}

// rebuild reads the whole log again into what a reader of it keeps.
func (r *running) rebuild(ctx context.Context) error {
	var names []string
	for _, reader := range r.Readers() {
		if names = append(names, reader.Name()); reader.Name() != r.Options["reader"] {
			continue
		}
		if err := reader.Rebuild(ctx); err != nil {
			return err
		}
		r.line("app.rebuilt", "reader", reader.Name())
		return nil
	}
	return fault.New(fault.Invalid, "app.no_reader", "readers", strings.Join(names, ", ")).At("reader")
}

// requests brings in the orders of an earlier system. The first file is the
// column map, the second the table.
func (r *running) requests(ctx context.Context) error {
	if len(r.Files) != 2 {
		return fault.New(fault.Invalid, "app.task", "verb", r.Verb)
	}
	m, err := request.ParseMap(r.Files[0].Data)
	if err != nil {
		return err
	}
	report, err := r.Requests.ImportRequests(ctx, identity.SystemActor(), m, bytes.NewReader(r.Files[1].Data))
	for _, b := range report.Bad {
		r.say(event{Refused: fmt.Sprintf("%s: %s", at(r.Files[1].Name, b.Line), r.explain(b.Fault))})
	}
	if more := report.BadRows - len(report.Bad); more > 0 {
		r.say(event{Refused: r.words("app.import.more", "n", more)})
	}
	for _, n := range report.Notes {
		r.say(event{Line: r.words("app.import.note", "at", at(r.Files[1].Name, n.Line), "text", r.explain(n.Fault))})
	}
	r.line("app.import.requests", "read", report.Read, "added", report.Added, "same", report.Same, "broken", report.BadRows)
	return err
}
