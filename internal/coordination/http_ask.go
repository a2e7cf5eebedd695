package coordination

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/law"
	"linli/internal/procedure"
	"linli/web"
)

// askPage is the form by which a task is brought to the door, with the door's
// answer to what is filled in so far.
type askPage struct {
	Title, Back, Above string
	Form               web.Form
	More               web.Form // what a form or a meeting must say, folded
	Unfold             bool
	Groups             []groupView
	Wrong              string // what is wrong with the receivers
	Q                  string
	Items              []itemView
	Searched           bool
	Door               *doorView
	Part               string
}

// groupView are a street and its communities, to be ticked.
type groupView struct {
	Name  string
	Open  bool
	Units []web.Option
}

type itemView struct {
	ID, Title, Kind string
	Chosen          bool
}

// doorView is the door's answer.
type doorView struct {
	Tone       web.Tone
	Says, Then string
	Facts      []web.Fact
	Each       []saidView
	Like       string // number of the refused task it resembles
}

type saidView struct {
	Unit, Why, Norm string
	Tag             web.Tag
}

// limits are the lengths a task is offered.
var limits = []struct {
	unit law.Unit
	n    []int
}{{law.Workday, []int{1, 2, 3, 5, 7, 10, 15, 20, 30}}, {law.Day, []int{3, 7, 15, 30, 60, 90}}, {law.Month, []int{6, 12}}}

// sender is the post by which somebody hands tasks down; false where they may not.
// It is the one the engine takes as well: by the order of the act's relations.
func sender(a identity.Actor) (identity.Post, bool) {
	for _, kind := range []string{"head", "handler", "leader"} {
		if a.Has(kind) {
			return a.PostAs(kind), true
		}
	}
	return identity.Post{}, false
}

// question is what a form asks the door so far.
type question struct {
	typed  url.Values
	part   *casework.Case // a street's part of which a piece is passed on; nil: a task from the start
	sender identity.Unit
	form   *procedure.Procedure
}

func (d *drawing) question(typed url.Values) (*question, error) {
	q := &question{typed: typed}
	var err error
	if q.form, err = d.Cases.Procedure(d.ctx, Tasks); err != nil {
		return nil, err
	}
	if id := typed.Get("part"); id != "" {
		if q.part, _, err = d.Cases.Seen(d.ctx, d.who, id); err != nil {
			return nil, err
		}
		if q.part.Procedure != TaskParts {
			return nil, fault.New(fault.NotFound, "casework.no_case")
		}
		q.sender, err = d.People.Unit(d.ctx, q.part.Unit)
		return q, err
	}
	post, may := sender(d.who)
	if !may {
		return nil, fault.New(fault.Forbidden, "coordination.may_not_ask")
	}
	q.sender, err = d.People.Unit(d.ctx, post.Unit)
	return q, err
}

func (e *edge) getAsk(w http.ResponseWriter, r *http.Request) {
	e.ask(w, r, r.URL.Query(), http.StatusOK, nil)
}

// postDoor answers while the form is filled in: the same words as the second page.
func (e *edge) postDoor(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	d, err := e.draw(r)
	if err == nil {
		var page *askPage
		if page, err = d.askPage(r.PostForm); err == nil {
			e.rd.Part(w, r, http.StatusOK, "coordination/ask", "door", page)
			return
		}
	}
	httpx.Fail(w, r, err)
}

// ask draws the form; wrong is why it was not taken.
func (e *edge) ask(w http.ResponseWriter, r *http.Request, typed url.Values, status int, wrong error) {
	d, err := e.draw(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	page, err := d.askPage(typed)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if wrong != nil {
		f := fault.Of(wrong).At(strings.TrimPrefix(fault.Of(wrong).Field, "pass_"))
		if f.Field == "receivers" || f.Field == "to" {
			page.Wrong = d.rd.Explain(r, f)
		}
		form := &page.Form
		if slices.ContainsFunc(page.More.Fields, func(x web.Field) bool { return x.Name == f.Field }) {
			form, page.Unfold = &page.More, true
		}
		d.rd.Mark(r, form, f)
		page.Door = nil
	}
	e.rd.Page(w, r, status, "coordination/ask", page)
}

// postAsk looks up an item, asks the door, or brings the task.
func (e *edge) postAsk(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	if r.PostForm.Get("do") != "send" {
		e.ask(w, r, r.PostForm, http.StatusOK, nil)
		return
	}
	to, err := e.bring(r)
	if f := fault.Of(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Unmet) {
		httpx.Note(r, f)
		e.ask(w, r, r.PostForm, httpx.Status(f), err)
		return
	} else if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// bring opens the task and, where the door lets it go, hands it down at once. It
// gives the page to go on with: where admission is needed that of the case, with
// the application, else the task's own.
func (e *edge) bring(r *http.Request) (string, error) {
	ctx, who, form := r.Context(), identity.From(r.Context()), r.PostForm
	key, err := httpx.ParseKey(form.Get("key"))
	if err != nil {
		return "", err
	}
	prefix, to := "", "receivers"
	if form.Get("part") != "" {
		prefix, to = "pass_", "to"
	}
	values := map[string]any{prefix + to: form["to"]}
	for _, f := range []string{"subject", "words", "item", "limit"} {
		if v := strings.TrimSpace(form.Get(f)); v != "" {
			values[prefix+f] = v
		}
	}
	var task string
	if prefix != "" {
		receipt, err := e.Cases.Do(ctx, who, casework.Asking{Case: form.Get("part"), Act: "pass_on", Values: values, Key: key})
		if err != nil {
			return "", err
		}
		task = receipt.Children[0]
	} else {
		for _, f := range []string{"kind", "asks", "meet_day", "meet_minutes", "meet_who", "certificate", "basis"} {
			if v := strings.TrimSpace(form.Get(f)); v != "" {
				values[f] = v
			}
		}
		receipt, err := e.Cases.Open(ctx, who, casework.Opening{Procedure: Tasks, Act: "ask", Values: values, Key: key})
		if err != nil {
			return "", err
		}
		task = receipt.Case
	}
	c, _, err := e.Cases.Seen(ctx, identity.SystemActor(), task)
	if err != nil {
		return "", err
	}
	switch c.State {
	case stateUnlisted:
		return "/cases/" + url.PathEscape(c.Number), nil
	case stateClear:
		if _, err := e.Cases.Do(ctx, who, casework.Asking{Case: task, Act: "hand_down"}); err != nil {
			return "/cases/" + url.PathEscape(c.Number), nil // it waits there with its button, which says what keeps it
		}
	}
	return "/tasks/" + url.PathEscape(c.Number), nil
}

func (d *drawing) askPage(typed url.Values) (*askPage, error) {
	q, err := d.question(typed)
	if err != nil {
		return nil, err
	}
	page := &askPage{Title: d.say("ask"), Back: "/tasks", Q: strings.TrimSpace(typed.Get("q"))}
	if q.part != nil {
		page.Title, page.Part, page.Back = d.say("pass"), q.part.ID, "/tasks/"+url.PathEscape(q.part.Number)
		page.Above = d.say("pass.above", "title", q.part.Title, "sender", d.unit(q.part.Values.Text("sender")))
	}
	page.Groups = d.groups(q)
	page.Form, page.More = d.askForm(q)
	page.Unfold = slices.Contains([]string{"form", "meeting", "certificate"}, typed.Get("kind"))
	if page.Items, err = d.find(q, page.Q, typed.Get("item")); err != nil {
		return nil, err
	}
	page.Searched = page.Q != ""
	if len(typed["to"]) > 0 {
		page.Door, err = d.door(q)
		if f := fault.Of(err); f != nil && f.Field == "receivers" {
			page.Wrong, err = d.rd.Explain(d.r, f), nil
		}
	} else if typed.Get("do") == "check" {
		page.Wrong = d.rd.Explain(d.r, fault.New(fault.Invalid, "coordination.no_receiver"))
	}
	return page, err
}

// groups are whom the sender may ask: the streets and their communities, of a
// street its own.
func (d *drawing) groups(q *question) []groupView {
	chosen := q.typed["to"]
	level := func(u identity.Unit) bool { return slices.Contains([]string{"street", "community", "village"}, u.Kind) }
	county, within := d.units.county(q.sender), ""
	if top := d.units.top(q.sender); q.part != nil || top.Kind == "street" {
		within = top.Path
	}
	under := map[string][]identity.Unit{}
	for _, u := range d.units {
		switch {
		case !level(u) || !u.Open(d.now) || d.units.county(u).ID != county.ID:
		case within == "" || u.Within(within) && u.Kind != "street":
			under[d.units.top(u).ID] = append(under[d.units.top(u).ID], u)
		}
	}
	var out []groupView
	for _, top := range slices.SortedFunc(maps.Keys(under), func(a, b string) int { return cmp.Compare(d.units[a].Area, d.units[b].Area) }) {
		g := groupView{Name: d.unit(top), Open: len(under) == 1}
		slices.SortFunc(under[top], func(a, b identity.Unit) int {
			return cmp.Or(cmp.Compare(len(a.Path), len(b.Path)), cmp.Compare(a.Area, b.Area), cmp.Compare(a.ID, b.ID))
		})
		for _, u := range under[top] {
			o := web.Option{Value: u.ID, Label: u.Words().In(d.lang), Selected: slices.Contains(chosen, u.ID)}
			g.Open = g.Open || o.Selected
			g.Units = append(g.Units, o)
		}
		out = append(out, g)
	}
	return out
}

// askForm are the questions beside receivers and item, and those that only a form
// or a meeting must answer.
func (d *drawing) askForm(q *question) (form, more web.Form) {
	form, more = web.Form{ID: "ask", Action: "/tasks/new", Key: cmp.Or(q.typed.Get("key"), seal.Token())}, web.Form{ID: "ask"}
	to := &form
	add := func(name string, required bool) *web.Field {
		def := q.form.Field(name)
		if def == nil {
			return &web.Field{} // a county may have another form
		}
		to.Fields = append(to.Fields, web.Field{Name: name, Type: def.Type, Label: def.Label.In(d.lang), Help: def.Help.In(d.lang), Required: required, Max: int64(def.Max), Min: int64(def.Min), Value: q.typed.Get(name)})
		return &to.Fields[len(to.Fields)-1]
	}
	add("subject", true)
	add("words", true)
	limit := add("limit", true)
	limit.Max = 0
	for _, u := range limits {
		for _, n := range u.n {
			l := procedure.Length{N: n, Unit: u.unit}
			limit.Options = append(limit.Options, web.Option{Value: l.String(), Label: d.lasting(l.String())})
		}
	}
	if q.part != nil {
		limit.Help = d.say("pass.limit", "when", d.rd.Show(d.r, lastDay(q.part.Clocks()["part"].Duty)))
		return form, more
	}
	kind := add("kind", true)
	if def := q.form.Field("kind"); def != nil {
		for _, o := range def.Options {
			kind.Options = append(kind.Options, web.Option{Value: o.Value, Label: o.Label.In(d.lang)})
		}
	}
	if kind.Value == "" {
		kind.Value = "task"
	}
	to = &more
	for _, name := range []string{"asks", "meet_day", "meet_minutes", "meet_who", "certificate", "basis"} {
		add(name, false)
	}
	return form, more
}

// mostFound bounds the items that a search shows.
const mostFound = 12

// find looks an item up by words, in the lists of whom is asked; the chosen one
// stays in sight.
func (d *drawing) find(q *question, words, chosen string) ([]itemView, error) {
	cat, _, err := d.Duty.Catalogue(d.ctx)
	if err != nil {
		return nil, err
	}
	area := q.sender.Area
	if to := q.typed["to"]; len(to) > 0 {
		area = d.units[to[0]].Area
	}
	type hit struct {
		duty.Item
		rank int
	}
	var hits []hit
	for _, l := range cat.Lists {
		if !l.Holds(area, d.now.Day()) {
			continue
		}
		for _, i := range l.Items {
			rank := nearness(words, i)
			if i.ID == chosen {
				rank = 1 << 20
			}
			if i.Holds(d.now.Day()) && rank > 0 && !slices.ContainsFunc(hits, func(h hit) bool { return h.ID == i.ID }) {
				hits = append(hits, hit{i, rank})
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.rank, a.rank) })
	var out []itemView
	for _, h := range hits[:min(len(hits), mostFound)] {
		out = append(out, itemView{ID: h.ID, Title: h.Title.In(d.lang), Kind: d.rd.Say(d.r, "duty.kind."+h.Kind), Chosen: h.ID == chosen})
	}
	return out, nil
}

// door asks the door what is filled in so far.
func (d *drawing) door(q *question) (*doorView, error) {
	item := q.typed.Get("item")
	said, err := d.Ask(d.ctx, q.sender, q.typed["to"], item, d.now)
	if err != nil {
		return nil, err
	}
	lists, _, err := d.Duty.Catalogue(d.ctx)
	if err != nil {
		return nil, err
	}
	certificates(q.typed.Get, lists, &said)
	v := &doorView{Tone: toneOf(said.Verdict), Says: q.form.Field("verdict").Option(said.Verdict, d.lang), Then: d.say("then." + said.Verdict)}
	for _, one := range said.Each {
		each := saidView{Unit: one.Unit.Words().In(d.lang), Tag: web.Tag{Text: q.form.Field("verdict").Option(one.Verdict(), d.lang), Tone: toneOf(one.Verdict())}}
		if why := one.Why(); why != nil {
			each.Why, each.Norm = d.rd.Explain(d.r, why), why.Norm
		}
		v.Each = append(v.Each, each)
		if one.Found != nil && len(v.Facts) == 0 {
			v.Facts = append(v.Facts, web.Fact{Name: d.say("item"), Value: one.Found.Item.ID + " " + one.Found.Item.Title.In(d.lang), Norm: one.Found.Basis()})
			if lead := one.Found.Lead; lead.ID != "" {
				v.Facts = append(v.Facts, web.Fact{Name: d.say("lead"), Value: lead.Words().In(d.lang)})
			}
		}
	}
	if said.Lead != nil {
		v.Facts = append(v.Facts, web.Fact{Name: d.say("boundary"), Value: said.Lead.Item.Boundary.In(d.lang)}, web.Fact{Name: d.say("support"), Value: said.Lead.Item.Support.In(d.lang)})
	}
	v.Like, err = d.Before(d.ctx, q.sender, q.typed.Get("subject")+" "+q.typed.Get("words"), q.typed["to"], d.now)
	return v, err
}
