package desk

import (
	"linli/internal/casework"
	"linli/internal/procedure"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/web"
)

// caseView is the page of one case.
type caseView struct {
	Title, Number, Procedure string
	State                    web.Tag
	Tags                     []web.Tag
	Notices                  []web.Notice
	Head                     []web.Fact
	Clocks                   []badge
	Past                     []badge // clocks that have ended
	Values                   []valueLine
	Photos                   []web.Photo
	Opinions                 []web.Fact
	Acts                     []doable
	Not                      []undoable
	Nothing                  string
	Timeline                 []event
	Parent                   *related
	Children                 []related
	Leader                   *related  // the case it follows, or was answered with
	Followers                []related // the first of those that follow it
	More                     *web.NavItem
	About                    *aboutView // what speaks of the case from outside, for the office
	Repair                   []web.Confirm
	Changed                  *changed
	Staff                    bool
	Slip                     string // address of the printed slip, for the office
	News                     bool   // something is new for the asker
}

// valueLine is one value of the case.
type valueLine struct {
	Name   string
	Value  any
	Sealed bool
	Reveal *web.Form // asks for a purpose and opens the value once
	Files  []web.Photo
}

// doable is an act that the asker may do now.
type doable struct {
	web.Confirm
	Help, Norm string
	Main       bool
	Page       string // address of the room's own page for it, instead of the form
}

// undoable is an act that the state allows and the asker may not do, and why.
type undoable struct {
	Text, Why, Norm string
	Who             []string
}

// related is another case that belongs to this one.
type related struct {
	Href, Number, Text string
	State              web.Tag
	Unit               string
}

// changed is what happened between the page that somebody saw and their act.
type changed struct {
	Text   string
	Events []event
	Typed  []web.Fact
}

// event is one line of the timeline.
type event struct {
	ID, Title, By string
	At, Entered   clock.Instant
	To            *web.Tag
	Tone          web.Tone
	Annulled      bool
	Facts         []web.Fact
	Notes         []string
	Files         []web.Photo
	Leaf, Proof   string
}

// trial is an act that was tried from the page and refused.
type trial struct {
	act   string
	typed url.Values
	err   error
	seen  int64 // how many acts the asker's page showed
}

func (e *edge) getCase(w http.ResponseWriter, r *http.Request) {
	d := e.draw(r)
	v, err := d.Get(d.ctx, d.who, r.PathValue("id"))
	if err != nil {
		httpFail(w, r, err)
		return
	}
	view, err := d.caseView(v, trial{})
	if err == nil {
		view.News, err = d.news(v.Case.ID)
	}
	if err != nil {
		httpFail(w, r, err)
		return
	}
	d.rd.Page(w, r, http.StatusOK, "desk/case", view)
}

// news says whether the case lies in the asker's box of what is new. It leaves
// it when somebody says so: looking alone changes nothing.
func (d *drawing) news(id string) (bool, error) {
	if !d.who.Known() {
		return false, nil
	}
	n, err := d.Count(d.ctx, d.who, casework.Filter{Box: casework.BoxTold, IDs: []string{id}}, 1)
	return n > 0, err
}

// postSeen takes the case out of the box of what is new.
func (e *edge) postSeen(w http.ResponseWriter, r *http.Request) {
	d := e.draw(r)
	c, _, err := d.Seen(d.ctx, d.who, r.PathValue("id"))
	if err == nil {
		err = d.MarkTold(d.ctx, d.who, c.ID, d.now)
	}
	if err != nil {
		httpFail(w, r, err)
		return
	}
	http.Redirect(w, r, "/cases/"+url.PathEscape(c.Number), http.StatusSeeOther)
}

func (d *drawing) caseView(v *casework.View, t trial) (_ *caseView, err error) {
	c, p := v.Case, v.Procedure
	out := &caseView{Title: c.Title, Number: c.Number, Procedure: p.Title.In(d.lang), Staff: !v.Party,
		State: web.Tag{Text: p.State(c.State).Words.In(d.lang), Tone: kindTone(c.Kind)}}
	if out.Title == "" {
		out.Title = out.Procedure
	}
	if c.Imported {
		out.Tags = append(out.Tags, web.Tag{Text: d.say("imported"), Tone: web.Quiet})
	}
	if c.Breached > 0 && !v.Party {
		out.Tags = append(out.Tags, web.Tag{Text: d.say("breached", "n", c.Breached), Tone: web.Bad})
	}
	people := []string{c.Person}
	for _, e := range v.Timeline {
		people = append(people, e.Person, e.Delta.For)
		if e.Act == casework.ActHanding && e.Delta.Person != nil {
			people = append(people, *e.Delta.Person)
		}
	}
	d.meet(people...)
	out.Head = d.head(v)
	for _, k := range v.Clocks {
		switch {
		case k.Live():
			out.Clocks = append(out.Clocks, d.clock(k, v.Party))
		case !v.Party:
			out.Past = append(out.Past, d.clock(k, false))
		}
	}
	timeline := d.timeline(v)
	out.Timeline = d.events(v, timeline)
	d.values(out, v, timeline)
	out.Opinions = d.opinions(v)
	if err := d.acts(out, v, t); err != nil {
		return nil, err
	}
	if d.o.Beside != nil {
		beside, err := d.o.Beside(d.r, v)
		if err != nil {
			return nil, err
		}
		out.Notices = append(out.Notices, beside...)
	}
	if !v.Party {
		out.Slip = "/cases/" + c.ID + "/slip.pdf"
		if err := d.absence(out, c); err != nil {
			return nil, err
		}
		d.family(out, v)
		if err := d.followers(out, v); err != nil {
			return nil, err
		}
		if err := d.repair(out, v, t); err != nil {
			return nil, err
		}
		if out.About, err = d.about(v); err != nil {
			return nil, err
		}
	}
	d.outcome(out, v, t)
	return out, nil
}

// absence says who stands in for the holder of the case, and to a deputy in whose
// place they are here.
func (d *drawing) absence(out *caseView, c *casework.Case) error {
	list, err := d.People.DeputiesNow(d.ctx, c.Person)
	if err != nil {
		return err
	}
	for _, s := range list {
		d.meet(s.Deputy, s.Person)
		key := "stands_in"
		if s.Deputy == d.who.Person {
			if key = "you_stand_in"; !d.who.StandsIn(c.Person, c.Unit) {
				continue
			}
		}
		out.Notices = append(out.Notices, web.Notice{Tone: web.Info, Text: d.say(key, "who", d.people[s.Deputy], "absent", d.people[s.Person], "until", s.Until)})
	}
	return nil
}

// outcome says what became of an act that was done or tried just now.
func (d *drawing) outcome(out *caseView, v *casework.View, t trial) {
	if did := d.r.URL.Query().Get("did"); did != "" && t.act == "" {
		for _, e := range out.Timeline {
			if e.ID == did {
				out.Notices = append(out.Notices, web.Notice{Tone: web.Good, Text: d.say("did", "act", e.Title, "leaf", e.Leaf)})
			}
		}
	}
	f := fault.Of(t.err)
	if f == nil {
		return
	}
	shown := slices.ContainsFunc(out.Acts, func(a doable) bool { return a.Form.ID == "do-"+t.act }) ||
		slices.ContainsFunc(out.Repair, func(a web.Confirm) bool { return a.Form.ID == "do"+strings.ReplaceAll(t.act, "_", "-") })
	if f.Kind != fault.Stale && shown {
		return // stands at its form
	}
	out.Changed = &changed{Text: d.explain(f)}
	if f.Kind == fault.Stale || f.Kind == fault.Conflict {
		for i, e := range out.Timeline {
			if i < len(v.Timeline) && t.seen > 0 && eventSeq(v, e.ID) > t.seen {
				out.Changed.Events = append(out.Changed.Events, e)
			}
		}
	}
	if act := v.Procedure.Act(t.act); act != nil && !shown {
		out.Changed.Typed = d.typedFacts(t.typed, act, v.Procedure)
	}
}

func eventSeq(v *casework.View, id string) int64 {
	for _, e := range v.Timeline {
		if e.ID == id {
			return e.Seq
		}
	}
	return 0
}

// head is what everybody wants to know first.
func (d *drawing) head(v *casework.View) []web.Fact {
	c := v.Case
	out := []web.Fact{{Name: d.say("number"), Value: c.Number}, {Name: d.say("procedure"), Value: v.Procedure.Title.In(d.lang), Norm: v.Procedure.Norm}}
	add := func(key, value string) {
		if value != "" {
			out = append(out, web.Fact{Name: d.say(key), Value: value})
		}
	}
	if v.Party {
		add("held_by", d.unit(c.Unit))
	} else {
		add("held_by", d.holder(c))
	}
	place, _ := c.Values[v.Procedure.Area].(procedure.Place)
	if c.Area != place.Area && c.Area != c.Values.Text(v.Procedure.Area) || v.Party {
		add("area", d.area(c.Area)) // else the values say it
	}
	if !slices.ContainsFunc(v.Procedure.Form, func(f *procedure.Field) bool { return f.Type == "class" && c.Values.Text(f.Name) == c.Class }) || v.Party {
		add("class", d.class(c.Class))
	}
	out = append(out, web.Fact{Name: d.say("opened"), Value: c.Opened})
	if c.Published != 0 {
		out = append(out, web.Fact{Name: d.say("published"), Value: c.Published})
	}
	if c.Escalated != "" && !v.Party {
		add("escalated", d.unit(c.Escalated))
	}
	if c.Sealed != "" && !v.Party {
		ids := strings.Split(strings.Trim(c.Sealed, "/"), "/")
		add("sealed_from", d.unit(ids[len(ids)-1]))
	}
	return out
}

// values shows what the case holds; to a party what public acts brought.
func (d *drawing) values(out *caseView, v *casework.View, timeline []casework.Entry) {
	held := v.Case.Values
	if v.Party {
		held = casework.Values{}
		for _, e := range timeline {
			if !e.Annulled {
				for name, value := range e.Values {
					held[name] = value
				}
			}
		}
	}
	may := d.mayReveal(v)
	for _, def := range v.Procedure.Form {
		value, ok := held[def.Name]
		if text, is := value.(string); !ok || v.Case.Title != "" && (def.Name == v.Procedure.Subject || is && text == v.Case.Title) {
			continue // stands above
		}
		if v.Party && (def.Name == v.Procedure.Area || def.Type == "class") {
			if _, whole := value.(procedure.Place); !whole {
				continue
			}
		}
		line := valueLine{Name: def.Label.In(d.lang), Value: d.shown(def, value)}
		if _, sealed := value.(casework.Sealed); sealed {
			line.Sealed = true
			if may {
				line.Reveal = &web.Form{Action: "/cases/" + v.Case.ID + "/reveal", ID: "reveal-" + def.Name, Submit: d.say("reveal.open"),
					Hidden: []web.Option{{Label: "_field", Value: def.Name}},
					Fields: []web.Field{{Name: "_purpose", Label: d.say("purpose"), Help: d.say("purpose.help"), Type: "text", Required: true, Max: 200}}}
			}
		}
		line.Files = d.files(v.Case.ID, def, value)
		out.Values = append(out.Values, line)
	}
}

// files gives the addresses of attachments.
func (d *drawing) files(caseID string, def *procedure.Field, value any) []web.Photo {
	ids, _ := value.([]string)
	if d.o.File == nil || def == nil || !def.Attached() {
		return nil
	}
	var out []web.Photo
	for i, id := range ids {
		if small, whole := d.o.File(d.ctx, caseID, id); small != "" {
			out = append(out, web.Photo{Src: small, Full: whole, Sound: def.Type == "recording", Words: d.say("file_nth", "label", def.Label, "n", i+1)})
		}
	}
	return out
}

// mayReveal reports whether the asker may open sealed values of the case.
func (d *drawing) mayReveal(v *casework.View) bool {
	if v.Party || !d.who.Known() {
		return false
	}
	may := v.Procedure.Reveal
	if may == nil {
		var err error
		if may, err = d.Right(d.ctx, "reveal"); err != nil {
			return false
		}
	}
	return identity.Holds(may, d.who, v.Case.Subject(nil, nil))
}

// opinions shows the word of each body.
func (d *drawing) opinions(v *casework.View) []web.Fact {
	var out []web.Fact
	for _, a := range v.Procedure.Acts {
		if a.Opinion == nil || v.Party && !a.Public {
			continue
		}
		spoken := false
		var facts []web.Fact
		for i, r := range a.Who {
			words := d.say("verdict.none")
			if s := v.Case.Values.Text(casework.OpinionOf(a.Name, i)); s != "" {
				words, spoken = d.say("verdict."+s), true
			}
			facts = append(facts, web.Fact{Name: d.body(r), Value: words})
		}
		if spoken || slices.Contains(a.From, v.Case.State) {
			out = append(out, facts...)
		}
	}
	return out
}

// body names a body that gives its word: by the post that speaks for it.
func (d *drawing) body(r identity.Relation) string {
	if kind := r.PostKind(); kind != "" {
		return d.post(kind)
	}
	return d.rd.Say(d.r, "identity.relation."+r.Name)
}

// acts draws what the asker may do now, and why not the rest.
func (d *drawing) acts(out *caseView, v *casework.View, t trial) error {
	for _, may := range v.May {
		act := may.Act
		if may.Why != nil {
			if v.Party && may.Why.Key == "casework.not_yours" {
				continue
			}
			not := undoable{Text: act.Words.In(d.lang), Why: d.rd.Explain(d.r, may.Why), Norm: may.Why.Norm}
			if may.Why.Key == "casework.not_yours" {
				not.Who = d.wait(act, v.Procedure)
			}
			out.Not = append(out.Not, not)
			continue
		}
		if to := d.actPage(v.Procedure.Name, act.Name, v.Case.ID); to != "" && t.act != act.Name {
			out.Acts = append(out.Acts, doable{Confirm: web.Confirm{Summary: act.Words.In(d.lang)}, Page: to})
			continue
		}
		var typed url.Values
		if t.act == act.Name {
			typed = t.typed
		}
		hints := d.suggestions(v, act)
		form := d.form(act, v.Procedure, v.Case.Values, typed, hints)
		d.bind(&form, v)
		used := !v.Party && d.samples(&form, v.Procedure, v.Case.ID, v.Case.Number, v.Case.Title, v.Case.Unit)
		do := doable{Confirm: web.Confirm{Summary: act.Words.In(d.lang), Form: form, Open: typed != nil || used}, Help: act.Help.In(d.lang), Norm: act.Norm, Main: len(hints) > 0}
		if typed != nil && t.err != nil && !fault.Is(t.err, fault.Stale) {
			d.mark(&do.Form, t.err)
		}
		out.Acts = append(out.Acts, do)
	}
	// What another room has a proposal for is what the case waits for.
	slices.SortStableFunc(out.Acts, func(a, b doable) int { return rank(a) - rank(b) })
	if len(out.Acts) == 0 {
		out.Nothing = d.say("nothing_to_do")
		if v.Case.Kind == procedure.Final {
			out.Nothing = d.say("over")
		}
	}
	if len(out.Acts) > 0 && (len(out.Acts) == 1 || out.Acts[0].Main) && len(out.Acts[0].Form.Fields) > 0 && t.act == "" {
		out.Acts[0].Open = true
	}
	return nil
}

func (d *drawing) actPage(procedure, act, caseID string) string {
	if d.o.ActPage == nil {
		return ""
	}
	return d.o.ActPage(procedure, act, caseID)
}

func rank(a doable) int {
	if a.Main {
		return 0
	}
	return 1
}

// bind ties a form to what the page showed.
func (d *drawing) bind(form *web.Form, v *casework.View) {
	form.Action = "/cases/" + v.Case.ID + "/acts"
	form.Hidden = append(form.Hidden, web.Option{Label: "_version", Value: strconv.FormatInt(v.Case.Version, 10)},
		web.Option{Label: "_seen", Value: strconv.FormatInt(v.Case.Acts, 10)})
}

// family shows the case this one belongs to and the ones it opened.
func (d *drawing) family(out *caseView, v *casework.View) {
	if p := v.Parent; p != nil {
		if def, err := d.ProcedureAt(d.ctx, p.Procedure, p.Edition); err == nil {
			text := p.Title
			if text == "" {
				text = def.Title.In(d.lang)
			}
			out.Parent = &related{Href: "/cases/" + p.ID, Number: p.Number, Text: text, Unit: d.unit(p.Unit),
				State: web.Tag{Text: def.State(p.State).Words.In(d.lang), Tone: kindTone(p.Kind)}}
		}
	}
	for _, c := range v.Children {
		line := related{Href: "/cases/" + c.ID, Number: c.Number, Text: c.Procedure, Unit: d.unit(c.Unit), State: web.Tag{Text: c.State, Tone: kindTone(c.Kind)}}
		if def, err := d.ProcedureAt(d.ctx, c.Procedure, v.Case.Edition); err == nil {
			line.Text = def.Title.In(d.lang)
			if s := def.State(c.State); s != nil {
				line.State.Text = s.Words.In(d.lang)
			}
		}
		out.Children = append(out.Children, line)
	}
}

// mostFollowers is how many followers the page of a leading case names; the list
// has all.
const mostFollowers = 5

// followers shows the leading case, and of a leading case those that follow it.
func (d *drawing) followers(out *caseView, v *casework.View) error {
	if l := v.Leader; l != nil {
		p, err := d.ProcedureAt(d.ctx, l.Procedure, l.Edition)
		if err != nil {
			return err
		}
		out.Leader = &related{Href: "/cases/" + l.ID, Number: l.Number, Text: titleOr(l.Title, p.Title.In(d.lang)), Unit: d.unit(l.Unit),
			State: web.Tag{Text: p.State(l.State).Words.In(d.lang), Tone: kindTone(l.Kind)}}
	}
	if v.Followed == 0 {
		return nil
	}
	rows, _, err := d.List(d.ctx, d.who, casework.Filter{Leader: v.Case.ID, Limit: mostFollowers})
	if err != nil {
		return err
	}
	for _, row := range rows {
		out.Followers = append(out.Followers, related{Href: "/cases/" + row.ID, Number: row.Number, Text: titleOr(row.Case.Title, row.Title.In(d.lang)),
			State: web.Tag{Text: row.Words.In(d.lang), Tone: kindTone(row.Kind)}})
	}
	out.More = &web.NavItem{Href: "/cases?box=all&kind=any&leader=" + url.QueryEscape(v.Case.ID), Text: d.say("followers.all", "n", v.Followed)}
	return nil
}

func titleOr(title, other string) string {
	if title == "" {
		return other
	}
	return title
}
