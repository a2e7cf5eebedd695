package app_test

import (
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
)

// wayMarks says by what in its history an order is known to have gone a way.
var wayMarks = map[string]func(*casework.View) bool{
	"return":      did("send_back"),
	"arbitration": did("ruled"),
	"extension":   did("extended"),
	"co-handler": func(v *casework.View) bool {
		return slices.ContainsFunc(v.Children, func(c casework.Child) bool { return c.Procedure == "co-task" && c.State == "done" })
	},
	"no answer": did("no_answer"),
	"reopening": did("reopen"),
	"breach":    did(casework.ActBreach),
}

func did(act string) func(*casework.View) bool {
	return func(v *casework.View) bool {
		return slices.ContainsFunc(v.Timeline, func(e casework.Entry) bool { return e.Act == act })
	}
}

// judge holds what has become of all orders against their scripts and against
// what must be true whatever happens; least is how many must have gone each of
// the ways that bend.
func (w *town) judge(least int) {
	w.t.Helper()
	count, ends, said := map[string]int{}, map[string]int{}, map[string]int{}
	for _, o := range w.orders {
		v := w.look(o.number)
		ends[v.Case.State]++
		said[v.Case.Values.Text("satisfied")]++
		for name, went := range wayMarks {
			if went(v) {
				count[name]++
			}
		}
		w.judgeOrder(o, v)
		w.judgeBreaches(v)
		for _, child := range v.Children {
			if child.Kind != "final" {
				w.t.Errorf("%s (%s): its %s is still %s", o.name, o.way.name, child.Procedure, child.State)
			}
			w.judgeBreaches(w.look(child.ID))
		}
	}
	for name := range wayMarks {
		if count[name] < least {
			w.t.Errorf("%d orders went by %q, want at least %d", count[name], name, least)
		}
	}
	w.t.Logf("%d orders: ways %v, ends %v, satisfied %v", len(w.orders), count, ends, said)
	w.judgeRates(said)
	w.judgeProof()
}

func (w *town) judgeOrder(o *order, v *casework.View) {
	w.t.Helper()
	c := v.Case
	if c.State != o.way.end {
		w.t.Errorf("%s (%s) ends as %s, want %s", o.name, o.way.name, c.State, o.way.end)
	}
	want := o.lead
	if o.ruled != "" {
		want = o.ruled
	}
	if dispatched := did("dispatch")(v); dispatched && c.Values.Text("lead") != want {
		w.t.Errorf("%s (%s) is led by %s, really by %s", o.name, o.way.name, c.Values.Text("lead"), want)
	}
	for _, e := range v.Timeline {
		if e.Act == "answer" && e.Unit != want {
			w.t.Errorf("%s (%s) was answered by %s, want %s", o.name, o.way.name, e.Unit, want)
		}
	}
	if late := strings.HasPrefix(o.way.name, "breach"); late != (c.Breached > 0) {
		w.t.Errorf("%s (%s) has %d breaches", o.name, o.way.name, c.Breached)
	}
	if o.way.name == "no answer" && (c.Values["satisfied"] != nil || c.Values["solved"] != nil) {
		w.t.Errorf("%s was not judged by anybody, and yet is solved %v, satisfied %v", o.name, c.Values["solved"], c.Values["satisfied"])
	}
	if o.way.name == "extension" && c.Clocks()["handle"].Extended != 3 {
		w.t.Errorf("%s: the limit was extended by %d, want 3", o.name, c.Clocks()["handle"].Extended)
	}
}

// judgeBreaches: whoever holds a case that misses a limit is told, and the unit
// above; with each further breach the unit above that one, up to the root.
func (w *town) judgeBreaches(v *casework.View) {
	w.t.Helper()
	holder, escalated := "", ""
	for _, e := range v.Timeline {
		if e.Delta.Unit != nil {
			holder = *e.Delta.Unit
		}
		if !e.Delta.Breach {
			continue
		}
		at := holder
		if e.Delta.Clocks[0].Breaches > 1 && escalated != "" {
			at = escalated
		}
		want := w.unit(at).Parent
		if want == "" {
			want = at // nobody is above the root
		}
		if e.Delta.Escalated == nil || *e.Delta.Escalated != want {
			w.t.Errorf("%s %s: the breach of %s by %s went to %v, want %s", v.Case.Procedure, v.Case.Number, e.Delta.Clocks[0].Name, at, e.Delta.Escalated, want)
			continue
		}
		escalated = want
		if !slices.ContainsFunc(e.Delta.Told, func(t casework.Told) bool { return t.Unit == want }) {
			w.t.Errorf("%s: %s was not told of the breach", v.Case.Number, want)
		}
	}
}

func (w *town) unit(id string) identity.Unit {
	w.t.Helper()
	u, err := w.People.Unit(ctx, id)
	if err != nil {
		w.t.Fatalf("unit %q: %v", id, err)
	}
	return u
}

// judgeRates: what figures count by are the answers that residents gave, neither
// more nor less; nobody's silence is among them.
func (w *town) judgeRates(said map[string]int) {
	w.t.Helper()
	for _, answer := range []string{"satisfied", "fairly", "dissatisfied"} {
		n, err := w.Cases.Count(ctx, identity.SystemActor(), casework.Filter{Procedure: "service-request", Field: "satisfied", Value: answer}, 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		gave := 0
		for _, o := range w.orders {
			last := ""
			for _, s := range o.way.steps {
				if v, ok := s.fill["satisfied"]; ok && s.no == "" {
					last = v.(string)
				}
			}
			if last == answer {
				gave++
			}
		}
		if n != gave || said[answer] != gave {
			w.t.Errorf("%d cases count as %s, %d residents said so last", n, answer, gave)
		}
	}
}

// judgeProof verifies the whole house against its log.
func (w *town) judgeProof() {
	w.t.Helper()
	checked, err := w.Verify(ctx, "")
	if err != nil {
		w.t.Fatal(err)
	}
	if len(checked.Findings) > 0 {
		w.t.Errorf("the log finds: %v", checked.Findings)
	}
	if checked.Cases < len(w.orders) || checked.Acts <= len(w.orders) {
		w.t.Errorf("only %d acts of %d cases were verified", checked.Acts, checked.Cases)
	}
	w.t.Logf("verified %d acts of %d cases", checked.Acts, checked.Cases)
}

// itemOf is the item by which the duty list gives a class to a unit; "" where it
// does not.
func (w *town) itemOf(class, area, unit string) string {
	w.t.Helper()
	all, err := w.Duty.Responsible(ctx, class, area, w.hand.Now().Day())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range all {
		if f.Lead.ID == unit {
			return f.Item.ID
		}
	}
	return ""
}

// anyItemOf is some item by which the unit leads something at the place, with
// days to do it in.
func (w *town) anyItemOf(area, unit string) string {
	w.t.Helper()
	lists, _, err := w.Duty.Catalogue(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, k := range lists.Classes.All() {
		all, err := w.Duty.Responsible(ctx, k.ID, area, w.hand.Now().Day())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, f := range all {
			if f.Lead.ID == unit && f.Item.Limit.Unit != "hour" {
				return f.Item.ID
			}
		}
	}
	w.t.Fatalf("no list gives anything to %s", unit)
	return ""
}
