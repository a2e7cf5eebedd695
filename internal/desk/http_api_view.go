package desk

import (
	"context"
	"linli/internal/casework"
	"linli/internal/procedure"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// A case as programs see it.
type (
	apiLine struct {
		ID        string `json:"id"`
		Number    string `json:"number"`
		Procedure string `json:"procedure"`
		Title     string `json:"title"`
		State     string `json:"state"`
		Kind      string `json:"kind" enum:"open,waiting,done,final"`
		Version   int64  `json:"version" doc:"Send it back with an act"`
		Unit      string `json:"unit,omitempty"`
		Person    string `json:"person,omitempty"`
		Desk      string `json:"desk,omitempty" doc:"Kind of post on whose desk it lies"`
		Area      string `json:"area,omitempty"`
		Class     string `json:"class,omitempty"`
		Parent    string `json:"parent,omitempty"`
		Opened    string `json:"opened"`
		Changed   string `json:"changed"`
		Due       string `json:"due,omitempty" doc:"The earliest duty date"`
		Overdue   bool   `json:"overdue"`
		Breached  int64  `json:"breached,omitempty" doc:"How many limits were missed"`
		Published string `json:"published,omitempty"`
		Imported  bool   `json:"imported,omitempty"`
	}
	apiClock struct {
		Name        string `json:"name"`
		Status      string `json:"status" enum:"running,paused,ended,void"`
		Kind        string `json:"kind" enum:"at-most,at-least,back-from"`
		Start       string `json:"start"`
		Duty        string `json:"duty,omitempty" doc:"For the office, not rolled"`
		Acceptance  string `json:"acceptance,omitempty" doc:"For the citizen, rolled to the next working day"`
		Ended       string `json:"ended,omitempty"`
		Warned      bool   `json:"warned,omitempty"`
		Breaches    int    `json:"breaches,omitempty"`
		Provisional bool   `json:"provisional,omitempty" doc:"The calendar of that year is not loaded yet"`
		Norm        string `json:"norm,omitempty"`
	}
	apiEntry struct {
		ID       string         `json:"id"`
		Seq      int64          `json:"seq"`
		Act      string         `json:"act"`
		From     string         `json:"from,omitempty"`
		To       string         `json:"to"`
		Unit     string         `json:"unit,omitempty"`
		Person   string         `json:"person,omitempty"`
		Role     string         `json:"role,omitempty"`
		Behalf   string         `json:"behalf,omitempty" doc:"The role in whose name staff entered it"`
		Happened string         `json:"happened"`
		Recorded string         `json:"recorded"`
		Values   map[string]any `json:"values,omitempty"`
		Annulled bool           `json:"annulled,omitempty"`
		Annuls   string         `json:"annuls,omitempty"`
		Erases   string         `json:"erases,omitempty"`
		Leaf     string         `json:"leaf,omitempty"`
	}
	apiMay struct {
		Act  string      `json:"act"`
		Why  *apiRefusal `json:"why,omitempty" doc:"What keeps the asker from it; without it they may do it now"`
		Norm string      `json:"norm,omitempty"`
	}
	apiRefusal struct {
		Kind string         `json:"kind"`
		Key  string         `json:"key"`
		Norm string         `json:"norm,omitempty"`
		Args map[string]any `json:"args,omitempty"`
	}
	apiCaseView struct {
		apiLine
		Values   map[string]any `json:"values" doc:"A sealed value is {\"sealed\": true}, an erased one {\"erased_by\": act}"`
		Clocks   []apiClock     `json:"clocks"`
		Timeline []apiEntry     `json:"timeline"`
		May      []apiMay       `json:"may" doc:"The acts that the state allows"`
		Children []string       `json:"children,omitempty"`
	}
	apiCaseList struct {
		Items []apiLine `json:"items"`
		Next  string    `json:"next,omitempty" doc:"Send it as after for the next page"`
	}
)

func (e *edge) toLine(c *casework.Case) apiLine {
	now := e.Clock.Now()
	return apiLine{ID: c.ID, Number: c.Number, Procedure: c.Procedure, Title: c.Title, State: c.State, Kind: c.Kind, Version: c.Version, Unit: c.Unit,
		Person: c.Person, Desk: c.Desk, Area: c.Area, Class: c.Class, Parent: c.Parent, Opened: c.Opened.String(), Changed: c.Changed.String(),
		Due: c.Due.String(), Overdue: c.Due != 0 && c.Due <= now, Breached: c.Breached, Published: c.Published.String(), Imported: c.Imported}
}

// apiValues keeps what is sealed closed.
func apiValues(v casework.Values) map[string]any {
	out := make(map[string]any, len(v))
	for name, value := range v {
		switch x := value.(type) {
		case casework.Sealed:
			out[name] = map[string]bool{"sealed": true}
		case casework.Gone:
			out[name] = map[string]string{"erased_by": x.By}
		default:
			out[name] = x
		}
	}
	return out
}

func (e *edge) apiCases(ctx context.Context, in *listInput) (*private[apiCaseList], error) {
	a := identity.From(ctx)
	if !a.Known() && a.Kind != identity.Link {
		return nil, fault.New(fault.Forbidden, "httpx.sign_in")
	}
	f := casework.Filter{Box: in.Box, Due: in.Due, Kind: in.Kind, Procedure: in.Procedure, State: in.State, Class: in.Class, Area: in.Area, Unit: in.Unit,
		Parent: in.Parent, Words: in.Words, Field: in.Field, Value: in.Value, After: in.After, Limit: in.Limit}
	if e.o.Find != nil && in.Words != "" {
		ids, err := e.o.Find(ctx, a, in.Words)
		if err != nil {
			return nil, err
		}
		f.Words, f.IDs = "", append([]string{}, ids...)
	}
	rows, next, err := e.List(ctx, a, f)
	if err != nil {
		return nil, err
	}
	out := apiCaseList{Items: make([]apiLine, 0, len(rows)), Next: next}
	for _, row := range rows {
		out.Items = append(out.Items, e.toLine(row.Case))
	}
	return keep(out), nil
}

func (e *edge) apiCase(ctx context.Context, in *caseInput) (*private[apiCaseView], error) {
	v, err := e.Get(ctx, identity.From(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	d := &drawing{edge: e}
	timeline := d.timeline(v)
	out := apiCaseView{apiLine: e.toLine(v.Case), Values: apiValues(v.Case.Values), Clocks: []apiClock{}, Timeline: []apiEntry{}, May: []apiMay{}}
	if v.Party {
		held := casework.Values{}
		for _, t := range timeline {
			if !t.Annulled {
				for name, value := range t.Values {
					held[name] = value
				}
			}
		}
		out.Values, out.Person, out.Desk, out.Breached = apiValues(held), "", "", 0
	}
	for _, k := range v.Clocks {
		out.Clocks = append(out.Clocks, apiClock{k.Name, k.Status, string(k.Kind), k.Start.String(), k.Duty.String(), k.Acceptance.String(), k.EndedAt.String(),
			k.Warned, k.Breaches, k.Provisional, k.Norm})
	}
	for _, t := range timeline {
		entry := apiEntry{t.ID, t.Seq, t.Act, t.From, t.To, t.Unit, t.Person, t.Role, t.Behalf, t.Happened.String(), t.Recorded.String(),
			apiValues(t.Values), t.Annulled, t.Annuls, t.Erases, t.Leaf}
		if v.Party {
			entry.Person = ""
		}
		out.Timeline = append(out.Timeline, entry)
	}
	for _, m := range v.May {
		may := apiMay{Act: m.Act.Name, Norm: m.Act.Norm}
		if m.Why != nil {
			may.Why = &apiRefusal{string(m.Why.Kind), m.Why.Key, m.Why.Norm, m.Why.Args}
		}
		if m.Why == nil || !v.Party || m.Why.Key != "casework.not_yours" {
			out.May = append(out.May, may)
		}
	}
	if !v.Party {
		for _, c := range v.Children {
			out.Children = append(out.Children, c.ID)
		}
	}
	return keep(out), nil
}

// A procedure as programs see it.
type (
	apiProcedureLine struct {
		Name  string     `json:"name"`
		Title text.Words `json:"title"`
		About text.Words `json:"about,omitempty"`
		Norm  string     `json:"norm,omitempty"`
		Staff bool       `json:"staff" doc:"Only staff may open it"`
		Opens []string   `json:"opens" doc:"The acts that open a case"`
	}
	apiField struct {
		Name    string      `json:"name"`
		Type    string      `json:"type"`
		Label   text.Words  `json:"label"`
		Help    text.Words  `json:"help,omitempty"`
		Min     int         `json:"min,omitempty"`
		Max     int         `json:"max,omitempty"`
		Options []apiOption `json:"options,omitempty"`
		Sealed  bool        `json:"sealed,omitempty"`
		Listed  bool        `json:"listed,omitempty"`
		Purpose text.Words  `json:"purpose,omitempty"`
	}
	apiOption struct {
		Value string     `json:"value"`
		Label text.Words `json:"label"`
	}
	apiState struct {
		Name  string     `json:"name"`
		Words text.Words `json:"words"`
		Kind  string     `json:"kind"`
		Desk  string     `json:"desk,omitempty"`
	}
	apiLimit struct {
		Name   string     `json:"name"`
		Label  text.Words `json:"label"`
		Kind   string     `json:"kind"`
		Length string     `json:"length,omitempty"`
		Value  string     `json:"value,omitempty" doc:"The field that holds the length"`
		From   []string   `json:"from"`
		Until  []string   `json:"until,omitempty"`
		Pause  []string   `json:"pause,omitempty"`
		Norm   string     `json:"norm,omitempty"`
	}
	apiAct struct {
		Name      string     `json:"name"`
		Label     text.Words `json:"label"`
		From      []string   `json:"from,omitempty" doc:"Empty: it opens a case"`
		To        string     `json:"to,omitempty"`
		Who       []string   `json:"who"`
		NotBy     []string   `json:"not_by,omitempty"`
		Fill      []string   `json:"fill,omitempty"`
		MayFill   []string   `json:"may_fill,omitempty"`
		Guard     string     `json:"guard,omitempty"`
		Publish   []string   `json:"publish,omitempty"`
		Later     bool       `json:"entered_later,omitempty"`
		Statutory bool       `json:"statutory,omitempty"`
		Public    bool       `json:"public,omitempty"`
		Norm      string     `json:"norm,omitempty"`
	}
	apiProcedureView struct {
		apiProcedureLine
		Form   []apiField `json:"form"`
		States []apiState `json:"states"`
		Clocks []apiLimit `json:"clocks"`
		Acts   []apiAct   `json:"acts"`
	}
	apiProcedureList struct {
		Items []apiProcedureLine `json:"items"`
	}
)

func toProcedureLine(p *procedure.Procedure) apiProcedureLine {
	l := apiProcedureLine{Name: p.Name, Title: p.Title, About: p.About, Norm: p.Norm, Staff: p.Staff, Opens: []string{}}
	for _, a := range p.Openings() {
		l.Opens = append(l.Opens, a.Name)
	}
	return l
}

func (e *edge) apiProcedures(ctx context.Context, _ *nothing) (*private[apiProcedureList], error) {
	all, err := e.Procedures(ctx)
	if err != nil {
		return nil, err
	}
	out := apiProcedureList{Items: []apiProcedureLine{}}
	for _, p := range all {
		if !p.Staff || len(identity.From(ctx).Posts) > 0 {
			out.Items = append(out.Items, toProcedureLine(p))
		}
	}
	return keep(out), nil
}

func (e *edge) apiProcedure(ctx context.Context, in *procedureInput) (*private[apiProcedureView], error) {
	p, err := e.Procedure(ctx, in.Name)
	if err == nil && p.Staff && len(identity.From(ctx).Posts) == 0 {
		err = fault.New(fault.NotFound, "casework.no_procedure", "procedure", in.Name).At("name")
	}
	if err != nil {
		return nil, err
	}
	return keep(toProcedure(p)), nil
}

func toProcedure(p *procedure.Procedure) apiProcedureView {
	v := apiProcedureView{apiProcedureLine: toProcedureLine(p), Form: []apiField{}, States: []apiState{}, Clocks: []apiLimit{}, Acts: []apiAct{}}
	for _, f := range p.Form {
		field := apiField{Name: f.Name, Type: f.Type, Label: f.Label, Help: f.Help, Min: f.Min, Max: f.Max, Sealed: f.Sealed, Listed: f.Listed, Purpose: f.Purpose}
		for _, o := range f.Options {
			field.Options = append(field.Options, apiOption(o))
		}
		v.Form = append(v.Form, field)
	}
	for _, s := range p.States {
		v.States = append(v.States, apiState{s.Name, s.Words, s.Kind, s.Desk})
	}
	for _, k := range p.Clocks {
		l := apiLimit{Name: k.Name, Label: k.Words, Kind: string(k.Kind), Value: k.Value, From: k.From, Until: k.Until, Pause: k.Pause, Norm: k.Norm}
		if k.Length.N > 0 {
			l.Length = k.Length.String()
		}
		v.Clocks = append(v.Clocks, l)
	}
	for _, a := range p.Acts {
		act := apiAct{Name: a.Name, Label: a.Words, From: a.From, To: a.To, Who: []string{}, NotBy: a.NotBy, Guard: a.GuardText, Publish: a.Publish,
			Later: a.Later, Statutory: a.Statutory, Public: a.Public, Norm: a.Norm}
		for _, r := range a.Who {
			act.Who = append(act.Who, r.String())
		}
		for _, f := range a.Fill {
			if f.Optional {
				act.MayFill = append(act.MayFill, f.Field)
			} else {
				act.Fill = append(act.Fill, f.Field)
			}
		}
		v.Acts = append(v.Acts, act)
	}
	return v
}
