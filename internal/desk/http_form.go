package desk

import (
	"context"
	"fmt"
	"linli/internal/casework"
	"linli/internal/procedure"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/law"
	"linli/web"
)

// The names of a form's own inputs begin with an underscore, which no field of
// a procedure does: _key, _version, _seen, _happened, _reason, _purpose, _field.

// verdictField is the input of an act that gives the word of a body.
const verdictField = "verdict"

// posted reads the values of an act from a posted form. Files are kept first,
// so that a refusal elsewhere does not lose them: they come back by their ids.
func (e *edge) posted(ctx context.Context, r *http.Request, act *procedure.Act, p *procedure.Procedure) (map[string]any, error) {
	out := map[string]any{}
	for _, f := range act.Fill {
		def := p.Field(f.Field)
		if def.Attached() {
			ids, err := e.uploaded(ctx, r, def)
			if err != nil {
				return out, fault.Of(err).At(def.Name)
			}
			if len(ids) > 0 {
				out[def.Name] = ids
			}
			continue
		}
		if v := fromForm(r.PostForm, def); v != nil {
			out[def.Name] = v
		}
	}
	if act.Opinion != nil {
		out[verdictField] = r.PostForm.Get(verdictField)
	}
	return out, nil
}

// uploaded are the files of a field: those kept at an earlier try, by their
// tickets, and new ones. The form then holds the tickets of all of them.
func (e *edge) uploaded(ctx context.Context, r *http.Request, def *procedure.Field) ([]string, error) {
	who := ticketHolder(identity.From(ctx))
	ids, err := ticketIDs(e.Keys, r.PostForm.Get("_key"), def.Name, who, r.PostForm[def.Name])
	if e.o.Upload != nil && r.MultipartForm != nil && len(r.MultipartForm.File[def.Name]) > 0 {
		more, failed := e.o.Upload(ctx, r, def.Name)
		if failed != nil {
			err = failed
		}
		for _, id := range more {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	key := r.PostForm.Get("_key")
	if key == "" && len(ids) > 0 { // the form that is drawn again has one
		key = freshKey()
		r.PostForm.Set("_key", key)
	}
	r.PostForm.Del(def.Name)
	for _, id := range ids {
		r.PostForm.Add(def.Name, ticketFor(e.Keys, key, def.Name, who, id))
	}
	return ids, err
}

// fromForm gives what a form says of one field in the shape that Decode reads;
// nil where it says nothing.
func fromForm(form url.Values, def *procedure.Field) any {
	switch def.Type {
	case "choices", "units":
		var out []string
		for _, s := range form[def.Name] {
			if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case "place":
		return placeFromForm(form, def.Name)
	case "quarter":
		s := strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(form.Get(def.Name)), "-", ""))
		if s == "" {
			return nil
		}
		return s
	}
	s := form.Get(def.Name)
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return s
}

func placeFromForm(form url.Values, name string) any {
	out := map[string]any{}
	for part, to := range map[string]string{"words": "words", "lon": "lon", "lat": "lat", "area": "area", "accuracy": "meters", "meters": "meters"} {
		if s := strings.TrimSpace(form.Get(name + "." + part)); s != "" {
			out[to] = s
		}
	}
	if s := form.Get(name + ".choice"); s != "" {
		out["area"] = s
	}
	if out["lon"] == nil && out["lat"] == nil {
		delete(out, "meters")
	} else {
		out["datum"] = form.Get(name + ".datum")
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// unchanged takes out what a form brought back as the case holds it already: a
// field that was filled beforehand and left alone says nothing new.
func unchanged(raw map[string]any, act *procedure.Act, p *procedure.Procedure, c *casework.Case) {
	for _, f := range act.Fill {
		def := p.Field(f.Field)
		if !f.Optional || !prefilled(p, def) {
			continue
		}
		v, err := def.Decode(raw[f.Field])
		if err != nil || v == nil {
			continue
		}
		had := c.Values[f.Field]
		if place, ok := had.(procedure.Place); ok {
			place.Area, place.Status = "", ""
			had = place
		}
		if reflect.DeepEqual(v, had) {
			delete(raw, f.Field)
		}
	}
}

// prefilled reports whether a form shows what the case holds: the matter's own
// data, as an opening act asks for it, and never what is sealed.
func prefilled(p *procedure.Procedure, def *procedure.Field) bool {
	if def.Sealed || def.Attached() || def.Type == "yes" {
		return false
	}
	for _, a := range p.Openings() {
		if slices.ContainsFunc(a.Fill, func(f procedure.Fill) bool { return f.Field == def.Name }) {
			return true
		}
	}
	return false
}

// form draws the form of an act. typed holds what was posted before, or nil;
// had is what the case holds.
func (d *drawing) form(act *procedure.Act, p *procedure.Procedure, had casework.Values, typed url.Values, hints []Suggestion) web.Form {
	form := web.Form{ID: "do-" + act.Name, Submit: act.Words.In(d.lang)}
	if act.Opinion != nil {
		form.Fields = append(form.Fields, web.Field{Name: verdictField, Label: d.say("verdict"), Type: "choice", Required: true, Value: typed.Get(verdictField),
			Options: []web.Option{{Value: casework.Agree, Label: d.say("verdict.agree")}, {Value: casework.Object, Label: d.say("verdict.object")}}})
	}
	for _, f := range act.Fill {
		def := p.Field(f.Field)
		field := d.field(def, f.Optional)
		switch {
		case typed != nil:
			field.Value = typedValue(typed, def)
		case prefilled(p, def):
			field.Value = d.heldValue(def, had[def.Name])
		}
		d.hint(&field, hints, typed != nil)
		hints = once(hints, def.Name)
		if def.Attached() {
			for _, id := range typed[def.Name] {
				form.Hidden = append(form.Hidden, web.Option{Label: def.Name, Value: id})
			}
			if n := len(typed[def.Name]); n > 0 {
				field.Help = strings.TrimSpace(field.Help + " " + d.say("files_kept", "n", n))
				field.Required = false
			}
			if d.o.Upload == nil {
				continue
			}
		}
		form.Fields = append(form.Fields, d.several(field, def, form.ID)...)
	}
	if act.Later {
		form.Fields = append(form.Fields, web.Field{Name: "_happened", Label: d.say("happened"), Help: d.say("happened.help"), Type: "moment", Value: typed.Get("_happened")})
	}
	key := typed.Get("_key")
	if key == "" {
		key = freshKey()
	}
	form.Hidden = append(form.Hidden, web.Option{Label: "_key", Value: key}, web.Option{Label: "_act", Value: act.Name})
	return form
}

// field draws one field of a procedure.
func (d *drawing) field(def *procedure.Field, optional bool) web.Field {
	f := web.Field{Name: def.Name, Label: def.Label.In(d.lang), Help: def.Help.In(d.lang), Type: def.Type, Required: !optional,
		Max: int64(def.Max), Min: int64(def.Min), Sealed: def.Sealed, Purpose: def.Purpose.In(d.lang)}
	switch def.Type {
	case "text", "lines":
		if f.Max == 0 {
			f.Max = int64(procedure.Longest[def.Type])
		}
		f.Rows = 3
	case "photos", "files", "recording":
		if f.Max == 0 {
			f.Max = procedure.MostFiles
		}
	case "choice", "choices":
		for _, o := range def.Options {
			f.Options = append(f.Options, web.Option{Value: o.Value, Label: o.Label.In(d.lang)})
		}
	case "yes":
		if !optional { // a box left empty could not be told from no answer
			f.Type = "choice"
			f.Options = []web.Option{{Value: "yes", Label: d.rd.Say(d.r, "web.yes")}, {Value: "no", Label: d.rd.Say(d.r, "web.no")}}
		}
	case "unit", "units":
		f.Type, f.Options = "unit", d.unitOptions()
	case "length":
		f.Options = d.lengths(def.Max)
	case "quarter":
		f.Options = nil
		for _, o := range web.Quarters(d.now.Day(), 12) {
			f.Options = append(f.Options, web.Option{Value: o.Value, Label: d.quarter(strings.ReplaceAll(o.Value, "-", ""))})
		}
	case "class":
		f.Options = d.choices(d.o.Classes)
	case "area":
		if d.o.Areas != nil {
			f.Options = d.choices(func(ctx context.Context) ([]Choice, error) { return d.o.Areas(ctx, d.who) })
		}
		if len(f.Options) == 0 {
			f.Help = strings.TrimSpace(f.Help + " " + d.say("area.help"))
		}
	}
	return f
}

// choices draws what another room offers.
func (d *drawing) choices(list func(context.Context) ([]Choice, error)) []web.Option {
	if list == nil {
		return nil
	}
	all, err := list(d.ctx)
	if err != nil {
		d.Log.Error("choices could not be read", "error", err)
	}
	out := make([]web.Option, 0, len(all))
	for _, c := range all {
		out = append(out, web.Option{Value: c.Value, Label: c.Label.In(d.lang), Group: c.Group.In(d.lang)})
	}
	return out
}

// unitOptions are the open units, under the unit above them.
func (d *drawing) unitOptions() []web.Option {
	d.unit("-") // reads them
	under := map[string][]identity.Unit{}
	for _, u := range d.units {
		if u.Open(d.now) {
			under[u.Parent] = append(under[u.Parent], u)
		}
	}
	var out []web.Option
	var walk func(parent string)
	walk = func(parent string) {
		list := under[parent]
		slices.SortFunc(list, func(a, b identity.Unit) int { return strings.Compare(a.ID, b.ID) })
		for _, u := range list {
			out = append(out, web.Option{Value: u.ID, Label: d.unit(u.ID), Group: d.unit(parent)})
		}
		for _, u := range list {
			walk(u.ID)
		}
	}
	walk("")
	return out
}

// usual are the lengths a form offers.
var usual = []struct {
	unit law.Unit
	n    []int
}{
	{law.Hour, []int{2, 4, 12, 24, 48, 72}}, {law.Workday, []int{1, 2, 3, 5, 7, 10, 15, 20, 30}},
	{law.Day, []int{1, 3, 5, 7, 10, 15, 20, 30, 60, 90}}, {law.Month, []int{1, 2, 3, 6, 12}},
}

// lengths leaves out what is longer than so many days, where a field bounds it.
func (d *drawing) lengths(most int) []web.Option {
	var out []web.Option
	for _, u := range usual {
		for _, n := range u.n {
			l := procedure.Length{N: n, Unit: u.unit}
			if most > 0 && l.Days() > most {
				continue
			}
			out = append(out, web.Option{Value: l.String(), Label: d.lasting(n, u.unit), Group: d.say("length.group." + string(u.unit))})
		}
	}
	return out
}

// hint puts suggestions into a field: the first is chosen beforehand, all of
// them stand first in a choice, and the reasons stand beside it.
func (d *drawing) hint(f *web.Field, hints []Suggestion, typed bool) {
	var first []web.Option
	var reasons []string
	for _, h := range hints {
		if h.Field != f.Name {
			continue
		}
		label := h.Label
		if label == "" {
			if label = h.Value; f.Type == "unit" {
				label = d.unit(h.Value)
			} else if f.Type == "length" {
				label = d.length(h.Value)
			}
		}
		if h.Value != "" {
			first = append(first, web.Option{Value: h.Value, Label: label, Group: d.say("suggested")})
		}
		if h.Reason != "" {
			reasons = append(reasons, d.say("suggestion", "value", label, "reason", h.Reason))
		}
	}
	if len(reasons) > 0 {
		f.Help = strings.TrimSpace(strings.Join(reasons, " ") + " " + f.Help)
	}
	if len(first) == 0 {
		return
	}
	if !typed {
		f.Value = first[0].Value
		if f.Type == "units" || f.Type == "choices" {
			f.Value = nil
		}
	}
	if len(f.Options) > 0 && f.Type != "choice" && f.Type != "choices" {
		f.Options = append(first, slices.DeleteFunc(slices.Clone(f.Options), func(o web.Option) bool {
			return slices.ContainsFunc(first, func(x web.Option) bool { return x.Value == o.Value })
		})...)
	}
}

// once leaves a reason to the first field that tells it.
func once(hints []Suggestion, field string) []Suggestion {
	out := slices.Clone(hints)
	for _, told := range hints {
		for i := range out {
			if told.Field == field && out[i].Field != field && out[i].Reason == told.Reason {
				out[i].Reason = ""
			}
		}
	}
	return out
}

// several draws a field that holds more than one unit as several choices, which
// work without script and by keyboard alone.
func (d *drawing) several(f web.Field, def *procedure.Field, form string) []web.Field {
	if def.Type != "units" {
		return []web.Field{f}
	}
	chosen, _ := f.Value.([]string)
	if s, ok := f.Value.(string); ok && s != "" {
		chosen = []string{s}
	}
	most := def.Max
	if most == 0 {
		most = procedure.MostFiles
	}
	out := make([]web.Field, 0, most)
	for i := range min(most, max(3, len(chosen)+1)) {
		one := f
		one.ID = form + "-" + f.Name + "-" + strconv.Itoa(i+1)
		one.Label = d.say("nth", "label", f.Label, "n", i+1)
		one.Value, one.Required = "", f.Required && i == 0
		if i > 0 {
			one.Help = ""
		}
		if i < len(chosen) {
			one.Value = chosen[i]
		}
		out = append(out, one)
	}
	return out
}

// typedValue is what was posted, as the field's control shows it again.
func typedValue(form url.Values, def *procedure.Field) any {
	switch def.Type {
	case "choices", "units":
		return form[def.Name]
	case "place":
		at := func(part string) string { return form.Get(def.Name + "." + part) }
		return web.Place{Words: at("words"), Lon: at("lon"), Lat: at("lat"), Accuracy: at("accuracy"), Datum: at("datum")}
	case "photos", "files", "recording":
		return nil
	}
	return form.Get(def.Name)
}

// heldValue is what the case holds, as the field's control shows it.
func (d *drawing) heldValue(def *procedure.Field, v any) any {
	switch x := v.(type) {
	case nil, casework.Gone, casework.Sealed:
		return nil
	case procedure.Place:
		p := web.Place{Words: x.Words}
		if x.Point() {
			p.Lon, p.Lat = strconv.FormatFloat(x.Lon, 'f', 7, 64), strconv.FormatFloat(x.Lat, 'f', 7, 64)
			if x.Meters > 0 {
				p.Accuracy = strconv.FormatFloat(x.Meters, 'f', -1, 64)
			}
		}
		return p
	case string:
		if def.Type == "quarter" {
			return strings.Replace(x, "Q", "-Q", 1)
		}
	}
	return v
}

// suggestions asks the rooms for what they propose. One that fails is noted and
// leaves the form without its proposals.
func (d *drawing) suggestions(v *casework.View, act *procedure.Act) []Suggestion {
	var out []Suggestion
	for _, name := range []string{v.Procedure.Name + "/" + act.Name, act.Name} {
		for _, fn := range d.suggests[name] {
			hints, err := fn(text.With(d.ctx, d.lang), v)
			if err != nil {
				d.Log.Error("no suggestion", "act", name, "error", err)
				continue
			}
			out = append(out, hints...)
		}
	}
	return out
}

// mark puts a refusal onto the form: at its field, else above it.
func (d *drawing) mark(form *web.Form, err error) {
	f := fault.Of(err)
	for i := range form.Fields {
		if f.Field != "" && strings.TrimPrefix(form.Fields[i].Name, "_") == f.Field {
			form.Fields[i].Error = d.rd.Explain(d.r, f)
			return
		}
	}
	form.Problem = d.explain(f)
}

// explain says what a refusal means, with its norm.
func (d *drawing) explain(f *fault.Fault) string {
	s := d.rd.Explain(d.r, f)
	if f.Norm != "" {
		s += " " + d.rd.Say(d.r, "web.fault.norm", "norm", f.Norm)
	}
	return s
}

// typedFacts shows what was typed where its form is no longer there.
func (d *drawing) typedFacts(form url.Values, act *procedure.Act, p *procedure.Procedure) []web.Fact {
	var out []web.Fact
	for _, f := range act.Fill {
		def := p.Field(f.Field)
		if def.Attached() {
			continue
		}
		raw := fromForm(form, def)
		if raw == nil {
			continue
		}
		v, err := def.Decode(raw)
		if err != nil {
			v = fmt.Sprint(raw)
		}
		out = append(out, web.Fact{Name: def.Label.In(d.lang), Value: d.shown(def, v)})
	}
	return out
}
