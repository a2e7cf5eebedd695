package request

import (
	"linli/internal/procedure"
	"net/http"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/web"
)

// shownFields are the values of an act that its reporter sees, the text first.
// Reasons are shown where they are the reporter's own or were written for the
// reporter.
var shownFields = []string{"words", "supplement", "urging", "answer", "question", "contact", "finding", "comment"}

var reasonFor = []string{"extended", "hold", "reopen", "withdraw", "leave", "lead_extended", "lead_held"}

// factFields stand below the text, with their names.
var factFields = []string{"days", "hold_for", "solved", "satisfied", "basis", "remedy", "limit"}

// facts are what the page says of the case as a whole.
func (e *edge) facts(r *http.Request, view *casework.View) ([]web.Fact, error) {
	c := view.Case
	out := []web.Fact{{Name: e.say(r, "when"), Value: c.Opened}}
	if class, err := e.Duty.Class(r.Context(), c.Class); err == nil {
		out = append(out, web.Fact{Name: e.say(r, "class"), Value: in(r, class.Title)})
	} else if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	place, _ := c.Values["place"].(procedure.Place)
	code := place.Area
	if code == "" {
		code = c.Area
	}
	where, err := e.fullName(r.Context(), code)
	if err != nil {
		return nil, err
	}
	out = append(out, web.Fact{Name: e.say(r, "where"), Value: strings.TrimSpace(where + " " + place.Words)})
	if c.Unit != "" {
		name, err := e.unitName(r, c.Unit)
		if err != nil {
			return nil, err
		}
		out = append(out, web.Fact{Name: e.say(r, "responsible"), Value: name})
	}
	if sealed, ok := c.Values["phone"].(casework.Sealed); ok {
		out = append(out, web.Fact{Name: e.say(r, "phone"), Value: e.Cases.Masked(view.Procedure.Field("phone"), sealed)})
	}
	return out, nil
}

func (e *edge) unitName(r *http.Request, id string) (string, error) {
	u, err := e.People.Unit(r.Context(), id)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return in(r, text.Words{"zh": u.Name, "en": u.NameEn}), err
}

// clocksFor are the limits a reporter counts on.
var clocksFor = []string{"intake", "handle", "supply", "supply_first", "hold", "rate", "reopen"}

// clocks are the limits that run, by their acceptance date: what the resident
// may rely on.
func (e *edge) clocks(r *http.Request, view *casework.View) []web.Clock {
	var out []web.Clock
	now := e.Clock.Now()
	for _, k := range view.Clocks {
		if !slices.Contains(clocksFor, k.Name) || k.Status != procedure.Running && k.Status != procedure.Paused {
			continue
		}
		// a limit that ends with its day is told by that day, not by midnight of the next
		line := web.Clock{Label: in(r, k.Words), Due: k.Acceptance - 1, State: "running", Provisional: k.Provisional}
		left := int64(k.Acceptance.Sub(now).Minutes())
		switch {
		case k.Status == procedure.Paused:
			line.State, line.Due = "paused", 0
		case left <= 0:
			line.State, line.Left = "breached", left
		default:
			line.Left = left
		}
		out = append(out, line)
	}
	return out
}

// nextStep says what happens next, and by when.
func (e *edge) nextStep(r *http.Request, view *casework.View) string {
	c := view.Case
	by := map[string]string{"received": "intake", "dispatched": "handle", "handling": "handle", "disputed": "handle", "rating": "rate",
		"settled": "reopen", "waiting": "supply", "asking": "supply_first", "held": "hold"}[c.State]
	if c.State == "joined" {
		return e.nextTogether(r, view)
	}
	key := "next." + c.State
	if c.Imported {
		key = "next.imported"
	}
	if k, ok := c.Clocks()[by]; ok && k.Acceptance != 0 {
		return e.say(r, key, "by", e.until(r, k.Acceptance))
	}
	if e.Book().Has(text.Chinese, "request."+key+"_open") {
		return e.say(r, key+"_open")
	}
	return e.say(r, key)
}

// nextTogether says who handles the matter that was merged, and how it stands. It
// tells no number of the leading request: that is somebody else's.
func (e *edge) nextTogether(r *http.Request, view *casework.View) string {
	lead, p, err := e.Cases.Seen(r.Context(), identity.SystemActor(), view.Case.Leader)
	if err != nil || lead.Unit == "" {
		return e.say(r, "next.joined")
	}
	unit, err := e.unitName(r, lead.Unit)
	if err != nil || unit == "" {
		return e.say(r, "next.joined")
	}
	return e.say(r, "next.joined_by", "unit", unit, "state", in(r, p.State(lead.State).Words))
}

type stage struct {
	name, clock  string
	states, ends []string
}

// stages are the steps of a request as a resident sees them: the states in which
// it stands at that step, and the act that ends it.
var stages = []stage{
	{"received", "", nil, []string{"report", "send_up"}},
	{"dispatched", "intake", []string{"received", "asking"}, []string{"dispatch"}},
	{"handled", "handle", []string{"dispatched", "disputed", "handling", "waiting", "held", "joined"}, []string{"answer"}},
	{"checked", "", []string{"answered"}, []string{"check_done"}},
	{"rated", "rate", []string{"rating"}, []string{"rate", "call_back", "no_answer"}},
}

// steps are where the request has been, where it stands and what comes; none for
// one that went another way.
func (e *edge) steps(r *http.Request, view *casework.View) ([]web.Step, error) {
	c := view.Case
	now := slices.IndexFunc(stages, func(s stage) bool { return slices.Contains(s.states, c.State) })
	if c.State == "settled" || c.State == "closed" {
		now = len(stages)
	}
	if now < 0 || c.Imported {
		return nil, nil
	}
	var out []web.Step
	for i, s := range stages {
		step := web.Step{State: "next", Text: e.say(r, "step."+s.name)}
		switch {
		case i < now:
			step.State = "done"
			for _, t := range view.Timeline {
				if slices.Contains(s.ends, t.Act) && !t.Annulled {
					step.When = e.Book().Moment(text.Language(r.Context()), t.Happened)
				}
			}
		case i == now:
			step.State = "now"
			if k, ok := c.Clocks()[s.clock]; ok && k.Acceptance != 0 && k.Live() {
				step.When = e.say(r, "step.by", "by", e.until(r, k.Acceptance))
			}
		}
		if s.name == "handled" && c.Unit != "" && i <= now {
			name, err := e.unitName(r, c.Unit)
			if err != nil {
				return nil, err
			}
			step.By = name
		}
		out = append(out, step)
	}
	return out, nil
}

// complaintLine is the telephone of the grid the case lies in, "" where there is
// none.
func (e *edge) complaintLine(r *http.Request, code string) string {
	if !isGrid(code) {
		return ""
	}
	g, err := e.Areas.Grid(r.Context(), code)
	if err != nil {
		return "" // a grid that is gone has no telephone
	}
	return g.Phone
}

// until writes a limit's end: a day's end by that day.
func (e *edge) until(r *http.Request, at clock.Instant) string {
	if at == at.Day().Start() {
		return e.say(r, "until_day", "day", at.Day()-1)
	}
	return e.Book().Moment(text.Language(r.Context()), at)
}

// events is the timeline as a resident understands it: public acts, the units
// that did them, never a person's name.
func (e *edge) events(r *http.Request, view *casework.View) ([]web.Event, error) {
	var out []web.Event
	holder := ""
	for _, t := range view.Timeline {
		if t.Delta.Unit != nil {
			holder = *t.Delta.Unit
		}
		if !t.Public || t.Words == nil {
			continue
		}
		ev := web.Event{At: t.Happened, Title: in(r, t.Words), Annulled: t.Annulled}
		if t.Later() {
			ev.EnteredAt = t.Recorded
		}
		by, err := e.by(r, t, holder)
		if err != nil {
			return nil, err
		}
		ev.By = by
		e.fillEvent(r, view, t, &ev)
		if t.Leaf != "" {
			ev.Href, ev.Link = "/follow/"+view.Case.Number+"/proof/"+t.ID, e.say(r, "proof.link", "leaf", t.Leaf[:12])
		}
		out = append(out, ev)
	}
	slices.Reverse(out)
	return out, nil
}

// by says which unit did it, or that the reporter or the clock did.
func (e *edge) by(r *http.Request, t casework.Entry, holder string) (string, error) {
	switch {
	case t.Behalf != "":
		return e.say(r, "by.behalf"), nil
	case t.Role == reporter || t.Seq == 1:
		return e.say(r, "by.you"), nil
	case t.Role == "clock":
		return e.say(r, "by.clock"), nil
	case t.Role == "leader":
		return e.unitName(r, holder)
	}
	doer, err := e.unitName(r, t.Unit)
	if err != nil {
		return "", err
	}
	if t.Act == "dispatch" && holder != "" {
		to, err := e.unitName(r, holder)
		return e.say(r, "by.dispatched", "unit", doer, "to", to), err
	}
	return doer, nil
}

func (e *edge) fillEvent(r *http.Request, view *casework.View, t casework.Entry, ev *web.Event) {
	texts := shownFields
	if slices.Contains(reasonFor, t.Act) {
		texts = append(slices.Clone(texts), "reason")
	}
	gone := false
	for _, name := range texts {
		switch v := t.Values[name].(type) {
		case string:
			if ev.Text != "" {
				ev.Text += "\n"
			}
			ev.Text += v
		case casework.Gone:
			gone = true
		}
	}
	if gone {
		ev.Text = e.say(r, "erased")
	}
	for _, name := range factFields {
		if name == "limit" && t.Act != "dispatch" || (name == "basis" || name == "remedy") && t.Act != "answer" && t.Act != "answered_with" {
			continue
		}
		v := t.Values[name]
		if v == nil && name == "basis" {
			v = e.say(r, "basis_none")
		}
		if v == nil {
			continue
		}
		ev.Facts = append(ev.Facts, web.Fact{Name: in(r, view.Procedure.Field(name).Label), Value: e.value(r, view.Procedure.Field(name), v)})
	}
	for i, id := range t.Values.List("photos") {
		src := "/follow/" + view.Case.Number + "/photo/" + id
		ev.Photos = append(ev.Photos, web.Photo{Src: src, Full: src, Words: e.say(r, "photo", "n", i+1)})
	}
	for _, id := range t.Values.List(voiceField) {
		src := "/follow/" + view.Case.Number + "/photo/" + id
		ev.Photos = append(ev.Photos, web.Photo{Src: src, Full: src, Words: e.say(r, "voice"), Sound: true})
	}
	if (t.Act == "close_intake" || t.Act == "shown_with") && text.Language(r.Context()) != text.Chinese {
		ev.Text = e.refusalIn(r, t)
	}
}

// refusalIn is the text of a kind that is not dispatched in another language
// than the one in which it was sent.
func (e *edge) refusalIn(r *http.Request, t casework.Entry) string {
	sent := t.Values.Text("answer")
	lists, _, err := e.Duty.Catalogue(r.Context())
	if err != nil {
		return sent
	}
	kind, ok := lists.Classes.Refusal(strings.ReplaceAll(t.Values.Text("intake_kind"), "_", "-"))
	if !ok {
		return sent
	}
	said := in(r, kind.Text)
	return strings.NewReplacer("{progress}", t.Values.Text("reason"), "{channel}", in(r, kind.Channel)).Replace(said) + "\n" + sent
}

// value shows one value in words.
func (e *edge) value(r *http.Request, def *procedure.Field, v any) any {
	s, isText := v.(string)
	if !isText {
		return v
	}
	for _, o := range def.Options {
		if o.Value == s {
			return in(r, o.Label)
		}
	}
	if def.Type == "length" {
		if l, err := procedure.ParseLength(s); err == nil {
			return e.rd.Say(r, "law.period."+string(l.Unit), "n", l.N)
		}
	}
	return s
}
