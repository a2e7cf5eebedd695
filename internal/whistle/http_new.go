package whistle

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/coordination"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// Rows of departments that the form has, and at most gets.
const (
	fewRows  = 5
	moreRows = 5
	mostRows = 30
)

// blowers are the posts that whistle, and wishers those that ask their street to.
var (
	blowers = []string{"head", "dispatcher", "duty-officer"}
	wishers = []string{"clerk", "committee-head", "grid-worker"}
)

// mayBlow says by which kind of post somebody whistles or asks for it: one over an
// area of a street or below; "" where by none.
func mayBlow(a identity.Actor) string {
	for _, kind := range append(slices.Clone(blowers), wishers...) {
		if slices.ContainsFunc(a.Posts, func(p identity.Post) bool { return p.Kind == kind && below(p.Area) }) {
			return kind
		}
	}
	return ""
}

// below says that an area is a street or township, or lies in one.
func below(code string) bool { return len(code) >= 9 }

// over says whether one of the actor's posts of these kinds is over the area.
func over(a identity.Actor, kinds []string, code string) bool {
	return slices.ContainsFunc(a.Posts, func(p identity.Post) bool {
		return below(p.Area) && slices.Contains(kinds, p.Kind) && strings.HasPrefix(code, p.Area)
	})
}

// blowPage is the form of a whistle: a row for each department, without script.
type blowPage struct {
	Title, Lead string
	Form        web.Form
	More        bool // further rows can be had
}

func (e *edge) getBlow(w http.ResponseWriter, r *http.Request) {
	who := identity.From(r.Context())
	if mayBlow(who) == "" {
		httpx.Fail(w, r, fault.New(fault.Forbidden, "coordination.no_whistle"))
		return
	}
	form := url.Values{}
	if n := r.URL.Query().Get("linked"); n != "" {
		c, _, err := e.Cases.Seen(r.Context(), who, n)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		prefill(form, c)
	}
	e.drawBlow(w, r, form, nil)
}

// prefill takes from a case what a whistle about it says as well.
func prefill(form url.Values, c *casework.Case) {
	form.Set("linked", c.Number)
	form.Set("class", c.Class)
	form.Set("area", c.Area[:min(len(c.Area), 12)])
	form.Set("subject", c.Title)
	for name, v := range c.Values {
		switch x := v.(type) {
		case procedure.Place:
			form.Set("place.words", x.Words)
			if x.Point() {
				form.Set("place.lon", strconv.FormatFloat(x.Lon, 'f', 6, 64))
				form.Set("place.lat", strconv.FormatFloat(x.Lat, 'f', 6, 64))
			}
		case string:
			if name == "words" {
				form.Set("words", x)
			}
		}
	}
}

func (e *edge) postBlow(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 256<<10)
	if err := r.ParseForm(); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	form := r.PostForm
	if form.Get("more") != "" {
		form.Set("rows", strconv.Itoa(rowsOf(form)+moreRows))
		e.drawBlow(w, r, form, nil)
		return
	}
	if at, clicked, err := e.clicked(r, form); err == nil && clicked {
		form.Set("place.lon", strconv.FormatFloat(at.Lon, 'f', 6, 64))
		form.Set("place.lat", strconv.FormatFloat(at.Lat, 'f', 6, 64))
		e.drawBlow(w, r, form, nil)
		return
	}
	receipt, err := e.blow(r, form)
	switch f := fault.Of(err); {
	case err == nil:
		http.Redirect(w, r, boardAddress(receipt.Number), http.StatusSeeOther)
	case f.Kind == fault.Internal:
		httpx.Fail(w, r, err)
	default:
		httpx.Note(r, f)
		e.drawBlow(w, r, form, f)
	}
}

// clicked reads a click on the picture of the street.
func (e *edge) clicked(r *http.Request, form url.Values) (area.Point, bool, error) {
	if e.Areas == nil {
		return area.Point{}, false, nil
	}
	return e.Areas.FitView(r.Context(), streetOf(identity.From(r.Context())), mapWidth, mapHeight).Clicked(form, "place")
}

// streetOf is the area of the street or township that an actor's posts lie in.
func streetOf(a identity.Actor) string {
	for _, p := range a.Posts {
		if below(p.Area) && slices.Contains(append(slices.Clone(blowers), wishers...), p.Kind) {
			return p.Area[:9]
		}
	}
	return ""
}

// blow opens the whistle by the act that fits its kind and the doer's post.
func (e *edge) blow(r *http.Request, form url.Values) (casework.Receipt, error) {
	key := ""
	if s := form.Get("key"); s != "" {
		var err error
		if key, err = httpx.ParseKey(s); err != nil {
			return casework.Receipt{}, err
		}
	}
	who, kind, code := identity.From(r.Context()), form.Get("kind"), form.Get("area")
	act := "blow"
	switch {
	case !over(who, blowers, code) && over(who, wishers, code):
		act = "wish"
	case kind == coordination.Emergency && over(who, []string{"head"}, code):
		act = "blow_head"
	case kind == coordination.Emergency:
		act = "blow_now"
	}
	values := map[string]any{}
	take := func(fields ...string) {
		for _, f := range fields {
			if s := strings.TrimSpace(form.Get(f)); s != "" {
				values[f] = s
			}
		}
	}
	take("area", "subject", "words", "class", "linked")
	if act == "blow" {
		take("kind")
	}
	if act != "wish" {
		take("answer_within", "arrive_within", "by")
	}
	if err := e.rows(r, form, values); err != nil {
		return casework.Receipt{}, err
	}
	place := map[string]any{}
	for _, part := range []string{"words", "lon", "lat"} {
		if s := strings.TrimSpace(form.Get("place." + part)); s != "" {
			place[part] = s
		}
	}
	if place["lon"] != nil {
		place["datum"] = "WGS-84"
		if d := form.Get("place.datum"); d != "" {
			place["datum"] = d
		}
	}
	if len(place) > 0 {
		values["place"] = place
	}
	return e.Cases.Open(r.Context(), who, casework.Opening{Procedure: coordination.Whistles, Act: act, Values: values, Key: key})
}

// rows reads a department and what it is asked from each row, and what all are asked.
func (e *edge) rows(r *http.Request, form url.Values, values map[string]any) error {
	var ids, lines []string
	for i := range rowsOf(form) {
		id, ask := strings.TrimSpace(form.Get(row("department", i))), strings.TrimSpace(form.Get(row("ask", i)))
		switch {
		case id == "" && ask == "":
			continue
		case id == "":
			return fault.New(fault.Invalid, "coordination.ask_of_nobody", "ask", ask).At(row("department", i))
		}
		u, err := e.People.Unit(r.Context(), id)
		if err != nil {
			return fault.Of(err).At(row("department", i))
		}
		if ids = append(ids, id); ask != "" {
			lines = append(lines, u.Name+"\uff1a"+ask)
		}
	}
	if s := strings.TrimSpace(form.Get("asks")); s != "" {
		lines = append(lines, s)
	}
	if len(ids) > 0 {
		values["departments"] = ids
	}
	if len(lines) > 0 {
		values["asks"] = strings.Join(lines, "\n")
	}
	return nil
}

func row(name string, i int) string { return name + "." + strconv.Itoa(i+1) }

func rowsOf(form url.Values) int {
	n, err := strconv.Atoi(form.Get("rows"))
	if err != nil || n < fewRows {
		return fewRows
	}
	return min(n, mostRows)
}

func (e *edge) drawBlow(w http.ResponseWriter, r *http.Request, form url.Values, refused *fault.Fault) {
	p, err := e.Cases.Procedure(r.Context(), coordination.Whistles)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	v, err := e.blowForm(r, p, form)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	status := http.StatusOK
	if refused != nil {
		status = httpx.Status(refused)
		e.markBlow(r, &v.Form, refused)
	}
	e.rd.Page(w, r, status, "coordination/whistle_new", v)
}

// markBlow puts a refusal at its field; what is wrong with the departments stands at
// the first of them.
func (e *edge) markBlow(r *http.Request, form *web.Form, f *fault.Fault) {
	at := f.Field
	if at == "departments" {
		at = row("department", 0)
	}
	for i := range form.Fields {
		if form.Fields[i].Name == at {
			form.Fields[i].Error = e.rd.Explain(r, f)
			return
		}
	}
	form.Problem = e.rd.Explain(r, f)
}

func (e *edge) blowForm(r *http.Request, p *procedure.Procedure, form url.Values) (blowPage, error) {
	lang, who := text.Language(r.Context()), identity.From(r.Context())
	wishing := !slices.Contains(blowers, mayBlow(who))
	field := func(name, kind string, required bool) web.Field {
		def := p.Field(name)
		return web.Field{Name: name, Type: kind, Label: def.Label.In(lang), Required: required, Value: form.Get(name), Max: int64(def.Max)}
	}
	v := blowPage{Title: e.say(r, "whistles.new"), Lead: e.say(r, "blow.lead"), More: rowsOf(form) < mostRows}
	if wishing {
		v.Title, v.Lead = e.say(r, "blow.wish"), e.say(r, "blow.wish.lead")
	}
	key := form.Get("key")
	if key == "" {
		key = seal.Token()
	}
	v.Form = web.Form{Action: "/whistles/new", ID: "blow", Key: key, Submit: v.Title, Hidden: []web.Option{{Label: "rows", Value: strconv.Itoa(rowsOf(form))}}}
	where := field("area", "area", true)
	where.Options = e.places(r, who)
	fields := []web.Field{where}
	if !wishing {
		kind := field("kind", "choice", true)
		for _, o := range p.Field("kind").Options {
			kind.Options = append(kind.Options, web.Option{Value: o.Value, Label: o.Label.In(lang), Help: e.say(r, "blow.kind."+o.Value)})
		}
		fields = append(fields, kind)
	}
	words := field("words", "lines", true)
	words.Rows = 4
	class, err := e.classField(r, field("class", "class", false))
	if err != nil {
		return v, err
	}
	place := web.Place{Words: form.Get("place.words"), Lon: form.Get("place.lon"), Lat: form.Get("place.lat")}
	if e.Areas != nil {
		view := e.Areas.FitView(r.Context(), streetOf(who), mapWidth, mapHeight)
		req := area.PictureRequest{View: view, Names: true}
		if at, err := strconv.ParseFloat(place.Lon, 64); err == nil {
			if lat, err := strconv.ParseFloat(place.Lat, 64); err == nil {
				req.Marks = []area.Mark{{Point: area.Point{Lon: at, Lat: lat}, Label: "1"}}
			}
		}
		place.Picture, place.Width, place.Height = area.MapAddress("svg", req), mapWidth, mapHeight
	}
	linked := field("linked", "lines", false)
	linked.Help, linked.Rows = p.Field("linked").Help.In(lang), 2
	fields = append(fields, field("subject", "text", true), words, class, web.Field{Name: "place", Type: "place", Label: p.Field("place").Label.In(lang), Place: &place}, linked)
	units, err := e.callables(r, who)
	if err != nil {
		return v, err
	}
	for i := range rowsOf(form) {
		fields = append(fields,
			web.Field{Name: row("department", i), ID: "blow-department-" + strconv.Itoa(i+1), Type: "unit", Label: e.say(r, "blow.department", "n", i+1), Options: units, Value: form.Get(row("department", i)), Required: i == 0 && !wishing},
			web.Field{Name: row("ask", i), ID: "blow-ask-" + strconv.Itoa(i+1), Type: "text", Label: e.say(r, "blow.ask", "n", i+1), Value: form.Get(row("ask", i)), Max: 300})
	}
	all := field("asks", "lines", false)
	all.Label, all.Rows = e.say(r, "blow.asks"), 2
	fields = append(fields, all)
	if !wishing {
		for _, name := range []string{"answer_within", "arrive_within"} {
			f := field(name, "length", name == "answer_within")
			for _, n := range []int{1, 2, 4, 12, 24, 48, 72} {
				l := procedure.Length{N: n, Unit: "hour"}
				f.Options = append(f.Options, web.Option{Value: l.String(), Label: e.lasting(r, l.String())})
			}
			fields = append(fields, f)
		}
		fields = append(fields, field("by", "day", false))
	}
	v.Form.Fields = fields
	return v, nil
}

// places are the areas in which the doer whistles: the street itself and what lies
// right below it.
func (e *edge) places(r *http.Request, who identity.Actor) []web.Option {
	var out []web.Option
	add := func(a area.Area) {
		if !slices.ContainsFunc(out, func(o web.Option) bool { return o.Value == a.Code }) {
			out = append(out, web.Option{Value: a.Code, Label: text.Words{text.Chinese: a.Name, text.English: a.NameEn}.In(text.Language(r.Context()))})
		}
	}
	for _, p := range who.Posts {
		if e.Areas == nil || !below(p.Area) || !slices.Contains(append(slices.Clone(blowers), wishers...), p.Kind) {
			continue
		}
		if own, err := e.Areas.Get(r.Context(), p.Area[:min(len(p.Area), 12)]); err == nil {
			add(own)
		}
		if len(p.Area) > 9 {
			continue
		}
		children, err := e.Areas.Children(r.Context(), p.Area)
		if err != nil {
			continue // the street itself can be chosen all the same
		}
		for _, c := range children {
			add(c)
		}
	}
	return out
}

func (e *edge) classField(r *http.Request, f web.Field) (web.Field, error) {
	lists, _, err := e.Duty.Catalogue(r.Context())
	if err != nil {
		return f, err
	}
	lang := text.Language(r.Context())
	for _, k := range lists.Classes.All() {
		if up, ok := lists.Classes.Class(k.Parent); ok {
			f.Options = append(f.Options, web.Option{Value: k.ID, Label: k.Title.In(lang), Group: up.Title.In(lang)})
		}
	}
	return f, nil
}

// callables are the units that the doer's street can call.
func (e *edge) callables(r *http.Request, who identity.Actor) ([]web.Option, error) {
	all, err := e.Callable(r.Context(), streetOf(who))
	if err != nil {
		return nil, err
	}
	var out []web.Option
	for _, u := range all {
		out = append(out, web.Option{Value: u.ID, Label: u.Words().In(text.Language(r.Context()))})
	}
	return out, nil
}

// Beside leads from the case page of a whistle, a call or a dispute to the
// board, and from any other case of the street to a whistle about it.
func Beside(s *coordination.Service, r *http.Request, rd *web.Renderer, v *casework.View) ([]web.Notice, error) {
	c, who := v.Case, identity.From(r.Context())
	say := func(key string, args ...any) string { return rd.Say(r, "coordination."+key, args...) }
	whistle := ""
	switch c.Procedure {
	case coordination.Whistles:
		whistle = c.Number
	case coordination.WhistleCalls, coordination.WhistleDisputes:
		up := c.Parent
		for range 2 {
			one, _, err := s.Cases.Seen(r.Context(), identity.SystemActor(), up)
			if err != nil {
				return nil, err
			}
			if whistle, up = one.Number, one.Parent; one.Procedure == coordination.Whistles {
				break
			}
		}
	}
	if whistle != "" {
		n := web.Notice{Tone: web.Info, Text: say("beside.board"), Links: []web.NavItem{{Href: boardAddress(whistle), Text: say("board.title")}}}
		if c.Procedure == coordination.WhistleDisputes {
			n.Links = append(n.Links, web.NavItem{Href: "/whistles/disputes", Text: say("disputes")})
		}
		return []web.Notice{n}, nil
	}
	if c.Kind == procedure.Final || c.Procedure != "service-request" && c.Procedure != "grid-event" || !over(who, append(slices.Clone(blowers), wishers...), c.Area) {
		return nil, nil
	}
	open, err := s.Whistles(r.Context(), who, false)
	if err != nil {
		return nil, err
	}
	n := web.Notice{Text: say("beside.blow"), Links: []web.NavItem{{Href: "/whistles/new?linked=" + url.QueryEscape(c.Number), Text: say("beside.blow.link")}}}
	for _, l := range open {
		if slices.Contains(coordination.LinkedNumbers(l.Values.Text("linked")), c.Number) {
			n.Links = append(n.Links, web.NavItem{Href: boardAddress(l.Number), Text: say("beside.blown", "number", l.Number)})
		}
	}
	return []web.Notice{n}, nil
}
