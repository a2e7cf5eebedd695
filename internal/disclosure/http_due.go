package disclosure

import (
	"net/http"
	"net/url"
	"strings"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/procedure"
	"linli/web"
)

// duePage lists who owes what: the villages of a township or county, those that
// are late first.
type duePage struct {
	Title         string
	Villages      []villageView
	Open, Overdue int64
	Late          int
	Empty         web.Empty
}

type villageView struct {
	Href, Name, Above string
	Open, Overdue     int64
	First             clock.Instant
	Tone              web.Tone
}

// mostVillages bounds the list of one page.
const mostVillages = 2500

// over is the area over which somebody looks, "" where over none: the largest of
// their posts.
func (s *Service) over(r *http.Request, a identity.Actor) (string, error) {
	best := ""
	for _, p := range a.Posts {
		code := p.Area
		if code == "" {
			var err error
			if code, err = s.People.AreaOf(r.Context(), p.Unit); err != nil {
				return "", err
			}
		}
		if code != "" && (best == "" || len(code) < len(best)) {
			best = code
		}
	}
	if best == "" {
		return "", fault.New(fault.Forbidden, "disclosure.no_area")
	}
	return best, nil
}

func (e *edge) getDue(w http.ResponseWriter, r *http.Request) {
	top, err := e.over(r, who(r))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if area.LevelOf(top) >= area.Community {
		http.Redirect(w, r, "/due/"+community(top), http.StatusSeeOther)
		return
	}
	list, err := e.Due(r.Context(), top, e.Clock.Now(), mostVillages)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	names, err := e.names(r, top)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	v := duePage{Title: e.say(r, "due"), Empty: web.Empty{Title: e.say(r, "due.none"), Text: e.say(r, "due.none.text")}}
	for _, one := range list {
		line := villageView{Href: "/due/" + one.Area, Name: names[one.Area], Above: names[area.Parent(one.Area)], Open: one.Open, Overdue: one.Overdue, First: one.First}
		if line.Name == "" {
			line.Name = one.Area
		}
		if one.Overdue > 0 {
			line.Tone = web.Bad
			v.Late++
		}
		v.Open, v.Overdue = v.Open+one.Open, v.Overdue+one.Overdue
		v.Villages = append(v.Villages, line)
	}
	e.rd.Page(w, r, http.StatusOK, "disclosure/due", v)
}

// names are those of the villages and townships under an area, read at once.
func (e *edge) names(r *http.Request, under string) (map[string]string, error) {
	out := map[string]string{}
	for _, level := range []area.Level{area.Street, area.Community} {
		list, err := e.Areas.Standing(r.Context(), under, level, e.Clock.Now().Day())
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			out[a.Code] = nameOf(r, a)
		}
	}
	return out, nil
}

// villagePage is what one village owes, and what it may publish at once.
type villagePage struct {
	Title, Code, Board string
	Lines              []web.CaseLine
	Empty              web.Empty
	Groups             []groupView
	May                bool
}

type groupView struct {
	Name  string
	Items []itemView
}

type itemView struct{ ID, Title, What, Every, Within, Stands, Norm, Unsure, Key string }

func (e *edge) getVillage(w http.ResponseWriter, r *http.Request) {
	code := r.PathValue("area")
	top, err := e.over(r, who(r))
	if err == nil && (!area.Under(code, top) || area.LevelOf(code) != area.Community) {
		err = fault.New(fault.NotFound, "disclosure.no_board")
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	v, err := e.village(r, code)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "disclosure/village", v)
}

func (e *edge) village(r *http.Request, code string) (*villagePage, error) {
	ctx, a := r.Context(), who(r)
	here, err := e.Areas.Get(ctx, code)
	if err != nil {
		return nil, err
	}
	c, err := e.catalogue(ctx)
	if err != nil {
		return nil, err
	}
	v := &villagePage{Title: e.say(r, "due.of", "name", nameOf(r, here)), Code: code, Board: "/board/" + code, Empty: web.Empty{Title: e.say(r, "due.nothing")}}
	p, err := e.Cases.Procedure(ctx, Procedure)
	if err != nil {
		return nil, err
	}
	rows, err := e.owed(ctx, code)
	if err != nil {
		return nil, err
	}
	if v.Lines, err = e.late(r, code); err != nil {
		return nil, err
	}
	for _, one := range rows {
		i, _ := c.Item(one.Item)
		line := web.CaseLine{Href: "/cases/" + one.Case, Title: i.Words.In(lang(r)), Number: e.period(r, one.Period), Opened: clock.Instant(one.Opened), Facts: []string{e.columnName(r, one.Column, code)},
			State: stateTag(r, p, one.State), Clock: e.dueBy(r, clock.Instant(one.Due))}
		v.Lines = append(v.Lines, line)
	}
	begin := p.Act(actBegin)
	v.May = begin != nil && identity.Holds(begin.Who, a, identity.Subject{Area: code})
	for _, column := range Columns {
		g := groupView{Name: e.columnName(r, column, code)}
		for _, i := range c.Items {
			if i.Column == column && procedure.AtLevel(code, i.For) {
				g.Items = append(g.Items, e.itemView(r, i))
			}
		}
		if len(g.Items) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	return v, nil
}

// late are the lines of what another procedure publishes: the way to begin it, or
// the case where it was begun.
func (e *edge) late(r *http.Request, code string) (out []web.CaseLine, err error) {
	list, err := e.debts(r.Context(), code)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		line := web.CaseLine{Href: "/new/" + d.Item.Procedure, Title: d.Item.Words.In(lang(r)), Number: e.period(r, d.Period), Facts: []string{e.columnName(r, d.Item.Column, code)},
			State: web.Tag{Text: e.say(r, "due.not_begun"), Tone: web.Warning}, Clock: e.dueBy(r, d.Due)}
		if d.Case != "" {
			p, err := e.Cases.Procedure(r.Context(), d.Item.Procedure)
			if err != nil {
				return nil, err
			}
			line.Href, line.State = "/cases/"+d.Case, stateTag(r, p, d.State)
		}
		out = append(out, line)
	}
	return out, nil
}

func stateTag(r *http.Request, p *procedure.Procedure, name string) web.Tag {
	if s := p.State(name); s != nil {
		return web.Tag{Text: in(r, s.Words), Tone: web.Info}
	}
	return web.Tag{}
}

// dueBy says by when something is due, and whether that is over; nil where no day is set.
func (e *edge) dueBy(r *http.Request, due clock.Instant) *web.Clock {
	if due == 0 {
		return nil
	}
	out := &web.Clock{Label: e.say(r, "due.by"), Due: due, State: "running"}
	if due <= e.Clock.Now() {
		out.State = "breached"
	}
	return out
}

func (e *edge) itemView(r *http.Request, i Item) itemView {
	v := itemView{ID: i.ID, Key: seal.Token(), Title: i.Words.In(lang(r)), What: i.What.In(lang(r)), Every: e.say(r, "every."+i.Every),
		Within: e.say(r, "within", "n", i.Within.N), Stands: e.say(r, "least", "n", i.Stands.N), Norm: i.Norm}
	if i.Procedure != Procedure {
		v.ID = "" // another room opens it
	}
	if i.Verified == "M" {
		v.Unsure = e.say(r, "unverified")
	}
	return v
}

// formKey reads a posted form and gives its idempotency key.
func formKey(r *http.Request) (string, error) {
	if err := r.ParseForm(); err != nil {
		return "", httpx.BodyFault(err)
	}
	return httpx.ParseKey(r.PostForm.Get("key"))
}

// postBegin opens a publication at once.
func (e *edge) postBegin(w http.ResponseWriter, r *http.Request) {
	key, err := formKey(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	receipt, err := e.Cases.Open(r.Context(), who(r), casework.Opening{Procedure: Procedure, Act: actBegin, Key: key,
		Values: map[string]any{fieldVillage: r.PostForm.Get("village"), fieldItem: r.PostForm.Get("item")}})
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/cases/"+url.PathEscape(receipt.Case), http.StatusSeeOther)
}

// lookPage is where somebody looks at each file before it goes out.
type lookPage struct {
	Title, Back string
	Files       []lookFile
	Text        []pieceView
	Found       []foundView
	May         bool
}

type lookFile struct {
	ID, Src string
	Picture bool
	Seen    bool
	Own     bool
	Key     string
}

type pieceView struct {
	Text  string
	Found bool
}

type foundView struct{ Kind, Where string }

func (e *edge) getLook(w http.ResponseWriter, r *http.Request) {
	v, err := e.looking(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "disclosure/look", v)
}

func (e *edge) looking(r *http.Request) (*lookPage, error) {
	ctx, a := r.Context(), who(r)
	c, p, err := e.Cases.Seen(ctx, a, r.PathValue("case"))
	if err != nil {
		return nil, err
	}
	if c.Procedure != Procedure {
		return nil, fault.New(fault.NotFound, "casework.no_case")
	}
	_, _, acts, err := e.Cases.History(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	check, _, err := e.check.Now(ctx)
	if err != nil {
		return nil, err
	}
	v := &lookPage{Title: c.Title, Back: "/cases/" + c.ID}
	brought, seen := files(acts), looked(acts)
	for _, id := range c.Values.List(fieldDocument) {
		f := lookFile{ID: id, Src: "/photo/" + url.PathEscape(id) + "?case=" + url.QueryEscape(c.ID), Seen: seen[id], Own: brought[id] == a.Person, Key: seal.Token()}
		_, b, err := e.Blobs.Get(ctx, id)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		f.Picture = picture(b.Media)
		v.Files = append(v.Files, f)
	}
	for _, f := range privateIn(check, p, c.Values) {
		v.Found = append(v.Found, foundView{e.say(r, "find."+f.Kind), e.say(r, "find.where", "line", f.Line, "at", f.At)})
	}
	look := p.Act(actLook)
	v.May = look != nil && identity.Holds(look.Who, a, c.Subject(nil, nil))
	return v, nil
}

func (e *edge) postLook(w http.ResponseWriter, r *http.Request) {
	key, err := formKey(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	id := r.PathValue("case")
	if _, err := e.Cases.Do(r.Context(), who(r), casework.Asking{Case: id, Act: actLook, Key: key, Values: map[string]any{fieldFile: r.PostForm.Get("file")}}); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/due/case/"+url.PathEscape(id), http.StatusSeeOther)
}

// maskPage strikes personal data out of what a case says.
type maskPage struct {
	Title, Back string
	Form        web.Form
	Versions    []maskText
	Done        *web.Notice
}

type maskText struct {
	Label  string
	Pieces []pieceView
}

func (e *edge) getMask(w http.ResponseWriter, r *http.Request) {
	v, err := e.masking(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if r.URL.Query().Get("done") != "" {
		v.Done = &web.Notice{Tone: web.Good, Text: e.say(r, "mask.done")}
	}
	e.rd.Page(w, r, http.StatusOK, "disclosure/mask", v)
}

// masking shows what is published and proposes what the check finds in it.
func (e *edge) masking(r *http.Request) (*maskPage, error) {
	ctx, a := r.Context(), who(r)
	c, p, err := e.Cases.Seen(ctx, a, r.PathValue("case"))
	if err != nil {
		return nil, err
	}
	right, err := e.Cases.Right(ctx, "mask")
	if err != nil {
		return nil, err
	}
	if !identity.Holds(right, a, c.Subject(nil, nil)) {
		return nil, fault.New(fault.Forbidden, "disclosure.may_not_mask")
	}
	_, _, acts, err := e.Cases.History(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	check, _, err := e.check.Now(ctx)
	if err != nil {
		return nil, err
	}
	v := &maskPage{Title: c.Title, Back: "/board/" + community(c.Area)}
	clear, proposed := cleared(c.Values.Text(fieldCleared)), []string{}
	for _, old := range versionsOf(p, acts) {
		for _, t := range old.Texts {
			words := e.rd.Show(r, t.Value)
			one := maskText{Label: in(r, old.Words) + " " + old.Posted.Day().String() + " " + in(r, t.Label)}
			at, runes := 0, []rune(words)
			for _, f := range private(check, t.Field, words, clear) {
				one.Pieces = append(one.Pieces, pieceView{string(runes[at:f.From]), false}, pieceView{f.Words, true})
				at = f.To
				if !strings.Contains(strings.Join(proposed, "\n"), f.Words) {
					proposed = append(proposed, f.Words)
				}
			}
			one.Pieces = append(one.Pieces, pieceView{string(runes[at:]), false})
			v.Versions = append(v.Versions, one)
		}
	}
	v.Form = web.Form{Action: r.URL.Path, ID: "mask", Submit: e.say(r, "mask.now"), Danger: true, Key: seal.Token(), Question: e.say(r, "mask.question"),
		Cancel: web.NavItem{Href: v.Back}, Fields: []web.Field{
			{Name: "words", Label: e.say(r, "mask.words"), Help: e.say(r, "mask.words.help"), Type: "lines", Required: true, Max: 1000, Value: strings.Join(proposed, "\n")},
			{Name: "reason", Label: e.say(r, "mask.reason"), Help: e.say(r, "mask.reason.help"), Type: "text", Required: true, Max: 200},
		}}
	return v, nil
}

func (e *edge) postMask(w http.ResponseWriter, r *http.Request) {
	key, err := formKey(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	var words []string
	for line := range strings.Lines(r.PostForm.Get("words")) {
		if line = strings.TrimSpace(line); line != "" {
			words = append(words, line)
		}
	}
	id := r.PathValue("case")
	_, err = e.Mask(r.Context(), who(r), id, words, r.PostForm.Get("reason"), key)
	if err == nil {
		http.Redirect(w, r, "/mask/"+url.PathEscape(id)+"?done=1", http.StatusSeeOther)
		return
	}
	f := fault.Of(err)
	v, why := e.masking(r)
	if f.Kind == fault.Internal || f.Kind == fault.Forbidden || why != nil {
		httpx.Fail(w, r, err)
		return
	}
	v.Form.Fields[0].Value, v.Form.Fields[1].Value = r.PostForm.Get("words"), r.PostForm.Get("reason")
	httpx.Note(r, f)
	e.rd.Mark(r, &v.Form, err)
	e.rd.Page(w, r, httpx.Status(f), "disclosure/mask", v)
}
