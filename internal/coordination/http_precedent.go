package coordination

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// mostPrecedents bounds the page of precedents.
const mostPrecedents = 200

// precedentsPage is what coordination/precedents.html shows.
type precedentsPage struct {
	Table web.Table
	Links []web.NavItem
}

// getPrecedents lists for officials what was proposed for the lists of their county.
func (e *edge) getPrecedents(w http.ResponseWriter, r *http.Request) {
	ctx, lang := r.Context(), text.Language(r.Context())
	county, err := e.CountyOf(ctx, identity.From(ctx))
	if err == nil && county == "" {
		err = fault.New(fault.Forbidden, "coordination.officials")
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	all, err := e.Service.Precedents(ctx, county, "", mostPrecedents)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p := precedentsPage{Table: web.Table{Caption: e.say(r, "precedents.title"), Empty: web.Empty{Title: e.say(r, "precedents.none_title"), Text: e.say(r, "precedents.none")}},
		Links: []web.NavItem{{Href: "/duty", Text: e.rd.Say(r, "duty.page.title")}, {Href: "/duty/places", Text: e.rd.Say(r, "duty.places.title")}}}
	for _, c := range []string{"number", "item", "proposed", "from", "by", "state"} {
		p.Table.Columns = append(p.Table.Columns, web.Column{Text: e.say(r, "precedents."+c)})
	}
	for _, one := range all {
		item := one.Item
		if item == "" {
			item = e.say(r, "precedents.no_item")
		}
		says, err := e.says(ctx, lang, one)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		by, err := e.unitWords(ctx, lang, one.Proposer)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: one.Number + " " + one.Title, Href: "/cases/" + one.Case}, {Text: item}, {Text: says}, {Text: one.Origin}, {Text: by}, {Text: e.stateWords(ctx, lang, one.State)}})
	}
	e.rd.Page(w, r, http.StatusOK, "coordination/precedents", p)
}

func (s *Service) unitWords(ctx context.Context, lang, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	u, err := s.People.Unit(ctx, id)
	if err != nil {
		return "", err
	}
	return u.Words().In(lang), nil
}

func (s *Service) stateWords(ctx context.Context, lang, state string) string {
	p, err := s.Cases.Procedure(ctx, Proposals)
	if err != nil || p.State(state) == nil {
		return state
	}
	return p.State(state).Words.In(lang)
}

// says is what a precedent proposes and why, in one text.
func (s *Service) says(ctx context.Context, lang string, p Precedent) (string, error) {
	lead, err := s.unitWords(ctx, lang, p.Lead)
	if err != nil {
		return "", err
	}
	var out []string
	for _, part := range [][3]string{{"lead_proposed", "unit", lead}, {"boundary_proposed", "words", p.Boundary}, {"support_proposed", "words", p.Support}, {"", "", p.Words}, {"decided", "words", p.Decision}} {
		switch {
		case part[2] == "":
		case part[0] == "":
			out = append(out, part[2])
		default:
			out = append(out, s.Book().Say(lang, "coordination.precedents."+part[0], map[string]any{part[1]: part[2]}))
		}
	}
	return strings.Join(out, "\n"), nil
}

// ForItem gives the pages of a list what was proposed for an item (duty.Service).
func (s *Service) ForItem(ctx context.Context, item string) ([]duty.Precedent, error) {
	county, err := s.CountyOf(ctx, identity.From(ctx))
	if err != nil || county == "" {
		return nil, err
	}
	all, err := s.Precedents(ctx, county, item, mostPrecedents)
	if err != nil {
		return nil, err
	}
	lang := text.Language(ctx)
	var out []duty.Precedent
	for _, p := range all {
		says, err := s.says(ctx, lang, p)
		if err != nil {
			return nil, err
		}
		out = append(out, duty.Precedent{Number: p.Number, Href: "/cases/" + p.Case, Title: p.Title, State: s.stateWords(ctx, lang, p.State), Says: says})
	}
	return out, nil
}

// draftNotice leads from a proposal that was taken up to the list's editor, where the
// form stands filled in as the precedent proposes. Nothing is written by it.
func (s *Service) draftNotice(r *http.Request, rd *web.Renderer, v *casework.View) ([]web.Notice, error) {
	if v.Case.Procedure != Proposals || v.Case.State != "accepted" || v.Party {
		return nil, nil
	}
	ctx := r.Context()
	to := url.Values{"precedent": {v.Case.Number}}
	for column, value := range map[string]string{"boundary_zh": v.Case.Values.Text("boundary"), "support_zh": v.Case.Values.Text("support")} {
		if value != "" {
			to.Set(column, strings.Join(strings.Fields(value), " "))
		}
	}
	if v.Case.Values.Text("change") == "taken_back" {
		to.Set("kind", duty.TakenBack)
	}
	if id := v.Case.Values.Text("lead"); id != "" {
		u, err := s.People.Unit(ctx, id)
		if err != nil {
			return nil, err
		}
		to.Set("lead", "unit:"+u.ID)
		if u.Function != "" {
			level, err := s.Duty.Level(ctx, u)
			if err != nil {
				return nil, err
			}
			to.Set("lead", duty.Role{Function: u.Function, Level: level}.String())
		}
	}
	list, item := "", v.Case.Values.Text("item")
	found, err := s.Duty.Item(ctx, item, v.Case.Area, s.Clock.Now().Day())
	switch f := fault.Of(err); {
	case err == nil:
		list = found.ListID
	case f.Kind != fault.NotFound:
		return nil, err
	default:
		if list, err = s.Duty.Nearest(ctx, v.Case.Area, s.Clock.Now().Day()); err != nil || list == "" {
			return nil, err
		}
		to.Set("title_zh", v.Case.Title)
		if item != "" {
			to.Set("id", item)
		}
		item = ""
	}
	at := "/admin/duty/" + url.PathEscape(list)
	if item != "" {
		at += "/" + url.PathEscape(item)
	}
	say := func(key string) string { return rd.Say(r, "coordination.precedents."+key) }
	return []web.Notice{{Tone: web.Info, Title: say("draft_title"), Text: say("draft_text"), Links: []web.NavItem{{Href: at + "?" + to.Encode(), Text: say("draft")}}}}, nil
}
