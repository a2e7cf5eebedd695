package identity

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/internal/kit/clock"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

func TestDeputies(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		a, b := h.person(t, "庚", "holder"), h.person(t, "辛", "deputy")
		post := h.post(t, h.admin, a, "works", "handler")
		h.post(t, h.admin, b, "works", "handler")
		h.post(t, h.admin, b, "street", "clerk")
		now := h.clk.Now()
		ask := func(by Actor, d Deputy) (Deputy, error) { return h.AskDeputy(ctx, by, d) }
		rel, s := Relation{Name: RelDeputy}, Subject{Person: a, Unit: "works"}

		_, err := ask(h.actor(t, a), Deputy{Person: a, Deputy: a, Until: now.Add(time.Hour)})
		wants(t, err, fault.Invalid, "identity.deputy_self")
		_, err = ask(h.actor(t, a), Deputy{Person: a, Deputy: b, Until: now})
		wants(t, err, fault.Invalid, "identity.post_until")
		_, err = ask(h.actor(t, a), Deputy{Person: a, Deputy: b, Until: now.Add(400 * day)})
		wants(t, err, fault.Invalid, "identity.deputy_long")
		_, err = ask(h.actor(t, a), Deputy{Person: a, Deputy: "nobody", Until: now.Add(time.Hour)})
		wants(t, err, fault.Invalid, "identity.no_person")
		_, err = ask(h.actor(t, a), Deputy{Person: a, Deputy: b, Post: "none", Until: now.Add(time.Hour)})
		wants(t, err, fault.Invalid, "identity.no_post")
		_, err = ask(h.actor(t, b), Deputy{Person: a, Deputy: b, Until: now.Add(time.Hour), Reason: "我来"})
		wants(t, err, fault.Forbidden, "identity.deputy_right")
		far := h.person(t, "远", "far")
		h.post(t, h.admin, far, "village", "clerk")
		_, err = ask(h.actor(t, a), Deputy{Person: a, Deputy: far, Until: now.Add(time.Hour)})
		wants(t, err, fault.Invalid, "identity.deputy_far")

		// The one who is asked answers; before that nothing holds.
		d, err := ask(h.actor(t, a), Deputy{Person: a, Deputy: b, Until: now.Add(time.Hour)})
		must(t, err)
		if d.State != DeputyAsked || rel.Holds(h.actor(t, b), s) {
			t.Fatal("it holds before it was agreed")
		}
		_, err = h.AnswerDeputy(ctx, h.actor(t, a), d.ID, true)
		wants(t, err, fault.NotFound, "identity.no_deputy")
		d, err = h.AnswerDeputy(ctx, h.actor(t, b), d.ID, true)
		must(t, err)
		if !rel.Holds(h.actor(t, b), s) || rel.Holds(h.actor(t, a), s) {
			t.Fatal("deputy")
		}
		if got := h.actor(t, b); len(got.Posts) != 3 || got.Posts[2].For != a || len(got.Own().Posts) != 2 {
			t.Fatalf("posts %+v", got.Posts)
		}
		_, err = ask(h.actor(t, a), Deputy{Person: a, Deputy: b, From: now.Add(30 * time.Minute), Until: now.Add(2 * time.Hour)})
		wants(t, err, fault.Conflict, "identity.deputy_overlap")
		// No chains, in either direction.
		c := h.person(t, "壬", "third")
		h.post(t, h.admin, c, "works", "handler")
		_, err = ask(h.actor(t, b), Deputy{Person: b, Deputy: c, Until: now.Add(time.Hour)})
		wants(t, err, fault.Conflict, "identity.deputy_chain")
		_, err = ask(h.actor(t, c), Deputy{Person: c, Deputy: a, Until: now.Add(time.Hour)})
		wants(t, err, fault.Conflict, "identity.deputy_absent")
		h.clk.Advance(time.Hour)
		if rel.Holds(h.actor(t, b), s) || len(h.actor(t, b).Posts) != 2 {
			t.Fatal("the time is over")
		}

		// Who answers for the person sets it with a reason, for one post only.
		now = h.clk.Now()
		_, err = ask(h.admin, Deputy{Person: a, Deputy: b, Post: post.ID, Until: now.Add(time.Hour)})
		wants(t, err, fault.Invalid, "identity.deputy_reason")
		d, err = ask(h.admin, Deputy{Person: a, Deputy: b, Post: post.ID, Until: now.Add(time.Hour), Reason: "病假，本人无法提出"})
		must(t, err)
		other := Subject{Person: a, Unit: "street"}
		if got := h.actor(t, b); !rel.Holds(got, s) || rel.Holds(got, other) {
			t.Fatal("one post only")
		}
		_, err = h.EndDeputy(ctx, h.actor(t, c), d.ID)
		wants(t, err, fault.NotFound, "identity.no_deputy")
		_, err = h.EndDeputy(ctx, h.actor(t, a), d.ID)
		must(t, err)
		if rel.Holds(h.actor(t, b), s) {
			t.Fatal("ended")
		}
		d, err = ask(h.actor(t, a), Deputy{Person: a, Deputy: c, Until: now.Add(time.Hour)})
		must(t, err)
		_, err = h.AnswerDeputy(ctx, h.actor(t, c), d.ID, false)
		must(t, err)
		if rel.Holds(h.actor(t, c), s) {
			t.Fatal("refused")
		}
		h.clean(t)
	})
}

// TestRightsOverOthersAreNotLent: nobody becomes administrator or auditor by
// standing in for one.
func TestRightsOverOthersAreNotLent(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	h.settle(t)
	b := h.person(t, "辛", "deputy")
	h.post(t, h.admin, b, "works", "handler")
	h.post(t, h.admin, h.admin.Person, "county", "head")
	d, err := h.AskDeputy(ctx, h.actor(t, h.admin.Person), Deputy{Person: h.admin.Person, Deputy: b, Until: h.clk.Now().Add(time.Hour)})
	must(t, err)
	_, err = h.AnswerDeputy(ctx, h.actor(t, b), d.ID, true)
	must(t, err)
	got := h.actor(t, b)
	if got.Has(Administrator) || !got.Has("head") || chief(got) || Administers(got, "/county/") {
		t.Fatalf("lent %+v", got.Posts)
	}
	posts, err := h.PostsOf(ctx, h.admin.Person)
	must(t, err)
	i := slices.IndexFunc(posts, func(m Member) bool { return m.Post.Kind == Administrator })
	_, err = h.AskDeputy(ctx, h.actor(t, h.admin.Person), Deputy{Person: h.admin.Person, Deputy: b, Post: posts[i].Post.ID, From: h.clk.Now().Add(2 * time.Hour), Until: h.clk.Now().Add(3 * time.Hour)})
	wants(t, err, fault.Invalid, "identity.post_alone")
	// A lent post answers for nobody and gives no deputies.
	_, err = h.AskDeputy(ctx, got, Deputy{Person: h.admin.Person, Deputy: b, From: h.clk.Now().Add(2 * time.Hour), Until: h.clk.Now().Add(3 * time.Hour), Reason: "x"})
	wants(t, err, fault.Forbidden, "identity.deputy_right")
	h.clean(t)
}

// TestTwoAskAtOnce: of many overlapping wishes that come at one moment one is
// agreed to.
func TestTwoAskAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		a, b := h.person(t, "庚", "holder"), h.person(t, "辛", "deputy")
		h.post(t, h.admin, a, "works", "handler")
		h.post(t, h.admin, b, "works", "handler")
		me, until := h.actor(t, a), h.clk.Now().Add(time.Hour)
		var asked atomic.Int64
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if _, err := h.AskDeputy(ctx, me, Deputy{Person: a, Deputy: b, Until: until}); err == nil {
					asked.Add(1)
				}
			})
		}
		wg.Wait()
		if asked.Load() != 1 {
			t.Fatalf("%d wishes for one time", asked.Load())
		}
	})
}

// TestDeputiesNeverOverlapNorChain draws wishes and holds what was let through to
// what must always be true.
func TestDeputiesNeverOverlapNorChain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		who := rapid.SampledFrom([]string{"p", "q", "r"})
		var held []Deputy
		for i := range rapid.IntRange(1, 12).Draw(t, "n") {
			from := clock.Instant(rapid.IntRange(1, 20).Draw(t, "from"))
			d := Deputy{ID: string(rune('a' + i)), Person: who.Draw(t, "person"), Deputy: who.Draw(t, "deputy"), Post: rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "post"),
				From: from, Until: from + clock.Instant(rapid.IntRange(0, 5).Draw(t, "length")), State: rapid.SampledFrom([]string{DeputyAsked, DeputyAccepted}).Draw(t, "state")}
			if checkDeputy(d, held, 0) == nil {
				held = append(held, d)
			}
		}
		for at := clock.Instant(0); at < 30; at++ {
			absent := map[string][]string{}
			in := map[string]bool{}
			for _, d := range held {
				if d.From <= at && at < d.Until {
					absent[d.Person] = append(absent[d.Person], d.Post)
					in[d.Deputy] = true
				}
			}
			for person, posts := range absent {
				slices.Sort(posts)
				if len(posts) > 1 && (posts[0] == "" || len(slices.Compact(posts)) < len(absent[person])) {
					t.Fatalf("%s is stood in for twice at %d: %v", person, at, held)
				}
				if in[person] {
					t.Fatalf("%s is absent and stands in at %d: %v", person, at, held)
				}
			}
		}
	})
}
