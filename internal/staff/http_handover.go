package staff

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/web"
)

// getHandovers is one's own hand-over, what waits for one's word, and the people
// one answers for.
func (e *edge) getHandovers(w http.ResponseWriter, r *http.Request) {
	a := identity.From(r.Context())
	v := view{Title: e.say(r, "handover.title"), Lead: e.say(r, "handover.lead"), Tabs: e.myTabs(r)}
	waiting, err := e.asked(r.Context())
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	for _, h := range waiting {
		if h.Person == a.Person {
			continue
		}
		if _, err := e.Holding(r.Context(), a, h.Person); err != nil {
			continue
		}
		names, err := e.People.Names(r.Context(), []string{h.Person})
		if err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		v.Notices = append(v.Notices, web.Notice{Tone: web.Warning, Title: e.say(r, "handover.asked", "who", names[h.Person]), Text: h.Reason,
			Links: []web.NavItem{{Href: "/staff/handover/done/" + h.ID, Text: e.say(r, "handover.look")}}})
	}
	links := []web.NavItem{{Href: "/staff/handover/" + a.Person, Text: e.say(r, "handover.own")}}
	v.Notices = append(v.Notices, web.Notice{Tone: web.Plain, Text: e.say(r, "handover.own_text"), Links: links})
	var over []identity.Post
	for _, p := range a.Own().Posts {
		if p.Kind == identity.Head || p.Kind == identity.Administrator {
			over = append(over, p)
		}
	}
	if len(over) > 0 {
		people, err := e.colleagues(r, over, a.Person)
		if err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		form := named(&web.Form{ID: "who-form", Action: "/staff/handover/find", Method: "get", Submit: e.say(r, "handover.look"), Fields: []web.Field{
			{Name: "person", Type: "unit", Label: e.word(r, "person"), Required: true, Options: people},
		}})
		v.Parts = append(v.Parts, part{Title: e.say(r, "handover.other"), Text: e.say(r, "handover.other_text"), Form: form})
	}
	e.show(w, r, http.StatusOK, v)
}

func (e *edge) getHandoverFind(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/staff/handover/"+url.PathEscape(r.URL.Query().Get("person")), http.StatusSeeOther)
}

func (e *edge) getHolding(w http.ResponseWriter, r *http.Request) {
	e.drawHolding(w, r, http.StatusOK, func(*web.Form) {})
}

// drawHolding shows all that a person holds and asks who receives it.
func (e *edge) drawHolding(w http.ResponseWriter, r *http.Request, status int, mark func(*web.Form)) {
	a := identity.From(r.Context())
	h, err := e.Holding(r.Context(), a, r.PathValue("person"))
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	v := view{Title: e.say(r, "handover.of", "name", h.Person.Name), Lead: e.say(r, "handover.of_lead"), Tabs: e.myTabs(r)}
	past, err := e.Handovers(r.Context(), h.Person.ID)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	for _, old := range past {
		if old.State == HandoverAsked || old.State == HandoverRunning {
			v.Notices = append(v.Notices, web.Notice{Tone: web.Info, Text: e.say(r, "handover.state."+old.State),
				Links: []web.NavItem{{Href: "/staff/handover/done/" + old.ID, Text: e.say(r, "handover.look")}}})
		}
	}
	v.Parts = append(v.Parts, part{Table: e.groupTable(r, h)}, part{Table: e.postTable(r, e.say(r, "posts.title"), h.Posts, identity.Administers(a, "/") || a.Has(identity.Administrator))})
	if len(h.Shifts) > 0 {
		v.Parts = append(v.Parts, part{Table: e.dutyTable(r, e.say(r, "handover.shifts"), h.Shifts, nil)})
	}
	for _, d := range h.Deputies {
		names, err := e.namesIn(r, []identity.Deputy{d})
		if err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		v.Parts = append(v.Parts, part{Title: e.say(r, "absence.mine", "who", names[d.Deputy], "absent", names[d.Person]),
			Facts: []web.Fact{{Name: e.say(r, "from"), Value: d.From}, {Name: e.say(r, "until"), Value: d.Until}}})
	}
	form, err := e.handoverForm(r, h)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	if len(form.Fields) > 1 {
		mark(form)
		note := e.say(r, "handover.how")
		if a.Person == h.Person.ID {
			note = e.say(r, "handover.how_own")
		}
		v.Parts = append(v.Parts, part{ID: "give", Title: e.say(r, "handover.give"), Text: note, Form: form})
	} else {
		v.Notices = append(v.Notices, web.Notice{Tone: web.Good, Text: e.say(r, "handover.nothing")})
	}
	e.show(w, r, status, v)
}

func (e *edge) groupTable(r *http.Request, h Holding) *web.Table {
	lang := text.Language(r.Context())
	t := &web.Table{Caption: e.say(r, "handover.cases"), Empty: web.Empty{Text: e.say(r, "handover.no_cases")},
		Columns: []web.Column{{Text: e.say(r, "handover.procedure")}, {Text: e.word(r, "unit")}, {Text: e.say(r, "state")}, {Text: e.say(r, "handover.count"), Number: true}}}
	for _, g := range h.Groups {
		for _, s := range g.States {
			t.Rows = append(t.Rows, []web.Cell{{Text: g.Title.In(lang)}, {Text: e.unitOf(r, g.Unit)}, {Text: s.Words.In(lang)}, {Text: s.N}})
		}
	}
	return t
}

func (e *edge) unitOf(r *http.Request, id string) string {
	if u, err := e.People.Unit(r.Context(), id); err == nil {
		return unitName(r, u)
	}
	return id
}

func (e *edge) receivers(r *http.Request, unit, not string) ([]web.Option, error) {
	members, err := e.People.Members(r.Context(), unit)
	if err != nil {
		return nil, err
	}
	var out []web.Option
	seen := map[string]bool{not: true}
	for _, m := range members {
		if !seen[m.Post.Person] {
			seen[m.Post.Person] = true
			out = append(out, web.Option{Value: m.Post.Person, Label: m.Name + " · " + e.kindName(r, m.Post.Kind)})
		}
	}
	return out, nil
}

func (e *edge) handoverForm(r *http.Request, h Holding) (*web.Form, error) {
	lang := text.Language(r.Context())
	f := &web.Form{ID: "give-form", Action: "/staff/handover/" + url.PathEscape(h.Person.ID), Submit: e.say(r, "handover.do"), Key: seal.Token(), Question: e.say(r, "handover.sure")}
	if r.Method == http.MethodPost {
		f.Key = posted(r, "key")
	}
	for _, g := range h.Groups {
		options, err := e.receivers(r, g.Unit, h.Person.ID)
		if err != nil {
			return nil, err
		}
		options = append(options, web.Option{Value: Back, Label: e.say(r, "handover.back")})
		label := fmt.Sprintf("%s · %s (%d)", g.Title.In(lang), e.unitOf(r, g.Unit), len(g.Cases))
		f.Fields = append(f.Fields, web.Field{Name: "to." + g.Key(), Type: "unit", Label: label, Options: options})
	}
	if len(h.Groups) > 1 && sameUnit(h.Groups) {
		all := f.Fields[0]
		all.Name, all.Label, all.Help = "all", e.say(r, "handover.all"), e.say(r, "handover.all_help")
		f.Fields = append([]web.Field{all}, f.Fields...)
	}
	if len(h.Shifts) > 0 {
		options, err := e.receivers(r, h.Shifts[0].Unit, h.Person.ID)
		if err != nil {
			return nil, err
		}
		f.Fields = append(f.Fields, web.Field{Name: "shifts", Type: "unit", Label: e.say(r, "handover.shifts_to"), Options: options})
	}
	if len(h.Deputies) > 0 {
		f.Fields = append(f.Fields, web.Field{Name: "deputies", Type: "yes", Label: e.say(r, "handover.end_deputies")})
	}
	f.Fields = append(f.Fields, web.Field{Name: "reason", Type: "text", Label: e.say(r, "reason"), Help: e.say(r, "handover.reason_help"), Required: true, Max: mostReason})
	return named(f), nil
}

func sameUnit(groups []Group) bool {
	for _, g := range groups {
		if g.Unit != groups[0].Unit {
			return false
		}
	}
	return true
}

func (e *edge) postHolding(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	a, person := identity.From(r.Context()), r.PathValue("person")
	c := Choice{Token: posted(r, "key"), Reason: posted(r, "reason"), Groups: map[string]string{}, Shifts: posted(r, "shifts"), Deputies: posted(r, "deputies") == "yes"}
	if len(c.Token) > 64 {
		c.Token = ""
	}
	if c.Token != "" {
		c.Token = a.Person + " " + c.Token
	}
	for name, values := range r.PostForm {
		if key, ok := strings.CutPrefix(name, "to."); ok && values[0] != "" {
			c.Groups[key] = values[0]
		}
	}
	if all := posted(r, "all"); all != "" {
		h, err := e.Holding(r.Context(), a, person)
		if err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		for _, g := range h.Groups {
			if c.Groups[g.Key()] == "" {
				c.Groups[g.Key()] = all
			}
		}
	}
	h, err := e.HandOver(r.Context(), a, person, c)
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawHolding(w, r, httpx.Status(fault.Of(err)), mark) })
		return
	}
	e.begun(w, r, h)
}

// begun carries a hand-over on at once, so that its page mostly shows the end; what
// is left the job does.
func (e *edge) begun(w http.ResponseWriter, r *http.Request, h Handover) {
	if h.State == HandoverRunning {
		if _, err := e.carryOn(r.Context(), h.ID); err != nil {
			e.Log.WarnContext(r.Context(), "a hand-over goes on in the background", "handover", h.ID, "error", err)
		}
	}
	http.Redirect(w, r, "/staff/handover/done/"+h.ID, http.StatusSeeOther)
}

// getHandover shows how far a hand-over is, and asks the second person.
func (e *edge) getHandover(w http.ResponseWriter, r *http.Request) {
	a := identity.From(r.Context())
	h, err := e.Handover(r.Context(), a, r.PathValue("id"))
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	ids := []string{h.Person, h.MadeBy, h.Agreed}
	count := map[string]int{}
	for _, i := range h.Items {
		ids = append(ids, i.Receiver)
		count[i.State]++
	}
	names, err := e.People.Names(r.Context(), ids)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	closing := h.Closing()
	if closing != nil { // of a unit: what receives is a unit too
		for _, id := range []string{closing.Thing, closing.Receiver} {
			names[id] = e.unitOf(r, id)
		}
	}
	tone := web.Info
	switch {
	case h.State == HandoverDone && count[ItemFailed] == 0:
		tone = web.Good
	case h.State == HandoverDone || h.State == HandoverAsked:
		tone = web.Warning
	}
	v := view{Title: e.say(r, "handover.of", "name", names[h.Person]), Tabs: e.myTabs(r), Notices: []web.Notice{{Tone: tone, Title: e.say(r, "handover.state."+h.State),
		Text:  e.say(r, "handover.progress", "done", count[ItemDone], "waiting", count[ItemWaiting], "failed", count[ItemFailed]),
		Links: []web.NavItem{{Href: "/staff/handover/" + url.PathEscape(h.Person), Text: e.say(r, "handover.what_is_left")}}}}}
	if closing != nil {
		v.Title, v.Tabs = e.say(r, "closing.of", "unit", names[closing.Thing], "successor", names[closing.Receiver]), nil
		v.Notices[0].Links = []web.NavItem{{Href: "/admin/units", Text: e.say(r, "units.title")}}
	}
	facts := []web.Fact{{Name: e.say(r, "reason"), Value: h.Reason}, {Name: e.say(r, "handover.made_by"), Value: names[h.MadeBy]}}
	if h.Agreed != "" && h.Agreed != h.MadeBy {
		facts = append(facts, web.Fact{Name: e.say(r, "handover.agreed"), Value: names[h.Agreed]})
	}
	p := part{Facts: facts}
	if h.State == HandoverAsked && h.MadeBy != a.Person {
		at := "/staff/handover/done/" + h.ID
		p.Confirms = []web.Confirm{
			{Summary: e.say(r, "handover.agree"), Text: e.say(r, "handover.agree_text"), Open: true, Form: web.Form{ID: "agree", Action: at + "/agree", Submit: e.say(r, "handover.agree")}},
			{Summary: e.say(r, "handover.refuse"), Danger: true, Form: web.Form{ID: "refuse", Action: at + "/refuse", Submit: e.say(r, "handover.refuse"), Danger: true}},
		}
	}
	v.Parts = []part{p, {Table: e.itemTable(r, h, names)}}
	e.show(w, r, http.StatusOK, v)
}

func (e *edge) itemTable(r *http.Request, h Handover, names map[string]string) *web.Table {
	t := &web.Table{Caption: e.say(r, "handover.items"), Columns: []web.Column{{Text: e.say(r, "handover.thing")}, {Text: e.say(r, "handover.receiver")}, {Text: e.say(r, "state")}}}
	for _, i := range h.Items {
		tag := web.Tag{Text: e.say(r, "handover.item."+i.State), Tone: web.Quiet}
		switch i.State {
		case ItemDone:
			tag.Tone = web.Good
		case ItemFailed:
			tag = web.Tag{Text: e.rd.Explain(r, fault.New(fault.Conflict, i.Fault, "number", i.Label, "day", i.Label, "name", i.Label, "unit", i.Label, "commander", "")), Tone: web.Bad}
		}
		to := names[i.Receiver]
		switch {
		case i.Kind == ItemDeputy:
			to = e.say(r, "handover.ended")
		case to == "":
			to = e.say(r, "handover.back")
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: e.say(r, "handover.kind."+i.Kind, "what", i.Label)}, {Text: to}, {Tag: &tag}})
	}
	return t
}

func (e *edge) second(yes bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h, err := e.Agree(r.Context(), identity.From(r.Context()), r.PathValue("id"), yes)
		if err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		e.begun(w, r, h)
	}
}
