package whistle

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/httpx"
	"linli/internal/kit/paper"
	"linli/internal/kit/text"
	"linli/web"
)

// getSlip sets a whistle on a sheet for the wall and for who goes there: the matter,
// and for each department what is asked of it with room for a name and a time.
func (e *edge) getSlip(w http.ResponseWriter, r *http.Request) {
	b, err := e.BoardFor(r.Context(), identity.From(r.Context()), r.PathValue("number"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	lang, now := text.Language(r.Context()), e.Clock.Now()
	doc := paper.New(paper.Options{Title: e.say(r, "slip.title"), Author: e.rd.Say(r, "web.name"), Lang: lang, Foot: e.say(r, "slip.foot", "number", b.Case.Number, "at", now), At: time.UnixMicro(int64(now))})
	doc.Text(b.Case.Title, paper.Look{Points: 20, Bold: true})
	doc.Text(b.Procedure.State(b.Case.State).Words.In(lang), paper.Look{Points: 11, Grey: true})
	var facts []paper.Fact
	for _, f := range e.boardFacts(r, b) {
		facts = append(facts, paper.Fact{Name: f.Name, Value: e.rd.Show(r, f.Value)})
	}
	doc.Facts(facts)
	doc.Heading(b.Procedure.Field("words").Label.In(lang))
	doc.Text(b.Case.Values.Text("words"), paper.Look{Points: 12})
	doc.Heading(e.say(r, "board.calls"))
	t := paper.Table{Columns: []paper.Column{{Head: e.say(r, "board.department"), Share: 24}, {Head: e.say(r, "board.asked"), Share: 40}, {Head: e.say(r, "board.who"), Share: 16}, {Head: e.say(r, "board.state"), Share: 20}}}
	for _, c := range b.Calls {
		call, err := e.callView(r, c)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		t.Rows = append(t.Rows, []string{call.Unit, call.Asks, call.Who, call.State.Text})
	}
	doc.Table(t)
	doc.Rule()
	doc.Blank(e.say(r, "slip.minutes"), 4)
	doc.Blank(e.say(r, "slip.signed"), 2)
	var out bytes.Buffer
	if err := doc.Write(&out); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="whistle-`+b.Case.Number+`.pdf"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(out.Bytes()) // a reader who went away needs no answer
}

// disputeView puts what was asked, the answer and the item of the list side by side.
type disputeView struct {
	Title, Number, Href, Board     string
	Caller, Department             string
	Asks, Reason, Complaint, Basis string
	Item                           []web.Fact
	NoItem                         string
	Ruling                         string
	State                          web.Tag
	Clock                          *web.Clock
}

// disputesPage are the disputes of whistles.
type disputesPage struct {
	Title string
	List  []disputeView
	Empty web.Empty
}

func (e *edge) getDisputes(w http.ResponseWriter, r *http.Request) {
	rows, err := e.Disputed(r.Context(), identity.From(r.Context()))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	ctx, lang := r.Context(), text.Language(r.Context())
	page := disputesPage{Title: e.say(r, "disputes"), Empty: web.Empty{Title: e.say(r, "disputes.none")}}
	for _, row := range rows {
		p, err := e.Cases.ProcedureAt(ctx, row.Procedure, row.Edition)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		x := row.Values
		v := disputeView{Title: row.Case.Title, Number: row.Number, Href: "/cases/" + row.Number, Caller: e.unitName(r, x.Text("caller")), Department: e.unitName(r, x.Text("department")),
			Asks: x.Text("asks"), Reason: x.Text("reason"), Complaint: x.Text("complaint"), Ruling: x.Text("ruling"), Basis: p.Norm, State: stateTag(p, row.State, lang)}
		if row.Due > 0 {
			v.Clock = web.Running(e.say(r, "disputes.due"), row.Due, e.Clock.Now())
		}
		if call, _, err := e.Cases.Seen(ctx, identity.SystemActor(), row.Parent); err == nil {
			if up, _, err := e.Cases.Seen(ctx, identity.SystemActor(), call.Parent); err == nil {
				v.Board = boardAddress(up.Number)
			}
		}
		e.itemOf(r, x.Text("item"), row.Area, &v)
		page.List = append(page.List, v)
	}
	e.rd.Page(w, r, http.StatusOK, "coordination/disputes", page)
}

// itemOf reads the cited item from the list in force.
func (e *edge) itemOf(r *http.Request, item, where string, v *disputeView) {
	if item == "" {
		v.NoItem = e.say(r, "disputes.no_item")
		return
	}
	found, err := e.Duty.Item(r.Context(), item, where, e.Clock.Now().Day())
	if err != nil {
		v.NoItem = e.say(r, "disputes.item_gone", "item", item)
		return
	}
	lang := text.Language(r.Context())
	add := func(key, value string) {
		if strings.TrimSpace(value) != "" {
			v.Item = append(v.Item, web.Fact{Name: e.say(r, "disputes."+key), Value: value})
		}
	}
	add("item", found.Item.ID+" "+found.Item.Title.In(lang))
	add("kind", e.rd.Say(r, "duty.kind."+found.Item.Kind))
	add("lead_unit", found.Lead.Words().In(lang))
	add("boundary", found.Item.Boundary.In(lang))
	add("support", found.Item.Support.In(lang))
	basis := found.Basis()
	if basis == "" {
		basis = e.say(r, "disputes.no_basis")
	}
	add("basis", basis)
	add("list", found.List.In(lang))
}
