package app

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/request"
)

// step plays the next step of a case.
func (f *filling) step(ctx context.Context, r *run) error {
	if r.next < 0 {
		return f.open(ctx, r)
	}
	s := r.story.Steps[r.next]
	target := r.id
	if s.On != "" {
		if target = r.children[s.On]; target == "" {
			return fmt.Errorf("no %s was opened", s.On)
		}
	}
	c, err := f.Cases.Get(ctx, identity.SystemActor(), target)
	if err != nil {
		return err
	}
	who, err := f.who(ctx, r, c.Case, s.By)
	if err != nil {
		return fmt.Errorf("%s: %w", s.By, err)
	}
	values, err := f.filled(ctx, r, s.With)
	if err != nil {
		return err
	}
	q := casework.Asking{Case: target, Act: s.Act, Values: values}
	if strings.HasPrefix(s.Act, "_") {
		q.Reason, _ = values["reason"].(string)
		list, _ := values["fields"].([]any)
		for _, x := range list {
			q.Fields = append(q.Fields, fmt.Sprint(x))
		}
		q.Values = nil
	}
	if s.Happened.defined {
		q.Happened = max(f.hand.Now().Add(-s.Happened.length), c.Case.Happened)
	}
	receipt, err := f.Cases.Do(ctx, who, q)
	if err != nil {
		return err
	}
	return f.born(ctx, r, receipt)
}

// born notes the children that an act opened.
func (f *filling) born(ctx context.Context, r *run, receipt casework.Receipt) error {
	for _, id := range receipt.Children {
		v, err := f.Cases.Get(ctx, identity.SystemActor(), id)
		if err != nil {
			return err
		}
		r.children[v.Case.Procedure] = id
	}
	return nil
}

// open opens the case of a story.
func (f *filling) open(ctx context.Context, r *run) error {
	o := casework.Opening{Procedure: r.story.Open}
	if o.Procedure == "" {
		o.Procedure = request.Procedure
	}
	var who identity.Actor
	var err error
	switch o.Procedure {
	case request.Procedure:
		o.Act = "report"
		o.Values, who, err = f.report(ctx, r)
	case request.GridEvent:
		o.Act = "report"
		o.Values = map[string]any{"words": r.matter.Words, "class": r.matter.Class, "place": f.spot(r)}
		who, err = f.member(ctx, r.community, "grid-worker", "clerk")
	default:
		o.Values = r.matter.form(r.community)
		if who = (identity.Actor{Kind: identity.Anyone}); r.story.By == "clerk" {
			who, err = f.member(ctx, r.community, "clerk")
		}
	}
	if err != nil {
		return err
	}
	receipt, err := f.Cases.Open(ctx, who, o)
	if err != nil {
		return err
	}
	r.id = receipt.Case
	if receipt.Token != "" {
		party, err := f.Cases.PartyByToken(ctx, seal.HashToken(receipt.Token))
		if err != nil {
			return err
		}
		r.resident = identity.Actor{Kind: identity.Link, Party: party}
	}
	return nil
}

// report is what a resident says, by the web or by telephone.
func (f *filling) report(ctx context.Context, r *run) (map[string]any, identity.Actor, error) {
	m := r.matter
	values := map[string]any{"words": m.Words, "class": m.Class, "place": f.spot(r), "channel": "web"}
	who := identity.Actor{Kind: identity.Anyone}
	if f.draw.IntN(10) < 7 || r.story.Phone || r.story.By != "" {
		values["phone"] = fmt.Sprintf("1390000%04d", f.draw.IntN(10000)) // no such number is given out
	}
	if m.Complained != "" && !r.story.Unnamed {
		values["complained"] = m.Complained
	}
	if r.story.Unnamed {
		values["about_unit"] = true
	}
	if r.story.By != "intake" {
		return values, who, nil
	}
	values["channel"] = []string{"phone", "phone", "counter", "paper"}[f.draw.IntN(4)]
	who, err := f.People.Actor(ctx, "intake1")
	return values, who, err
}

// form are the values of a form with the fields of this matter that are filled.
func (m matter) form(community string) map[string]any {
	if m.Contents != "" {
		return map[string]any{"village": community, "subject": m.Subject, "period": m.Period, "contents": m.Contents}
	}
	return map[string]any{"subject": m.Subject, "name": m.Name, "idnumber": m.IDNumber, "account": m.Account, "home": community,
		"household": m.Household, "amount": m.Amount, "reason": m.Reason}
}

// spot is a place well inside one of the community's grids.
func (f *filling) spot(r *run) map[string]any {
	var cells [][2]int
	for row, line := range f.county.Grids.Places {
		for column, code := range line {
			if code == r.community {
				cells = append(cells, [2]int{column, row})
			}
		}
	}
	place := map[string]any{"words": r.place, "area": r.community}
	if len(cells) == 0 || f.draw.IntN(4) == 0 { // some only say where it is
		return place
	}
	cell := cells[f.draw.IntN(len(cells))]
	nw, size := f.county.corner(cell[0], cell[1]), f.county.Grids.Cell
	place["lon"] = nw.Lon + size[0]*(0.1+0.8*f.draw.Float64())
	place["lat"] = nw.Lat - size[1]*(0.1+0.8*f.draw.Float64())
	place["datum"], place["meters"] = "WGS-84", float64(5+f.draw.IntN(20))
	return place
}

// who is the actor of a step.
func (f *filling) who(ctx context.Context, r *run, c *casework.Case, by string) (identity.Actor, error) {
	// Two of a kind take turns, by the case.
	turn := func(a, b string) (identity.Actor, error) {
		if c.Number[len(c.Number)-1]%2 == 0 {
			a = b
		}
		return f.People.Actor(ctx, a)
	}
	switch by {
	case "resident":
		if r.resident.Kind != identity.Link {
			return r.resident, fmt.Errorf("there is no link")
		}
		return r.resident, nil
	case "intake":
		return f.People.Actor(ctx, "intake1")
	case "dispatcher":
		return turn("dispatch1", "dispatch2")
	case "verifier", "checker":
		return turn("verify1", "verify2")
	case "caller":
		return f.People.Actor(ctx, "caller1")
	case "holder":
		return f.People.Actor(ctx, c.Person)
	case "handler":
		return f.unitMember(ctx, c.Unit, "handler", "clerk", "head")
	case "head":
		who, err := f.unitMember(ctx, c.Unit, "head")
		if fault.Is(err, fault.NotFound) { // a village has none; the dispatcher decides
			return turn("dispatch1", "dispatch2")
		}
		return who, err
	case "above": // an arbitration is held by the unit above already
		return f.unitMember(ctx, c.Unit, "head", "leader")
	case "helping":
		return f.unitMember(ctx, c.Unit, "handler", "clerk")
	case "clerk", "clerk2", "overseer", "director", "secretary", "street-head":
		return f.villager(ctx, r.community, by)
	}
	return f.People.Actor(ctx, by)
}

// unitMember is the first person of a unit with one of the kinds of post.
func (f *filling) unitMember(ctx context.Context, unit string, kinds ...string) (identity.Actor, error) {
	members, err := f.People.Members(ctx, unit)
	if err != nil {
		return identity.Actor{}, err
	}
	found := sorted(members, kinds)
	if len(found) == 0 {
		return identity.Actor{}, fault.New(fault.NotFound, "identity.no_person", "unit", unit)
	}
	return f.People.Actor(ctx, found[0].Post.Person)
}

// committee is the unit of a village or community.
func (f *filling) committee(code string) countyUnit {
	for _, u := range f.county.Units {
		if u.Area == code && (u.Kind == "village" || u.Kind == "community") {
			return u
		}
	}
	return countyUnit{}
}

func (f *filling) member(ctx context.Context, community string, kinds ...string) (identity.Actor, error) {
	return f.unitMember(ctx, f.committee(community).ID, kinds...)
}

// villager is somebody of a village or community, or the head of the street above.
func (f *filling) villager(ctx context.Context, community, by string) (identity.Actor, error) {
	switch by {
	case "street-head":
		return f.unitMember(ctx, f.committee(community).Parent, "head")
	case "clerk2":
		members, err := f.People.Members(ctx, f.committee(community).ID)
		if err != nil {
			return identity.Actor{}, err
		}
		if found := sorted(members, []string{"clerk"}); len(found) > 1 {
			return f.People.Actor(ctx, found[1].Post.Person)
		}
		return identity.Actor{}, fault.New(fault.NotFound, "identity.no_person", "unit", community)
	}
	kind := map[string]string{"clerk": "clerk", "overseer": "supervision-head", "director": "committee-head", "secretary": "party-secretary"}[by]
	return f.member(ctx, community, kind)
}

// filled puts the matter's texts and the duty list's names into values; what is
// empty is left out.
func (f *filling) filled(ctx context.Context, r *run, with map[string]any) (map[string]any, error) {
	var wrong error
	replace := func(s string) string {
		return inBraces.ReplaceAllStringFunc(s, func(name string) string {
			v, err := f.named(ctx, r, strings.Trim(name, "{}"))
			if err != nil {
				wrong = fmt.Errorf("%s: %w", name, err)
			}
			return v
		})
	}
	out := map[string]any{}
	for name, v := range with {
		switch v := v.(type) {
		case string:
			if s := replace(v); s != "" {
				out[name] = s
			}
		case []any:
			var list []any
			for _, x := range v {
				if s := replace(fmt.Sprint(x)); s != "" {
					list = append(list, s)
				}
			}
			out[name] = list
		default:
			out[name] = v
		}
	}
	return out, wrong
}

var inBraces = regexp.MustCompile(`\{[a-z ]+\}`)

// named is what a name in braces stands for.
func (f *filling) named(ctx context.Context, r *run, name string) (string, error) {
	m := r.matter
	switch name {
	case "lead":
		lead, _, err := f.itemOf(ctx, r)
		return lead, err
	case "item":
		_, item, err := f.itemOf(ctx, r)
		return item, err
	case "other item":
		return f.anyItemOf(ctx, m.Other, r.community)
	}
	texts := map[string]string{"other": m.Other, "helper": m.Helper, "complained": m.Complained, "contact": m.Contact, "answer": m.Answer,
		"finding": m.Finding, "result": m.Result, "granted": m.Granted}
	text, known := texts[name]
	if !known {
		return "", fmt.Errorf("a matter has no %q", name)
	}
	return text, nil
}
