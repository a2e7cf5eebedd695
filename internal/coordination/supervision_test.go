package coordination_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// employ adds somebody with one post to the rig.
func (r *rig) employ(person, kind, unit, area string) {
	r.t.Helper()
	system := identity.SystemActor()
	_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: person, Name: person, Login: person + "-login", Hash: "x"})
	r.ok(err)
	must(r.ids.AddPost(ctx, system, identity.Post{Person: person, Unit: unit, Kind: kind, Area: area}))
	r.who[person] = must(r.ids.Actor(ctx, person))
}

// part is a task's part that the street holds.
func (r *rig) part() casework.Child {
	r.t.Helper()
	task := r.ask("housing-head", map[string]any{"item": "J05"})
	r.do("housing-head", task.Case, "hand_down", nil)
	return r.child(task.Case, "task-part")
}

func (r *rig) order(who, number string, change map[string]any) (casework.Receipt, error) {
	values := map[string]any{"case": number, "subject": "电梯摸排没有进展", "demand": "说明进展和困难，提出办结日期", "within": "2 workdays"}
	for k, v := range change {
		values[k] = v
	}
	return r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: "supervision-order", Act: "order", Values: values})
}

// wants holds an error to its key and field.
func (r *rig) wants(what string, err error, key, field string) {
	r.t.Helper()
	if f := fault.Of(err); f == nil || f.Key != key || f.Field != field {
		r.t.Errorf("%s: want %s at %q, got %v", what, key, field, err)
	}
}

func answered() map[string]any {
	return map[string]any{"found": "三个小区没有维保单位", "measures": "已约谈物业", "done_by": "2026-12-04"}
}

func TestWhoMaySupervise(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.employ("auditor", "auditor", "county", "")
	r.employ("inspector", "inspector", "county", "")
	part := r.part()
	for who, want := range map[string]struct{ key, field string }{
		"housing-head":  {"coordination.not_above", "case"}, // sees it as who sent it, stands above nobody there
		"street-head":   {"coordination.not_above", "case"}, // a unit over itself
		"property-head": {"casework.no_case", "case"},       // may not see it
		"auditor":       {"casework.not_yours", ""},         // sees, asks nobody
		"street-clerk":  {"casework.not_yours", ""},
	} {
		_, err := r.order(who, part.Number, nil)
		r.wants(who, err, want.key, want.field)
	}
	_, err := r.order("magistrate", part.Number, map[string]any{"within": "0 hours"})
	r.wants("no time", err, "procedure.value_length", "within")
	_, err = r.order("magistrate", "261124-00000000", nil)
	r.wants("no such case", err, "casework.no_case", "case")
	order := must(r.order("inspector", part.ID, nil)) // by its id as by its number
	if o := r.of(order.Case); o.Unit != "qinghe" || o.Values.Text("case") != part.Number || o.Values.Text("level") != "county" || o.Values.Text("issuer") != "county" || o.Area != r.of(part.ID).Area {
		t.Fatalf("the order: %s %s %v", o.Unit, o.Area, o.Values)
	}
	_, err = r.order("magistrate", order.Number, nil)
	r.wants("an order on an order", err, "coordination.order_on_order", "case")
	_, err = r.order("magistrate", part.Number, nil)
	r.wants("the same level", err, "coordination.order_join", "case")
	r.refused("street-head", order.Case, "join", map[string]any{"more": "也要"}, "coordination.not_above")
	r.do("vice", order.Case, "join", map[string]any{"more": "一并说明维修资金"})

	r.do("housing-head", r.of(part.ID).Parent, "withdraw", map[string]any{"reason": "不做了"})
	if o := r.of(order.Case); o.State != "ordered" {
		t.Fatalf("the order ended with its case and without an answer: %s", o.State)
	}
	r.do("street-head", order.Case, "answer", answered())
	r.do("inspector", order.Case, "accept", nil)
	_, err = r.order("magistrate", part.Number, nil)
	r.wants("a case that is over", err, "coordination.case_over", "case")
}

func TestAnOrderAndItsCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		part := r.part()
		before := r.of(part.ID)
		order := must(r.order("magistrate", part.Number, nil)).Case
		r.refused("housing-clerk", order, "answer", answered(), "casework.no_case") // another unit does not even see it
		r.refused("willow-clerk", order, "answer", answered(), "casework.no_case")
		r.refused("street-head", order, "readdress", nil, "coordination.same_unit")
		r.refused("street-clerk", order, "answer", map[string]any{"found": "在办"}, "casework.missing_field")
		r.do("magistrate", order, "more_time", map[string]any{"days": 1, "reason": "周末"})

		r.clk.Advance(5 * 24 * time.Hour)
		r.scan()
		late := r.of(order)
		if k := late.Clocks()["answer"]; k.Breaches == 0 || late.Escalated != "county" {
			t.Fatalf("nobody was told that the order is not answered: %+v %q", k, late.Escalated)
		}
		r.do("street-clerk", order, "answer", answered())
		r.refused("street-head", order, "accept", nil, "casework.not_yours")
		r.do("vice", order, "again", map[string]any{"reason": "没有说哪个小区"})
		if k := r.of(order).Clocks()["answer"]; k.Status != procedure.Running || k.Duty <= r.clk.Now() {
			t.Fatalf("asked again the clock is %+v", k)
		}
		r.do("street-head", order, "answer", answered())
		r.do("magistrate", order, "accept", nil)

		after := r.of(part.ID)
		after.Doers, before.Doers = nil, nil
		for _, c := range []*casework.Case{before, after} { // time breaches its limits, which is its own business
			c.Ticks, c.Acts, c.Breached, c.Escalated, c.Due = 0, 0, 0, "", 0
		}
		for name, k := range before.Clocks() {
			if was, is := k, after.Clocks()[name]; was.Start != is.Start || was.Duty != is.Duty || was.Status != is.Status || was.Extended != is.Extended {
				t.Fatalf("the order moved the clock %s of its case: %+v %+v", name, was, is)
			}
		}
		if before.Version != after.Version || before.State != after.State || before.LastAct != after.LastAct || !reflect.DeepEqual(before.Values, after.Values) {
			t.Fatalf("the order changed its case: %+v %+v", before, after)
		}
		must(r.order("magistrate", part.Number, nil)) // the first one is closed
	})
}

func TestTwoOrdersAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.employ("inspector", "inspector", "county", "")
		part := r.part()
		var wait sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wait.Go(func() {
				_, errs[i] = r.order([]string{"magistrate", "inspector"}[i%2], part.Number, nil)
			})
		}
		wait.Wait()
		opened := 0
		for _, err := range errs {
			if f := fault.Of(err); err == nil {
				opened++
			} else if f.Key != "coordination.order_open" && f.Key != "coordination.order_join" {
				t.Errorf("the second of two: %v", err)
			}
		}
		if opened != 1 {
			t.Fatalf("%d orders of one level are open", opened)
		}
	})
}

func TestALeadersNote(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	part := r.part()
	note := func(who string, change map[string]any) (casework.Receipt, error) {
		values := map[string]any{"case": part.Number, "words": "请本周内把底数摸清。"}
		for k, v := range change {
			values[k] = v
		}
		return r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: "leader-note", Act: "write", Values: values})
	}
	_, err := note("housing-head", nil)
	r.wants("a department to a street", err, "coordination.not_above", "case")
	_, err = note("magistrate", map[string]any{"for_unit": "moon"})
	r.wants("an unknown unit", err, "identity.no_unit", "for_unit")
	got := must(note("magistrate", map[string]any{"for_unit": "housing"}))
	if c := r.of(got.Case); c.Unit != "housing" || c.Title != "请本周内把底数摸清。" {
		t.Fatalf("the note lies with %s as %q", c.Unit, c.Title)
	}
	r.clk.Advance(7 * 24 * time.Hour)
	r.scan()
	if c := r.of(got.Case); c.Escalated != "county" {
		t.Fatalf("an unread note was told to %q", c.Escalated)
	}
	r.refused("street-clerk", got.Case, "read", map[string]any{"reply": "好"}, "casework.not_yours")
	r.do("housing-clerk", got.Case, "read", map[string]any{"reply": "今天派人"})
	r.refused("housing-head", got.Case, "release", map[string]any{"public_words": "已派人"}, "casework.not_yours")
	if said := r.beside(part.Number); len(said) != 0 {
		t.Fatalf("the party reads a note that was not released: %v", said)
	}
	r.do("magistrate", got.Case, "release", map[string]any{"public_words": "已派人"})
	if said := r.beside(part.Number); len(said) != 1 || !strings.Contains(said[0].Text, "已派人") || strings.Contains(said[0].Text, "底数") {
		t.Fatalf("the party reads %v", said)
	}
	r.do("magistrate", got.Case, "take_back", nil)
	if said := r.beside(part.Number); len(said) != 0 {
		t.Fatalf("the party reads what was taken back: %v", said)
	}
	order := must(r.order("magistrate", part.Number, nil))
	got = must(note("street-head", map[string]any{"case": order.Number, "for_unit": "willow"})) // down from the street, on the order
	r.do("willow-clerk", got.Case, "read", map[string]any{"reply": "已去看"})
}

// supervised draws the page of orders for somebody.
func (r *rig) supervised(who, query string) string {
	r.t.Helper()
	book := must(text.Load(catalog.Files))
	mux := http.NewServeMux()
	r.doors.Routes(mux, httpx.NewAPI(http.NewServeMux()), web.New(func() *text.Book { return book }))
	w := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodGet, "/supervision"+query, nil)
	mux.ServeHTTP(w, req.WithContext(identity.With(text.With(req.Context(), text.Chinese), r.who[who])))
	if w.Code != http.StatusOK {
		r.t.Fatalf("/supervision%s by %s answers %d", query, who, w.Code)
	}
	return w.Body.String()
}

func TestThePageOfOrders(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	part := r.part()
	order := must(r.order("magistrate", part.Number, nil))
	note := must(r.cases.Open(ctx, r.who["magistrate"], casework.Opening{Procedure: "leader-note", Act: "write", Values: map[string]any{"case": order.Number, "words": "抓紧"}}))
	for _, c := range []struct {
		who, query string
		has, lacks []string
	}{
		{"street-head", "", []string{order.Number, note.Number}, nil},
		{"magistrate", "", []string{"没有等您", "清河街道办事处"}, []string{order.Number}},
		{"magistrate", "?view=open", []string{order.Number, "县级"}, []string{note.Number}},
		{"magistrate", "?view=overdue", []string{"没有超期"}, []string{order.Number}},
		{"magistrate", "?unit=qinghe", []string{order.Number}, nil},
		{"magistrate", "?unit=housing", nil, []string{order.Number}},
		{"property-head", "?view=open", []string{"没有未办结"}, []string{order.Number}},
	} {
		page := r.supervised(c.who, c.query)
		for _, words := range c.has {
			if !strings.Contains(page, words) {
				t.Errorf("%s%s lacks %q", c.who, c.query, words)
			}
		}
		for _, words := range c.lacks {
			if strings.Contains(page, words) {
				t.Errorf("%s%s says %q", c.who, c.query, words)
			}
		}
	}
	r.clk.Advance(4 * 24 * time.Hour)
	if page := r.supervised("magistrate", "?view=overdue"); !strings.Contains(page, order.Number) {
		t.Error("an order that nobody answered is not overdue")
	}
	r.do("street-head", order.Case, "answer", answered())
	if page := r.supervised("magistrate", ""); !strings.Contains(page, order.Number) {
		t.Error("an answer waits for nobody")
	}
}

// beside is what the party of a case reads of leaders' notes.
func (r *rig) beside(number string) []web.Notice {
	r.t.Helper()
	book := must(text.Load(catalog.Files))
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	return must(r.doors.Beside(req, web.New(func() *text.Book { return book }), &casework.View{Case: &casework.Case{Number: number}, Party: true}))
}

// TestAnOrderGoesWithItsCase: who holds the case answers, also after it went on.
func TestAnOrderGoesWithItsCase(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	request := must(r.cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: "service-request", Act: "report", Values: map[string]any{
		"words": "电梯停了", "place": map[string]any{"words": "三栋", "area": "999901001002"}}}))
	waiting := must(r.order("magistrate", request.Number, nil)).Case
	if o := r.of(waiting); o.Unit != "qinghe" { // nobody holds it: it lies on the street's desk of dispatch
		t.Fatalf("the order on a case that waits for dispatch went to %q", o.Unit)
	}
	r.do("street-clerk", request.Case, "dispatch", map[string]any{"lead": "property", "limit": "5 workdays"})
	r.do("street-head", waiting, "readdress", nil)
	r.refused("street-head", waiting, "answer", answered(), "casework.not_yours")
	due := r.of(waiting).Clocks()["answer"].Duty
	r.do("property-head", request.Case, "send_back", map[string]any{"reason": "应由住建局办", "responsible": "housing", "responsible_item": "J05"})
	r.do("street-clerk", request.Case, "dispatch", map[string]any{"lead": "housing", "limit": "5 workdays"})
	r.do("property-head", waiting, "readdress", nil)
	o := r.of(waiting)
	if o.Unit != "housing" || o.Values.Text("supervised") != "housing" || o.Clocks()["answer"].Duty != due {
		t.Fatalf("the order lies with %s, due %s, not %s", o.Unit, o.Clocks()["answer"].Duty, due)
	}
	r.do("housing-clerk", waiting, "answer", answered())
}
