package deliberation

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"

	"linli/internal/casework"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/paper"
	"linli/internal/kit/text"
	"linli/internal/law"
	"linli/internal/procedure"
	"linli/web"
)

// base is the address under which the asker reached this house.
func (e *edge) base(r *http.Request) string {
	if e.Address != "" {
		return strings.TrimRight(e.Address, "/")
	}
	if secure(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (e *edge) paper(r *http.Request, title string) *paper.Doc {
	now := e.Clock.Now()
	return paper.New(paper.Options{Title: title, Author: e.rd.Say(r, "web.name"), Lang: text.Language(r.Context()), Foot: e.say(r, "print.foot", "at", now), At: time.UnixMicro(int64(now))})
}

func give(w http.ResponseWriter, r *http.Request, name string, doc *paper.Doc) {
	var out bytes.Buffer
	if err := doc.Write(&out); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="`+name+`.pdf"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(out.Bytes()) // a reader who went away needs no answer
}

// getResolution sets a published resolution on one sheet for the notice board: the
// text, what the law said with its numbers, and the code of its proof.
func (e *edge) getResolution(w http.ResponseWriter, r *http.Request) {
	seen, p, err := e.matter(r)
	if err == nil && (seen.Published == 0 || seen.Values.Text("text") == "") {
		err = fault.New(fault.NotFound, "deliberation.not_published")
	}
	var c *casework.Case
	var acts []casework.Entry
	if err == nil {
		c, _, acts, err = e.Cases.History(r.Context(), seen.ID)
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	doc := e.paper(r, e.say(r, "print.title"))
	posted := slices.IndexFunc(acts, func(a casework.Entry) bool { return a.Act == "post_decision" && !a.Annulled })
	if posted >= 0 {
		doc.Corner(e.base(r)+"/proof/"+acts[posted].ID, 24)
	}
	doc.Text(e.areaName(r, c.Area)+e.rd.Say(r, "web.colon")+c.Title, paper.Look{Points: 18, Bold: true})
	doc.Text(e.say(r, "print.number", "number", c.Number), paper.Look{Points: 10, Grey: true})
	doc.Space(4)
	for _, v := range versions(acts) {
		if v.Kind == "draft" {
			continue
		}
		doc.Heading(e.say(r, "version."+v.Kind))
		for one := range strings.Lines(v.Text) {
			doc.Text(strings.TrimRight(one, "\n"), paper.Look{Points: 12})
		}
		doc.Text(e.say(r, "print.mark", "mark", v.Mark), paper.Look{Points: 8, Grey: true})
	}
	doc.Heading(e.say(r, "print.how"))
	var facts []paper.Fact
	for _, st := range steps(c.Procedure, c.State, acts) {
		if st.Done {
			facts = append(facts, paper.Fact{Name: e.say(r, "step."+st.Name), Value: e.rd.Show(r, st.Happened.Day())})
		}
	}
	doc.Facts(append(facts, e.said(r, c, p)...))
	if k, ok := c.Clocks()["stand_decision"]; ok && k.Duty != 0 {
		doc.Text(e.say(r, "print.stands", "day", (k.Duty-1).Day()), paper.Look{Points: 11})
	}
	doc.Text(e.say(r, "print.ask"), paper.Look{Points: 10, Grey: true})
	give(w, r, "resolution-"+c.Number, doc)
}

// said is what the law said of a matter, with its articles, as it stands on paper.
func (e *edge) said(r *http.Request, c *casework.Case, p *procedure.Procedure) (out []paper.Fact) {
	for _, st := range stations[c.Procedure] {
		for _, field := range decisionsAt[st.name] {
			if x, ok := c.Values[field].(law.Decision); ok {
				j := law.Drawn(e.rd, r, x)
				out = append(out, paper.Fact{Name: in(r, p.Field(field).Label), Value: j.Outcome + e.rd.Say(r, "web.colon") + j.Sentence + " (" + x.Article + ")"})
			}
		}
	}
	return out
}

// drafted says for which stations minutes are drafted here; those of the meeting
// are the meeting's own.
func drafted(name string) bool { return name == "propose" || name == "consult" || name == "review" }

// getMinutes drafts the minutes of one of the first three steps from what was
// entered, to be signed by hand and kept with the step.
func (e *edge) getMinutes(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("step")
	c, p, err := e.seen(r.Context(), actor(r), FourSteps, r.PathValue("number"))
	if err == nil && !drafted(name) {
		err = errNoTopic
	}
	var acts []casework.Entry
	if err == nil {
		_, _, acts, err = e.Cases.History(r.Context(), c.ID)
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	all := steps(c.Procedure, c.State, acts)
	i := slices.IndexFunc(all, func(s Step) bool { return s.Name == name })
	if !all[i].Done {
		httpx.Fail(w, r, fault.New(fault.NotFound, "deliberation.no_minutes"))
		return
	}
	prefix := map[string]string{"propose": "proposed", "consult": "consulted", "review": "reviewed"}[name]
	doc := e.paper(r, e.say(r, "minutes.title"))
	doc.Text(e.say(r, "minutes."+name), paper.Look{Points: 18, Bold: true})
	facts := []paper.Fact{{Name: e.say(r, "area"), Value: e.areaName(r, c.Area)}, {Name: in(r, p.Field("subject").Label), Value: c.Title}, {Name: e.say(r, "minutes.day"), Value: e.rd.Show(r, all[i].Happened.Day())}}
	for _, field := range numbersAt[name] {
		if x, there := c.Values[field]; there {
			facts = append(facts, paper.Fact{Name: in(r, p.Field(field).Label), Value: e.rd.Show(r, x)})
		}
	}
	if n, ok := c.Values["money_planned"].(int64); ok {
		facts = append(facts, paper.Fact{Name: in(r, p.Field("money_planned").Label), Value: e.say(r, "yuan", "sum", web.Money(n))})
	}
	if name == "review" {
		facts = append(facts, e.said(r, c, p)...)
	}
	doc.Facts(facts)
	doc.Heading(in(r, p.Field("resolution").Label))
	doc.Text(c.Values.Text("resolution"), paper.Look{Points: 12})
	if x := c.Values.Text(prefix + "_minutes"); x != "" {
		doc.Heading(in(r, p.Field(prefix+"_minutes").Label))
		doc.Text(x, paper.Look{Points: 12})
	}
	doc.Rule()
	doc.Blank(e.say(r, "minutes.chair"), 1)
	doc.Blank(e.say(r, "minutes.writer"), 1)
	doc.Blank(e.say(r, "minutes.present"), 3)
	give(w, r, "minutes-"+c.Number+"-"+name, doc)
}
