package coordination

import (
	"net/http"
	"net/url"
	"strings"

	"linli/internal/casework"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// treePage is one task with all that came of it. Everybody of the office may look;
// what somebody reported is shown to whom the case itself is shown.
type treePage struct {
	Title, Number, Words string
	State                web.Tag
	Facts                []web.Fact
	Verdict              web.Tag
	Why                  string
	Door                 []web.Fact
	Summary              string
	Admission            []web.Fact
	AdmissionState       web.Tag
	Opinions             []opinionView
	Like                 *pairView
	Again                []web.CaseLine
	Nodes                []nodeView
	Work, Decide         string // the case itself, and its admission, of whom these are shown to
}

type opinionView struct {
	Body, Remark, By string
	Tag              web.Tag
}

// nodeView is one line of the tree; Deep indents it.
type nodeView struct {
	Deep                          int
	Title, Who, Item, Why, Result string
	State                         web.Tag
	Due                           *web.Clock
	Work                          string
}

func (e *edge) getTree(w http.ResponseWriter, r *http.Request) {
	d, err := e.draw(r)
	if err == nil && len(d.who.Posts) == 0 {
		err = fault.New(fault.Forbidden, "coordination.staff_only")
	}
	var page *treePage
	if err == nil {
		page, err = d.tree(r.PathValue("ref"))
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "coordination/task", page)
}

// seen reports whether the case itself is shown to who looks.
func (d *drawing) seen(c *casework.Case) (bool, error) {
	_, _, err := d.Cases.Seen(d.ctx, d.who, c.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

func (d *drawing) tree(ref string) (*treePage, error) {
	t, err := d.Tree(d.ctx, ref)
	if err != nil {
		return nil, err
	}
	c := t.Top.Case
	p, err := d.Cases.ProcedureAt(d.ctx, c.Procedure, c.Edition)
	if err != nil {
		return nil, err
	}
	v := c.Values
	page := &treePage{Title: c.Title, Number: c.Number, Words: v.Text("words"), State: d.state(c), Summary: v.Text("summary"), Why: d.half(v.Text("why"))}
	page.Facts = d.facts(p, c, "sender", "kind", "receivers", "limit", "asks", "fields", "meet_day", "meet_minutes", "meet_who", "certificate", "reason")
	page.Verdict = web.Tag{Text: p.Field("verdict").Option(v.Text("verdict"), d.lang), Tone: toneOf(v.Text("verdict"))}
	page.Door = d.facts(p, c, "item", "lead", "boundary", "support")
	page.Door = append(page.Door, web.Fact{Name: d.say("norm"), Value: p.Norm})
	if sees, err := d.seen(c); err != nil {
		return nil, err
	} else if sees {
		page.Work = "/cases/" + url.PathEscape(c.Number)
	}
	if t.Like != nil {
		pair, err := d.pair(c)
		if err != nil {
			return nil, err
		}
		page.Like = &pair
	}
	for _, one := range t.Again {
		page.Again = append(page.Again, d.line(one))
	}
	if err := d.admission(page, t); err != nil {
		return nil, err
	}
	for _, n := range t.Top.Below {
		if err := d.nodes(page, n); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// toneOf is how a verdict is felt.
func toneOf(verdict string) web.Tone {
	switch verdict {
	case goes, cooperating, admitted:
		return web.Good
	case refused, denied:
		return web.Bad
	}
	return web.Warning
}

// facts are the values of a case that were given, with their labels.
func (d *drawing) facts(p *procedure.Procedure, c *casework.Case, fields ...string) (out []web.Fact) {
	for _, name := range fields {
		def, value := p.Field(name), c.Values[name]
		if def == nil || value == nil || value == "" {
			continue
		}
		switch def.Type {
		case "unit":
			value = d.unit(c.Values.Text(name))
		case "units":
			value = d.names(c.Values.List(name))
		case "choice":
			value = p.Field(name).Option(c.Values.Text(name), d.lang)
		case "length":
			value = d.lasting(c.Values.Text(name))
		case "money":
			if n, ok := value.(int64); ok {
				value = d.say("yuan", "sum", web.Money(n))
			}
		case "lines":
			value = strings.ReplaceAll(strings.TrimSpace(c.Values.Text(name)), "\n", " / ")
		}
		if name == "item" {
			value = d.item(c.Values.Text(name), c.Area)
		}
		out = append(out, web.Fact{Name: def.Label.In(d.lang), Value: value})
	}
	return out
}

// half is the line of a reason in the page's language: it is kept in both.
func (d *drawing) half(why string) string {
	zh, en, both := strings.Cut(why, "\n")
	if both && d.lang != text.Chinese {
		return en
	}
	return zh
}

// admission shows what was applied for and the opinions side by side.
func (d *drawing) admission(page *treePage, t *Tree) error {
	if t.Admission == nil {
		return nil
	}
	p, err := d.Cases.ProcedureAt(d.ctx, t.Admission.Procedure, t.Admission.Edition)
	if err != nil {
		return err
	}
	page.AdmissionState = d.state(t.Admission)
	if sees, err := d.seen(t.Admission); err != nil {
		return err
	} else if sees {
		page.Decide = "/cases/" + url.PathEscape(t.Admission.Number)
	}
	page.Admission = d.facts(p, t.Admission, "basis", "funds", "people", "period", "reason", "boundary", "ruling")
	if k, had := t.Top.Clocks()["admitted"]; had && k.Duty > 0 {
		page.Admission = append(page.Admission, web.Fact{Name: d.say("ends"), Value: lastDay(k.Duty)})
	}
	var ids []string
	for _, o := range t.Opinions {
		ids = append(ids, o.Person)
	}
	names, err := d.People.Names(d.ctx, ids)
	if err != nil {
		return err
	}
	rights, err := d.People.Rights(d.ctx)
	if err != nil {
		return err
	}
	for _, o := range t.Opinions {
		v := opinionView{Body: o.Post, Remark: o.Remark, By: names[o.Person], Tag: web.Tag{Text: d.say("opinion.none"), Tone: web.Quiet}}
		if kind, known := rights.Kind(o.Post); known {
			v.Body = kind.Name.In(d.lang)
		}
		switch o.Verdict {
		case casework.Agree:
			v.Tag = web.Tag{Text: d.say("opinion.agree"), Tone: web.Good}
		case casework.Object:
			v.Tag = web.Tag{Text: d.say("opinion.object"), Tone: web.Bad}
		}
		page.Opinions = append(page.Opinions, v)
	}
	return nil
}

// nodes draws one case of the tree and what stands below it.
func (d *drawing) nodes(page *treePage, n *Node) error {
	c := n.Case
	v := nodeView{Deep: min(n.Depth, 4), Title: c.Title, Who: d.unit(c.Unit), State: d.state(c), Item: d.item(c.Values.Text("item"), c.Area)}
	sees, err := d.seen(c)
	if err != nil {
		return err
	}
	if sees {
		v.Work = "/cases/" + url.PathEscape(c.Number)
	}
	if c.Kind != "final" {
		v.Due = d.due(d.say("due"), c.Due)
	}
	switch c.Procedure {
	case Tasks:
		v.Who, v.Why = d.say("passed_by", "unit", d.unit(c.Values.Text("sender"))), d.half(c.Values.Text("why"))
		v.Result = c.Values.Text("summary")
	case TaskParts:
		v.Title = ""
		if sees {
			v.Result = c.Values.Text("result")
		}
		if c.State == "not_ours" || c.State == "disputed" {
			v.Why = d.say("cites", "item", d.item(c.Values.Text("cited"), c.Area), "reason", c.Values.Text("reason"))
		}
	case Disputes:
		v.Title, v.Why = d.say("dispute"), c.Values.Text("ruling")
		v.Item = ""
	default:
		v.Title = c.Title
	}
	page.Nodes = append(page.Nodes, v)
	for _, below := range n.Below {
		if err := d.nodes(page, below); err != nil {
			return err
		}
	}
	return nil
}
