package app

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"linli/internal/ballot"
	"linli/internal/casework"
	"linli/internal/desk"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/internal/whistle"
	"linli/web"
)

// openingsPerHour is how many cases one address without account may open on the
// generic page within an hour; one address may be a whole village hall.
const openingsPerHour = 40

// doors are what the pages of the engine need of other rooms.
func (s *Site) doors() desk.Doors {
	return desk.Doors{
		Area: s.areaWords, Areas: s.areaChoices, Class: s.classWords, Classes: s.classChoices,
		Limit:  s.Desk.LimitOpenings(openingsPerHour, time.Hour),
		Upload: s.Requests.Upload, Find: s.Search.IDs,
		File: func(_ context.Context, caseID, id string) (small, whole string) {
			at := "/photo/" + url.PathEscape(id) + "?case=" + url.QueryEscape(caseID)
			return at, at
		},
		Beside: s.beside,
		Together: func(r *http.Request) []web.NavItem {
			if !s.Merging.Together(identity.From(r.Context())) {
				return nil
			}
			return []web.NavItem{{Href: "/cases/merge", Text: s.Pages.Say(r, "merging.ticked")}}
		},
		Called: func(ctx context.Context, field, value, lang string) string {
			if field != "item" {
				return ""
			}
			return s.Boards.ItemTitle(ctx, value, lang)
		},
		Elsewhere: func(procedure, act string) string { return ownPages[procedure+"/"+act] },
		ActPage:   actPage,
	}
}

// beside is what rooms say beside a case.
func (s *Site) beside(r *http.Request, v *casework.View) ([]web.Notice, error) {
	out, err := s.Merging.Beside(r, s.Pages, v)
	if err != nil {
		return nil, err
	}
	meeting, err := s.Ballot.Beside(r, s.Pages, v)
	if err != nil {
		return nil, err
	}
	out = append(append(out, meeting...), s.Books.Beside(r, s.Pages, v)...)
	out = append(out, s.Selfrule.Beside(r, s.Pages, v)...)
	noted, err := s.Coordination.Beside(r, s.Pages, v)
	if err != nil {
		return nil, err
	}
	called, err := whistle.Beside(s.Coordination, r, s.Pages, v)
	if err != nil {
		return nil, err
	}
	out = append(append(out, noted...), called...)
	return append(out, s.Matters.Beside(r, s.Pages, v)...), nil
}

// ownPages are the pages of rooms that open a case better than the generic one.
var ownPages = map[string]string{"service-request/report": "/report", "grid-event/report": "/staff/grid/new",
	"task/ask": "/tasks/new", "disclosure/begin": "/due", "disclosure-question/ask": "/board",
	"whistle/blow": "/whistles/new", "whistle/blow_now": "/whistles/new", "whistle/blow_head": "/whistles/new", "whistle/wish": "/whistles/new",
	"village-accounts/import": "/accounts/new", "accounts-question/ask": "/books", "accounts-objection/object": "/books"}

// actPage leads to the pages of rooms for acts that need more than a form: what is
// released must be looked at first.
func actPage(procedure, act, caseID string) string {
	switch procedure + "/" + act {
	case "service-request/release":
		return "/publicity/review/" + url.PathEscape(caseID)
	case "disclosure/look": // file by file
		return "/due/case/" + url.PathEscape(caseID)
	case "village-accounts/replace", "village-accounts/correct", "village-accounts/recorrect": // a book is checked before it takes another's place
		return "/accounts/new?case=" + url.QueryEscape(caseID) + "&act=" + act
	case "village-accounts/attach", "village-accounts/look": // line by line
		return "/accounts/cases/" + url.PathEscape(caseID)
	case "petition/sign", "petition/judge":
		return "/petitions/" + url.PathEscape(caseID) + "/signatures"
	case "consultation/moderate":
		return "/topics/" + url.PathEscape(caseID) + "/moderate"
	case "task-part/pass_on": // the door answers beside the form
		return "/tasks/new?part=" + url.QueryEscape(caseID)
	case "meeting/arrive", "meeting/leave_early", "meeting/entrust": // with the roll beside
		return "/meetings/" + url.PathEscape(caseID)
	}
	return ""
}

func (s *Site) areaWords(ctx context.Context, code string) text.Words {
	a, err := s.Areas.Get(ctx, code)
	if err != nil {
		return nil // an area that is not known is shown by its code
	}
	w := text.Words{"zh-CN": a.Name}
	if a.NameEn != "" {
		w["en"] = a.NameEn
	}
	return w
}

// areaChoices are the villages and communities in the areas an actor's posts are
// over; for who has no post, all of the county's.
func (s *Site) areaChoices(ctx context.Context, a identity.Actor) ([]desk.Choice, error) {
	var tops []string
	for _, p := range a.Posts {
		area := p.Area
		if area == "" {
			var err error
			if area, err = s.People.AreaOf(ctx, p.Unit); err != nil {
				return nil, err
			}
		}
		if area != "" && !slices.Contains(tops, area) {
			tops = append(tops, area)
		}
	}
	if len(tops) == 0 {
		root, err := s.rootArea(ctx)
		if err != nil {
			return nil, err
		}
		tops = append(tops, root)
	}
	var out []desk.Choice
	for _, top := range tops {
		if err := s.communities(ctx, top, nil, &out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ballotPlaces are the villages and communities whose rolls an actor may keep.
func (s *Site) ballotPlaces(ctx context.Context, a identity.Actor) ([]ballot.Place, error) {
	found, err := s.areaChoices(ctx, a)
	if err != nil {
		return nil, err
	}
	var out []ballot.Place
	for _, c := range found {
		if s.Ballot.Keeps(a, c.Value) {
			out = append(out, ballot.Place{Code: c.Value, Name: c.Label})
		}
	}
	return out, nil
}

// mostChoices bounds a list to choose from; beyond it codes are typed.
const mostChoices = 500

// communities adds the villages and communities at and below a code.
func (s *Site) communities(ctx context.Context, code string, group text.Words, out *[]desk.Choice) error {
	if len(*out) >= mostChoices {
		return nil
	}
	if len(code) >= 12 {
		code = code[:12]
		if w := s.areaWords(ctx, code); w != nil && !slices.ContainsFunc(*out, func(c desk.Choice) bool { return c.Value == code }) {
			*out = append(*out, desk.Choice{Value: code, Label: w, Group: group})
		}
		return nil
	}
	children, err := s.Areas.Children(ctx, code)
	if err != nil {
		return err
	}
	for _, c := range children {
		if err := s.communities(ctx, c.Code, s.areaWords(ctx, code), out); err != nil {
			return err
		}
	}
	return nil
}

// rootArea is the area of the first unit that has none above it.
func (h *House) rootArea(ctx context.Context) (string, error) {
	units, err := h.People.Units(ctx)
	if err != nil {
		return "", err
	}
	now := h.Clock.Now()
	for _, u := range units {
		if u.Parent == "" && u.Area != "" && u.Open(now) {
			return u.Area, nil
		}
	}
	return "", fault.New(fault.Unmet, "app.no_county")
}

func (s *Site) classWords(ctx context.Context, id string) text.Words {
	k, err := s.Duty.Class(ctx, id)
	if err != nil {
		return nil // a class that is gone is shown by its id
	}
	return k.Title
}

func (s *Site) classChoices(ctx context.Context) ([]desk.Choice, error) {
	cat, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	var out []desk.Choice
	for _, k := range cat.Classes.All() {
		c := desk.Choice{Value: k.ID, Label: k.Title}
		if up, ok := cat.Classes.Class(k.Parent); ok {
			c.Group = up.Title
		}
		out = append(out, c)
	}
	return out, nil
}

// suggest has the duty list propose who leads where a case is given to a unit.
func (s *Site) suggest() {
	s.Desk.OnSuggest("service-request/dispatch", s.suggestLead)
	s.Desk.OnSuggest("task-part/report", func(_ context.Context, v *casework.View) ([]desk.Suggestion, error) {
		if came := v.Case.Values.Text("gathered"); came != "" { // what was summed up below is where a report begins
			return []desk.Suggestion{{Field: "result", Value: came}}, nil
		}
		return nil, nil
	})
}

// suggestLead proposes the lead unit, the duty item and the limit of the list in
// force, and says why. Somebody decides.
func (s *Site) suggestLead(ctx context.Context, v *casework.View) ([]desk.Suggestion, error) {
	if v.Case.Class == "" {
		return nil, nil
	}
	found, err := s.Duty.Suggest(ctx, v.Case.Class, v.Case.Area, s.Clock.Now().Day())
	if err != nil || !found.Known() {
		return nil, err
	}
	lang := text.Language(ctx)
	if name := s.areaWords(ctx, found.Lead.Area); name != nil {
		found.ReasonArgs["area"] = name
	}
	reason := s.Words().Say(lang, found.ReasonKey, found.ReasonArgs)
	var out []desk.Suggestion
	if found.Lead.ID != "" {
		out = append(out, desk.Suggestion{Field: "lead", Value: found.Lead.ID, Label: text.Words{"zh-CN": found.Lead.Name, "en": found.Lead.NameEn}.In(lang), Reason: reason})
		reason = "" // once is enough
	}
	out = append(out, desk.Suggestion{Field: "item", Value: found.Item.ID, Label: found.Item.ID + " " + found.Item.Title.In(lang), Reason: reason})
	if limit, err := procedure.ParseLength(found.Limit().String()); err == nil {
		out = append(out, desk.Suggestion{Field: "limit", Value: limit.String(), Label: found.Limit().Say(s.Words(), lang)})
	}
	return out, nil
}

// caseOf says how people know a case, for the read log.
func (s *Site) caseOf(ctx context.Context, ref string) (identity.CaseName, bool) {
	v, err := s.Cases.Get(ctx, identity.SystemActor(), ref)
	if err != nil {
		return identity.CaseName{}, false // a log line stays readable by its id
	}
	return identity.CaseName{ID: v.Case.ID, Number: v.Case.Number, Field: func(name string) text.Words {
		if f := v.Procedure.Field(name); f != nil {
			return text.Words(f.Label)
		}
		return nil
	}}, true
}

// functionName names a line of work as the lists in force do.
func (s *Site) functionName(ctx context.Context, id string) text.Words {
	cat, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return nil // its id is shown
	}
	f, _ := cat.Function(id)
	return f.Title
}
