package casework_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"

	"pgregory.net/rapid"
)

// Whatever people do in whatever order, and wherever passing on stops: while a
// case followed it heard every act that its leading case passed on, once and in
// order, and nothing else; nobody is left following what cannot lead.
func TestFollowingProperty(t *testing.T) {
	r := followRig(t, dbtest.SQLite(t))
	rapid.Check(t, func(rt *rapid.T) {
		c := r.calls(5)
		// What each case is still to hear, by what was passed on while it followed.
		follows, owed := map[int]int{}, map[int][]string{}
		do := func(i int, act string, values map[string]any) bool {
			_, err := r.cases.Do(ctx, r.who["dispatcher"], casework.Asking{Case: c[i].Case, Act: act, Values: values})
			if f := fault.Of(err); f != nil && f.Kind != fault.Conflict && f.Kind != fault.Forbidden && f.Kind != fault.Unmet && f.Kind != fault.Invalid {
				rt.Fatalf("%s: %v", act, err)
			}
			return err == nil
		}
		tellAll := func(i int, what string, ends bool) {
			for f, leader := range follows {
				if leader == i {
					owed[f] = append(owed[f], what)
					if ends {
						delete(follows, f)
					}
				}
			}
		}
		for step := range rapid.IntRange(4, 30).Draw(rt, "steps") {
			i, j := rapid.IntRange(0, 4).Draw(rt, "case"), rapid.IntRange(0, 4).Draw(rt, "other")
			news := fmt.Sprint("第", step)
			switch rapid.SampledFrom([]string{"join", "join", "tell", "tell", "answer", "cancel", "leave", "again", "pass", "crash"}).Draw(rt, "what") {
			case "join":
				if do(i, "join", map[string]any{"leading": c[j].Number}) {
					follows[i] = j
				}
			case "tell":
				if do(i, "tell", map[string]any{"news": news}) {
					tellAll(i, "told "+news, false)
				}
			case "answer":
				if do(i, "answer", map[string]any{"news": news}) {
					tellAll(i, "answered "+news, true)
				}
			case "cancel":
				if do(i, "cancel", nil) {
					tellAll(i, "gone ", true)
				}
			case "leave": // what was passed on and not yet heard is not heard any more
				if do(i, "leave", nil) {
					delete(follows, i)
					owed[i] = nil
					for _, h := range slices.Clone(heardList(r, c[i].Case)) {
						owed[i] = append(owed[i], h)
					}
				}
			case "again":
				_, _ = r.cases.Do(ctx, r.link(c[i]), casework.Asking{Case: c[i].Case, Act: "again"}) // refused where it does not fit
			case "pass":
				r.pass()
			case "crash":
				short, cancel := context.WithTimeout(ctx, time.Duration(rapid.IntRange(0, 3000).Draw(rt, "microseconds"))*time.Microsecond)
				_, _ = r.cases.Pass(short) // wherever it stops, the next one goes on
				cancel()
			}
		}
		r.pass()
		for i := range c {
			if got := heardList(r, c[i].Case); !slices.Equal(got, owed[i]) {
				rt.Fatalf("case %d heard %q, want %q", i, got, owed[i])
			}
			v, err := r.cases.Get(ctx, identity.SystemActor(), c[i].Case)
			if err != nil {
				rt.Fatal(err)
			}
			if _, model := follows[i]; model != v.Case.Following() {
				rt.Fatalf("case %d follows: %v", i, v.Case.Following())
			}
			if v.Case.Following() != (v.Case.State == "joined") {
				rt.Fatalf("case %d stands at %s and follows: %v", i, v.Case.State, v.Case.Following())
			}
		}
	})
	r.verify()
}

func heardList(r *rig, id string) []string {
	_, _, entries, err := r.cases.History(ctx, id)
	r.ok(err)
	var out []string
	for _, e := range entries {
		if e.Role == "leader" {
			out = append(out, e.Act+" "+e.Values.Text("heard"))
		}
	}
	return out
}
