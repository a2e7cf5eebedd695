package coordination

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/web"
)

// The views of the page of tasks.
const (
	viewSent   = "sent"
	viewHere   = "here"
	viewCounty = "county"
)

func (e *edge) taskRoutes(mux *http.ServeMux, api huma.API) {
	for at, do := range map[string]http.HandlerFunc{
		"GET /tasks":                e.getTasks,
		"GET /tasks/new":            e.getAsk,
		"POST /tasks/new":           e.postAsk,
		"POST /tasks/door":          e.postDoor,
		"GET /tasks/{ref}":          e.getTree,
		"POST /tasks/refuse/{case}": e.postRefuse,
	} {
		mux.HandleFunc(at, identity.SignedIn(do))
	}
	httpx.Register(api, huma.Operation{OperationID: "list-tasks", Method: http.MethodGet, Path: "/api/v1/tasks", Tags: []string{"tasks"},
		Summary: "How tasks stand at the door, for staff: the county's numbers, and one of the lists", Errors: []int{401, 403, 422}}, e.apiTasks)
}

// tasksPage is one view of the tasks, under the numbers of the county.
type tasksPage struct {
	Title   string
	Figures []web.Figure
	Tabs    []web.Tab
	May     bool
	View    string
	Sent    []sentView
	Here    []hereView
	Lists   []listView
	Empty   web.Empty
}

type sentView struct {
	Href, Title, Item, To string
	State                 web.Tag
	Parts, Ended, Overdue int
	Due, Ends             *web.Clock
	Resembles             string
}

type hereView struct {
	Href, Work, Title, From, Item, Boundary, Support string
	State                                            web.Tag
	Due                                              *web.Clock
	Refuse                                           *web.Confirm
}

type listView struct {
	ID, Title, Text string
	Lines           []web.CaseLine
	Pairs           []pairView
	Empty           string
}

// pairView is a task beside the refused one that it resembles.
type pairView struct {
	Now, Was web.CaseLine
	NowWords string
	WasWords string
}

// mine are the units of the actor's posts, in order.
func (d *drawing) mine() (out []identity.Unit) {
	for _, p := range d.who.Posts {
		if u, known := d.units[p.Unit]; known && !slices.ContainsFunc(out, func(o identity.Unit) bool { return o.ID == u.ID }) {
			out = append(out, u)
		}
	}
	return out
}

// usual is the view somebody begins with: a street's or community's what lies with
// it, the county's own people all of it, others what they sent.
func (d *drawing) usual() (string, error) {
	for _, u := range d.mine() {
		level, err := d.Duty.Level(d.ctx, u)
		switch {
		case err != nil:
			return "", err
		case level != duty.LevelCounty:
			return viewHere, nil
		case d.units.county(u).ID == u.ID:
			return viewCounty, nil
		}
	}
	return viewSent, nil
}

func (e *edge) getTasks(w http.ResponseWriter, r *http.Request) {
	e.tasks(w, r, http.StatusOK, "", nil)
}

// tasks draws the page; wrong is why the refusal of a part was not taken, typed.
func (e *edge) tasks(w http.ResponseWriter, r *http.Request, status int, part string, wrong error) {
	d, err := e.draw(r)
	if err == nil {
		var page *tasksPage
		if page, err = d.tasksPage(part, wrong); err == nil {
			e.rd.Page(w, r, status, "coordination/tasks", page)
			return
		}
	}
	httpx.Fail(w, r, err)
}

func (d *drawing) tasksPage(part string, wrong error) (*tasksPage, error) {
	if len(d.who.Posts) == 0 {
		return nil, fault.New(fault.Forbidden, "coordination.staff_only")
	}
	view := d.r.URL.Query().Get("view")
	if part != "" {
		view = viewHere
	}
	if !slices.Contains([]string{viewSent, viewHere, viewCounty}, view) {
		var err error
		if view, err = d.usual(); err != nil {
			return nil, err
		}
	}
	n, county, err := d.AtTheDoor(d.ctx)
	if err != nil {
		return nil, err
	}
	page := &tasksPage{Title: d.say("tasks"), View: view, Figures: d.figures(n), Empty: web.Empty{Title: d.say("none." + view)}}
	_, page.May = sender(d.who)
	for _, v := range []string{viewSent, viewHere, viewCounty} {
		page.Tabs = append(page.Tabs, web.Tab{Href: "/tasks?view=" + v, Text: d.say("view." + v), Current: v == view})
	}
	switch view {
	case viewSent:
		return page, d.sent(page)
	case viewHere:
		return page, d.here(page, part, wrong)
	}
	return page, d.county(page, county)
}

// figures are the county's numbers, the same on every view and for everybody.
func (d *drawing) figures(n Numbers) (out []web.Figure) {
	for _, f := range []struct {
		key string
		n   int
		at  string
	}{{"running", n.Running, ""}, {"waiting", n.Waiting, "#waiting"}, {"disputes", n.Disputes, "#disputes"}, {"refused", n.Refused, "#refused"}, {"again", n.Again, "#again"}, {"ending", n.Ending, "#ending"}} {
		one := web.Figure{Label: d.say("number." + f.key), Value: d.rd.Show(d.r, f.n), Means: d.say("number." + f.key + ".means")}
		if f.at != "" {
			one.Href, one.Link = "/tasks?view="+viewCounty+f.at, d.say("look")
		}
		out = append(out, one)
	}
	return out
}

func (d *drawing) sent(page *tasksPage) error {
	done := map[string]bool{}
	for _, u := range d.mine() {
		lines, err := d.Sent(d.ctx, u)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if done[l.ID] {
				continue
			}
			done[l.ID] = true
			v := sentView{Href: "/tasks/" + url.PathEscape(l.Number), Title: l.Title, Item: d.item(l.Values.Text("item"), l.Area), State: d.state(l.Case),
				Parts: l.Parts, Ended: l.Ended, Overdue: l.Overdue, Resembles: l.Values.Text("resembles")}
			if l.Kind != "final" {
				v.Due = d.due(d.say("due"), l.Due)
				v.Ends = d.due(d.say("ends"), l.Ends)
			}
			page.Sent = append(page.Sent, v)
		}
	}
	return nil
}

func (d *drawing) here(page *tasksPage, part string, wrong error) error {
	for _, u := range d.mine() {
		parts, err := d.Here(d.ctx, u.ID)
		if err != nil {
			return err
		}
		for _, c := range parts {
			v := hereView{Href: "/tasks/" + url.PathEscape(c.Number), Work: "/cases/" + url.PathEscape(c.Number), Title: c.Title, From: d.unit(c.Values.Text("sender")),
				Item: d.item(c.Values.Text("item"), c.Area), Boundary: c.Values.Text("boundary"), Support: c.Values.Text("support"), State: d.state(c), Due: d.due(d.say("due"), c.Due)}
			if v.Refuse, err = d.refuse(c); err != nil {
				return err
			}
			if v.Refuse != nil && c.ID == part && wrong != nil {
				for i := range v.Refuse.Form.Fields {
					v.Refuse.Form.Fields[i].Value = d.r.PostForm.Get(v.Refuse.Form.Fields[i].Name)
				}
				d.rd.Mark(d.r, &v.Refuse.Form, wrong)
			}
			page.Here = append(page.Here, v)
		}
	}
	return nil
}

// refuse is the button of who may say that a part is not theirs; nil for others.
func (d *drawing) refuse(c *casework.Case) (*web.Confirm, error) {
	view, err := d.Cases.Get(d.ctx, d.who, c.ID)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	for _, may := range view.May {
		if may.Act.Name != "refuse" || may.Why != nil {
			continue
		}
		form := web.Form{ID: "refuse-" + c.ID, Action: "/tasks/refuse/" + c.ID, Key: seal.Token(), Submit: may.Act.Words.In(d.lang), Danger: true}
		for _, f := range may.Act.Fill {
			def := view.Procedure.Field(f.Field)
			form.Fields = append(form.Fields, web.Field{Name: def.Name, Type: def.Type, Label: def.Label.In(d.lang), Required: !f.Optional, Max: int64(def.Max)})
		}
		return &web.Confirm{Summary: may.Act.Words.In(d.lang), Text: may.Act.Help.In(d.lang), Form: form}, nil
	}
	return nil, nil
}

// postRefuse refuses a part from the list.
func (e *edge) postRefuse(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	id := r.PathValue("case")
	key, err := httpx.ParseKey(r.PostForm.Get("key"))
	if err == nil {
		_, err = e.Cases.Do(r.Context(), identity.From(r.Context()), casework.Asking{Case: id, Act: "refuse", Key: key,
			Values: map[string]any{"cited": r.PostForm.Get("cited"), "reason": r.PostForm.Get("reason")}})
	}
	if err == nil {
		http.Redirect(w, r, "/tasks/"+url.PathEscape(id), http.StatusSeeOther)
		return
	}
	f := fault.Of(err)
	if f.Field == "" {
		httpx.Fail(w, r, err)
		return
	}
	httpx.Note(r, f)
	e.tasks(w, r, httpx.Status(f), id, err)
}

// county lists what waits for the county and what it should see.
func (d *drawing) county(page *tasksPage, c County) error {
	list := func(key string, all []*casework.Case) listView {
		l := listView{ID: key, Title: d.say("number." + key), Text: d.say("number." + key + ".means"), Empty: d.say("none." + key)}
		for _, one := range all[:min(len(all), mostOver)] {
			l.Lines = append(l.Lines, d.line(one))
		}
		return l
	}
	ending := listView{ID: "ending", Title: d.say("number.ending"), Text: d.say("number.ending.means"), Empty: d.say("none.ending")}
	for _, one := range c.Ending {
		line := d.line(one.Case)
		line.Clock = d.due(d.say("ends"), one.Ends)
		ending.Lines = append(ending.Lines, line)
	}
	again := listView{ID: "again", Title: d.say("number.again"), Text: d.say("number.again.means"), Empty: d.say("none.again")}
	for _, one := range c.Again[:min(len(c.Again), mostOver)] {
		pair, err := d.pair(one)
		if err != nil {
			return err
		}
		again.Pairs = append(again.Pairs, pair)
	}
	page.Lists = []listView{list("waiting", c.Waiting), list("disputes", c.Disputes), again, list("refused", c.Refused), ending}
	return nil
}

// line is a task, an admission or a refusal in a list of the county.
func (d *drawing) line(c *casework.Case) web.CaseLine {
	l := web.CaseLine{Href: "/tasks/" + url.PathEscape(c.Number), Number: c.Number, Title: c.Title, State: d.state(c), Opened: c.Opened, Facts: []string{d.unit(c.Values.Text("sender"))}}
	if to := d.names(c.Values.List("receivers")); to != "" {
		l.Facts = append(l.Facts, to)
	}
	if item := d.item(c.Values.Text("item"), c.Area); item != "" {
		l.Facts = append(l.Facts, item)
	}
	if c.Kind != "final" {
		l.Clock = d.due(d.say("due"), c.Due)
	}
	return l
}

// pair puts a task beside the refused one.
func (d *drawing) pair(c *casework.Case) (pairView, error) {
	v := pairView{Now: d.line(c), NowWords: c.Values.Text("words")}
	was, _, err := d.Cases.Seen(d.ctx, identity.SystemActor(), c.Values.Text("resembles"))
	if fault.Is(err, fault.NotFound) {
		return v, nil
	} else if err != nil {
		return v, err
	}
	v.Was, v.WasWords = d.line(was), was.Values.Text("words")
	return v, nil
}

// names are units by name, the first few and how many more.
func (d *drawing) names(ids []string) string {
	const few = 4
	var out []string
	for _, id := range ids[:min(len(ids), few)] {
		out = append(out, d.unit(id))
	}
	words := d.rd.Show(d.r, out)
	if more := len(ids) - few; more > 0 {
		words = d.say("and_more", "words", words, "n", more)
	}
	return words
}

// TasksAnswer is how tasks stand at the door.
type TasksAnswer struct {
	Body struct {
		Numbers Numbers    `json:"numbers"`
		Tasks   []TaskView `json:"tasks"`
	}
}

// TaskView is one task or one receiver's part of it.
type TaskView struct {
	ID        string `json:"id"`
	Number    string `json:"number"`
	Title     string `json:"title"`
	State     string `json:"state"`
	Sender    string `json:"sender"`
	Unit      string `json:"unit" doc:"Who holds it"`
	Kind      string `json:"kind"`
	Item      string `json:"item"`
	Verdict   string `json:"verdict"`
	Resembles string `json:"resembles" doc:"Number of the refused task it resembles"`
	Fields    int64  `json:"fields"`
	Due       string `json:"due"`
	Parts     int    `json:"parts"`
	Ended     int    `json:"parts_ended"`
	Overdue   int    `json:"parts_overdue"`
}

func taskView(l TaskLine) TaskView {
	v := TaskView{ID: l.ID, Number: l.Number, Title: l.Title, State: l.State, Sender: l.Values.Text("sender"), Unit: l.Unit, Kind: l.Values.Text("kind"), Item: l.Values.Text("item"),
		Verdict: l.Values.Text("verdict"), Resembles: l.Values.Text("resembles"), Parts: l.Parts, Ended: l.Ended, Overdue: l.Overdue}
	v.Fields, _ = l.Values["fields"].(int64)
	if l.Due > 0 {
		v.Due = l.Due.String()
	}
	return v
}

func (e *edge) apiTasks(ctx context.Context, in *struct {
	View string `query:"view" enum:"sent,here,waiting,disputes,refused,again,ending" default:"sent" doc:"sent and here are of the units of the caller's posts"`
}) (*TasksAnswer, error) {
	a := identity.From(ctx)
	switch {
	case !a.Known():
		return nil, fault.New(fault.Forbidden, "httpx.sign_in")
	case len(a.Posts) == 0:
		return nil, fault.New(fault.Forbidden, "coordination.staff_only")
	}
	n, c, err := e.AtTheDoor(ctx)
	if err != nil {
		return nil, err
	}
	out := &TasksAnswer{}
	out.Body.Numbers, out.Body.Tasks = n, []TaskView{}
	lines, plain := c.Ending, map[string][]*casework.Case{"waiting": c.Waiting, "disputes": c.Disputes, "refused": c.Refused, "again": c.Again}[in.View]
	if in.View != "ending" {
		lines = nil
	}
	done := map[string]bool{}
	for _, p := range a.Posts {
		if done[p.Unit] || in.View != viewSent && in.View != viewHere {
			continue
		}
		done[p.Unit] = true
		more, err := e.of(ctx, in.View, p.Unit)
		if err != nil {
			return nil, err
		}
		lines = append(lines, more...)
	}
	for _, one := range plain {
		lines = append(lines, TaskLine{Case: one})
	}
	for _, l := range lines {
		out.Body.Tasks = append(out.Body.Tasks, taskView(l))
	}
	return out, nil
}

// of is what a unit sent or what lies with it.
func (s *Service) of(ctx context.Context, view, unit string) ([]TaskLine, error) {
	if view == viewSent {
		u, err := s.People.Unit(ctx, unit)
		if err != nil {
			return nil, err
		}
		return s.Sent(ctx, u)
	}
	var out []TaskLine
	parts, err := s.Here(ctx, unit)
	for _, c := range parts {
		out = append(out, TaskLine{Case: c})
	}
	return out, err
}
