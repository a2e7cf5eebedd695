package identity

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/ledger"
)

// house is the room on a fresh database, with a hand-set clock and a log that
// only remembers.
type house struct {
	*Service
	d     *db.DB
	clk   *clock.Hand
	keys  *seal.Keys
	log   *memoryLog
	admin Actor
}

type memoryLog struct {
	mu     sync.Mutex
	leaves map[string]ledger.Leaf
}

func (m *memoryLog) Queue(tx *db.Tx, l ledger.Leaf) error {
	tx.After(func() { m.mu.Lock(); m.leaves[l.ID] = l; m.mu.Unlock() })
	return nil
}

func (m *memoryLog) Leaf(_ context.Context, id string) (ledger.Ref, []byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l, ok := m.leaves[id]; ok {
		return ledger.Ref{ID: id}, l.Text, nil
	}
	return ledger.Ref{}, nil, fault.New(fault.NotFound, "ledger.no_leaf")
}

type fixedRights struct{ Rights }

func (f fixedRights) Now(context.Context) (Rights, int64, error) { return f.Rights, 1, nil }

var ctx = context.Background()

const goodPassword = "correct horse 42"

func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, open(t, d)) })
}

func open(t *testing.T, d *db.DB) *house {
	t.Helper()
	must(t, Migrate(ctx, d))
	keys, err := seal.Open(t.TempDir(), true)
	must(t, err)
	rights, err := LoadRights(catalog.Files)
	must(t, err)
	h := &house{d: d, clk: clock.NewHand(clock.Date(2026, 11, 24).Start()), keys: keys, log: &memoryLog{leaves: map[string]ledger.Leaf{}}}
	h.Service = New(d, h.clk, keys, h.log, fixedRights{rights})
	return h
}

// second is the same house on another node.
func (h *house) second() *Service { return New(h.d, h.clk, h.keys, h.log, h.lists) }

// settle makes a small county: county > street > village, county > works.
func (h *house) settle(t *testing.T) {
	t.Helper()
	sys := SystemActor()
	for _, u := range []Unit{
		{ID: "county", Name: "示例县", Kind: "government", Area: "990101"},
		{ID: "street", Parent: "county", Name: "东街道", Kind: "street", Area: "990101001"},
		{ID: "village", Parent: "street", Name: "柳村", Kind: "village", Area: "990101001201"},
		{ID: "works", Parent: "county", Name: "城市管理局", Kind: "department", Function: "urban-management"},
	} {
		_, err := h.AddUnit(ctx, sys, u)
		must(t, err)
	}
	id := h.person(t, "管理员", "admin")
	h.post(t, sys, id, "county", Administrator)
	h.admin = h.actor(t, id)
}

var testHash = sync.OnceValue(func() string { return hashPassword(goodPassword) })

func (h *house) person(t *testing.T, name, login string) string {
	t.Helper()
	p, made, err := h.AddPerson(ctx, SystemActor(), PersonDraft{Name: name, Login: login, Hash: testHash()})
	must(t, err)
	if made != "" {
		t.Fatal("a password was made although one was given")
	}
	return p.ID
}

func (h *house) post(t *testing.T, by Actor, person, unit, kind string) Post {
	t.Helper()
	p, err := h.AddPost(ctx, by, Post{Person: person, Unit: unit, Kind: kind})
	must(t, err)
	return p
}

func (h *house) actor(t *testing.T, person string) Actor {
	t.Helper()
	a, err := h.Actor(ctx, person)
	must(t, err)
	return a
}

func (h *house) clean(t *testing.T) {
	t.Helper()
	found, err := h.Verify(ctx, h.log.Leaf)
	must(t, err)
	if len(found) > 0 {
		t.Fatalf("verification finds %v", found)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wants(t *testing.T, err error, kind fault.Kind, key string) *fault.Fault {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != kind || f.Key != key {
		t.Fatalf("got %v, want %s %s", err, kind, key)
	}
	return f
}

func TestUnits(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		u, err := h.Unit(ctx, "village")
		must(t, err)
		if u.Path != "/county/street/village/" {
			t.Fatalf("path %s", u.Path)
		}
		if area, _ := h.AreaOf(ctx, "works"); area != "990101" {
			t.Fatalf("a department answers for its county's area, not %q", area)
		}
		u.Name, u.Commander = "柳树村", "works"
		must(t, h.ChangeUnit(ctx, h.admin, u))
		before := len(h.log.leaves)
		must(t, h.ChangeUnit(ctx, h.admin, u))
		if len(h.log.leaves) != before {
			t.Fatal("nothing changed, and yet an act was recorded")
		}
		worker := h.person(t, "甲", "worker")
		h.post(t, h.admin, worker, "works", "handler")
		a := h.actor(t, worker)
		if !(Relation{Name: RelCommander}).Holds(a, Subject{Unit: "village"}) || (Relation{Name: RelCommander}).Holds(a, Subject{Unit: "street"}) {
			t.Fatal("commander")
		}

		for _, c := range []struct {
			u          Unit
			key, field string
		}{
			{Unit{ID: "x", Parent: "none", Name: "x", Kind: "office"}, "identity.no_unit", "parent"},
			{Unit{ID: "x", Parent: "county", Name: "", Kind: "office"}, "identity.name_missing", "name"},
			{Unit{ID: "x", Parent: "county", Name: "a\nb", Kind: "office"}, "identity.one_line", "name"},
			{Unit{ID: "x", Parent: "county", Name: "a\xff", Kind: "office"}, "text.not_utf8", "name"},
			{Unit{ID: "x", Parent: "county", Name: "a\x00b", Kind: "office"}, "text.control", "name"},
			{Unit{ID: "x", Parent: "county", Name: strings.Repeat("长", 101), Kind: "office"}, "text.too_long", "name"},
			{Unit{ID: "x", Parent: "county", Name: "x", Kind: "castle"}, "identity.unit_kind", "kind"},
			{Unit{ID: "x%", Parent: "county", Name: "x", Kind: "office"}, "identity.unit_id", "id"},
			{Unit{ID: "x/y", Parent: "county", Name: "x", Kind: "office"}, "identity.unit_id", "id"},
			{Unit{ID: "x", Parent: "county", Name: "x", Kind: "office", Area: "99a"}, "identity.area_code", "area"},
			{Unit{ID: "x", Parent: "county", Name: "x", Kind: "office", Area: "990102"}, "identity.area_outside", "area"},
			{Unit{ID: "x", Parent: "county", Name: "x", Kind: "office", Commander: "none"}, "identity.no_unit", "commander"},
		} {
			_, err := h.AddUnit(ctx, h.admin, c.u)
			if f := wants(t, err, fault.Invalid, c.key); f.Field != c.field {
				t.Fatalf("%s at %q, want %q", c.key, f.Field, c.field)
			}
		}
		_, err = h.AddUnit(ctx, h.admin, Unit{ID: "street", Parent: "county", Name: "x", Kind: "office"})
		wants(t, err, fault.Conflict, "identity.unit_exists")
		h.clean(t)
	})
}

func TestMoveAndClose(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		var told []string
		h.OnMove(func(_ *db.Tx, old, now string) error { told = append(told, old+">"+now); return nil })
		clerk := h.person(t, "乙", "clerk")
		h.post(t, h.admin, clerk, "village", "clerk")
		wants(t, h.MoveUnit(ctx, h.admin, "street", "village"), fault.Invalid, "identity.unit_circle")
		wants(t, h.MoveUnit(ctx, h.admin, "street", "street"), fault.Invalid, "identity.unit_circle")
		_, err := h.AddUnit(ctx, h.admin, Unit{ID: "zone", Parent: "county", Name: "新区", Kind: "government"})
		must(t, err)
		must(t, h.MoveUnit(ctx, h.admin, "street", "zone"))
		if len(told) == 0 || told[len(told)-1] != "/county/street/>/county/zone/street/" {
			t.Fatalf("told %v", told)
		}
		if a := h.actor(t, clerk); a.Posts[0].UnitPath != "/county/zone/street/village/" {
			t.Fatalf("a post's path after the move: %s", a.Posts[0].UnitPath)
		}
		h.clean(t)
		f := wants(t, h.CloseUnit(ctx, h.admin, "street"), fault.Conflict, "identity.unit_has_units")
		if f.Args["n"] != 1 {
			t.Fatalf("%v", f)
		}
		must(t, h.CloseUnit(ctx, h.admin, "village"))
		if a := h.actor(t, clerk); len(a.Posts) != 0 {
			t.Fatal("a post in a closed unit counts")
		}
		if u, err := h.Unit(ctx, "village"); err != nil || u.Until == 0 {
			t.Fatal("a closed unit must stay to be named")
		}
		_, err = h.AddPost(ctx, h.admin, Post{Person: clerk, Unit: "village", Kind: "clerk"})
		wants(t, err, fault.Invalid, "identity.no_unit")
		wants(t, h.CloseUnit(ctx, h.admin, "village"), fault.Invalid, "identity.no_unit")
		h.clean(t)
	})
}

// TestNobodyWidensThemselves walks the ways in which the administrator of a
// village could try to see or rule more than the village.
func TestNobodyWidensThemselves(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		me := h.person(t, "村管理员", "village-admin")
		h.post(t, h.admin, me, "village", Administrator)
		mine := h.actor(t, me)
		village, _ := h.Unit(ctx, "village")

		wide := village
		wide.Area = ""
		wants(t, h.ChangeUnit(ctx, mine, wide), fault.Forbidden, "identity.not_administrator")
		wide = village
		wide.Commander = "works"
		wants(t, h.ChangeUnit(ctx, mine, wide), fault.Forbidden, "identity.not_administrator")
		wants(t, h.MoveUnit(ctx, mine, "village", ""), fault.Forbidden, "identity.not_administrator")
		wants(t, h.MoveUnit(ctx, mine, "village", "county"), fault.Forbidden, "identity.not_administrator")
		wants(t, h.CloseUnit(ctx, mine, "village"), fault.Forbidden, "identity.not_administrator")
		_, err := h.AddUnit(ctx, mine, Unit{Name: "根", Kind: "government"})
		wants(t, err, fault.Forbidden, "identity.not_administrator")
		_, err = h.AddUnit(ctx, mine, Unit{Parent: "street", Name: "旁", Kind: "office"})
		wants(t, err, fault.Forbidden, "identity.not_administrator")
		_, err = h.AddPost(ctx, mine, Post{Person: me, Unit: "street", Kind: "head"})
		wants(t, err, fault.Forbidden, "identity.not_administrator")
		for _, area := range []string{"99", "990101", "990101001", "990101001202"} {
			_, err = h.AddPost(ctx, mine, Post{Person: me, Unit: "village", Kind: "auditor", Area: area})
			wants(t, err, fault.Invalid, "identity.area_outside")
		}
		_, err = h.ResetPassword(ctx, mine, h.admin.Person)
		wants(t, err, fault.Forbidden, "identity.not_administrator")
		wants(t, h.ClosePerson(ctx, mine, h.admin.Person), fault.Forbidden, "identity.not_administrator")
		wants(t, h.ChangePerson(ctx, mine, h.admin.Person, "x", "xx"), fault.Forbidden, "identity.not_administrator")
		wants(t, h.RevokeAll(ctx, mine, h.admin.Person), fault.Forbidden, "identity.not_administrator")
		_, err = h.AskDeputy(ctx, mine, Deputy{Person: h.admin.Person, Deputy: me, Until: h.clk.Now().Add(time.Hour), Reason: "病假"})
		wants(t, err, fault.Forbidden, "identity.deputy_right")
		posts, _ := h.PostsOf(ctx, h.admin.Person)
		wants(t, h.EndPost(ctx, mine, posts[0].Post.ID), fault.Forbidden, "identity.not_administrator")
		report, err := h.ImportUnits(ctx, mine, strings.NewReader("id,name,kind,area\nvillage,柳村,village,\n"))
		must(t, err)
		if len(report.Bad) != 1 || report.Bad[0].Fault.Key != "identity.not_administrator" {
			t.Fatalf("import widened: %+v", report)
		}

		village.Name = "柳家村" // what is theirs, they may
		must(t, h.ChangeUnit(ctx, mine, village))
		p, err := h.AddPost(ctx, mine, Post{Person: me, Unit: "village", Kind: "clerk"})
		must(t, err)
		if p.Area != "990101001201" {
			t.Fatalf("area %s", p.Area)
		}
		nobody := Actor{Kind: Anyone}
		_, err = h.AddUnit(ctx, nobody, Unit{Parent: "county", Name: "x", Kind: "office"})
		wants(t, err, fault.Forbidden, "identity.not_administrator")
		_, _, err = h.AddPerson(ctx, nobody, PersonDraft{Name: "x", Login: "xx"})
		wants(t, err, fault.Forbidden, "identity.not_administrator")
		h.clean(t)
	})
}

func TestPosts(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		id := h.person(t, "丙", "handler")
		head := h.post(t, h.admin, id, "works", "head")
		if head.Area != "" {
			t.Fatalf("the head of a department is over %q", head.Area)
		}
		if d := h.post(t, h.admin, id, "county", "dispatcher"); d.Area != "990101" {
			t.Fatalf("a dispatcher is over %q", d.Area)
		}
		_, err := h.AddPost(ctx, h.admin, Post{Person: id, Unit: "works", Kind: "head"})
		wants(t, err, fault.Conflict, "identity.post_exists")
		_, err = h.AddPost(ctx, h.admin, Post{Person: id, Unit: "works", Kind: "king"})
		wants(t, err, fault.Invalid, "identity.no_post_kind")
		_, err = h.AddPost(ctx, h.admin, Post{Person: "none", Unit: "works", Kind: "head"})
		wants(t, err, fault.Invalid, "identity.no_person")
		now := h.clk.Now()
		_, err = h.AddPost(ctx, h.admin, Post{Person: id, Unit: "works", Kind: "handler", From: now.Add(time.Hour), Until: now})
		wants(t, err, fault.Invalid, "identity.post_until")
		later, err := h.AddPost(ctx, h.admin, Post{Person: id, Unit: "works", Kind: "handler", From: now.Add(time.Hour), Until: now.Add(2 * time.Hour)})
		must(t, err)
		for _, step := range []struct {
			after time.Duration
			posts int
		}{{0, 2}, {time.Hour - 1000, 2}, {time.Hour, 3}, {2*time.Hour - 1000, 3}, {2 * time.Hour, 2}} {
			h.clk.Set(now.Add(step.after))
			if a := h.actor(t, id); len(a.Posts) != step.posts {
				t.Fatalf("after %v %d posts, want %d", step.after, len(a.Posts), step.posts)
			}
		}
		wants(t, h.EndPost(ctx, h.admin, later.ID), fault.NotFound, "identity.no_post")
		posts, _ := h.PostsOf(ctx, h.admin.Person)
		wants(t, h.EndPost(ctx, h.admin, posts[0].Post.ID), fault.Conflict, "identity.last_administrator")
		wants(t, h.ClosePerson(ctx, h.admin, h.admin.Person), fault.Conflict, "identity.last_administrator")
		must(t, h.ClosePerson(ctx, h.admin, id))
		if _, err := h.Actor(ctx, id); !fault.Is(err, fault.NotFound) {
			t.Fatal("a closed account is still an actor")
		}
		if list, _ := h.Members(ctx, "works"); len(list) != 0 {
			t.Fatalf("members %v", list)
		}
		h.clean(t)
	})
}

// TestRevokedPostActsAtOnce: on the other node, without waiting.
func TestRevokedPostActsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		id := h.person(t, "丁", "revoked")
		post := h.post(t, h.admin, id, "works", "handler")
		other := h.second()
		token, a, err := other.SignIn(ctx, "revoked", goodPassword, "10.0.0.1")
		must(t, err)
		if len(a.Posts) != 1 || a.Grants == 0 {
			t.Fatalf("%+v", a)
		}
		must(t, h.EndPost(ctx, h.admin, post.ID))
		again, ok, err := other.session(ctx, token)
		must(t, err)
		if !ok || len(again.Posts) != 0 || again.Grants <= a.Grants {
			t.Fatalf("the revoked post still counts: %+v", again)
		}
		if (Relation{Name: RelUnit}).Holds(again, Subject{Unit: "works"}) {
			t.Fatal("relation holds")
		}
	})
}

func TestTwoAdministratorsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		id := h.person(t, "戊", "both")
		var group sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			s := h.Service
			if i%2 == 1 {
				s = h.second()
			}
			group.Go(func() {
				_, errs[i] = s.AddPost(ctx, h.admin, Post{Person: id, Unit: "works", Kind: "handler"})
			})
		}
		group.Wait()
		good := 0
		for _, err := range errs {
			if err == nil {
				good++
			} else if !fault.Is(err, fault.Conflict) {
				t.Fatal(err)
			}
		}
		if good != 1 {
			t.Fatalf("%d of the same post were made", good)
		}
		h.clean(t)
	})
}

func TestPeople(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		hostile := `<script>alert(1)</script>'; DROP TABLE identity_person; --`
		p, made, err := h.AddPerson(ctx, h.admin, PersonDraft{Name: hostile, Login: "Ｈostile"})
		must(t, err)
		if p.Login != "hostile" || len(made) != 16 || !p.MustChange {
			t.Fatalf("%+v %q", p, made)
		}
		got, err := h.Person(ctx, p.ID)
		must(t, err)
		if got.Name != hostile {
			t.Fatalf("the name came back as %q", got.Name)
		}
		_, _, err = h.AddPerson(ctx, h.admin, PersonDraft{Name: "x", Login: "HOSTILE"})
		wants(t, err, fault.Conflict, "identity.login_taken")
		for login, key := range map[string]string{
			"a": "identity.login_form", "a b": "identity.login_form", "a\xff": "text.not_utf8", "a\x00b": "text.control",
			"'or 1=1": "identity.login_form", "": "identity.login_form", "<b>": "identity.login_form", strings.Repeat("a", 65): "text.too_long",
		} {
			_, _, err := h.AddPerson(ctx, h.admin, PersonDraft{Name: "x", Login: login})
			wants(t, err, fault.Invalid, key)
		}
		for _, words := range []string{"SCRIPT", "drop table", "hos"} {
			if list, err := h.People(ctx, words, "", 10); err != nil || len(list) != 1 {
				t.Fatalf("%q finds %v %v", words, list, err)
			}
		}
		for _, words := range []string{"%", "_", `\`, "' OR 1=1"} {
			if list, err := h.People(ctx, words, "", 10); err != nil || len(list) != 0 && words != "_" {
				t.Fatalf("%q finds %v %v", words, list, err)
			}
		}
		if names, err := h.Names(ctx, []string{p.ID, "none"}); err != nil || names[p.ID] != hostile || len(names) != 1 {
			t.Fatalf("names %v %v", names, err)
		}
		must(t, h.ChangePerson(ctx, h.admin, p.ID, "王一", "wang"))
		wants(t, h.ChangePerson(ctx, h.admin, p.ID, "王一", "admin"), fault.Conflict, "identity.login_taken")
		must(t, h.ClosePerson(ctx, h.admin, p.ID))
		wants(t, h.ChangePerson(ctx, h.admin, p.ID, "王二", "wang"), fault.Conflict, "identity.person_closed")
		h.clean(t)

		must(t, h.Erase(ctx, h.admin, p.ID))
		found, err := h.Verify(ctx, h.log.Leaf)
		must(t, err)
		if len(found) != 3 {
			t.Fatalf("%v", found)
		}
		for _, f := range found {
			if f.Kind != ActErased {
				t.Fatalf("an erased account reads as %v", f)
			}
		}
		var n int
		must(t, h.d.Reader().Row(ctx, `SELECT COUNT(*) FROM identity_act WHERE fields LIKE '%wang%' OR fields LIKE '%script%'`).Scan(&n))
		if n != 0 {
			t.Fatal("the name was not erased")
		}
	})
}
