package edition

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
)

var (
	ctx   = context.Background()
	start = clock.Date(2026, 11, 24).Start()
)

type house struct {
	d   *db.DB
	clk *clock.Hand
	log *ledger.Service
}

// node opens one more node on the same database.
func (h house) node() *Service {
	s := New(h.d, h.clk, h.log)
	s.OnCheck(func(files fs.FS) (out []Problem) {
		_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
			if d.IsDir() {
				return nil
			}
			raw, _ := fs.ReadFile(files, name)
			for i, l := range strings.Split(string(raw), "\n") {
				if strings.Contains(l, "bad") {
					out = append(out, Problem{name, i + 1, "bad word"})
				}
				if strings.Contains(l, "panic") {
					panic(l)
				}
			}
			return nil
		})
		return out
	})
	return s
}

func each(t *testing.T, fn func(t *testing.T, h house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, err := range []error{ledger.Migrate(ctx, d), Migrate(ctx, d)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		key, err := ledger.OpenKey(t.TempDir(), "linli.test/log", true)
		if err != nil {
			t.Fatal(err)
		}
		c := clock.NewHand(start)
		fn(t, house{d, c, ledger.New(d, c, key, ledger.Options{})})
	})
}

func seed(files ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		out[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return out
}

func contentOf(t testing.TB, s *Service, number int64) map[string]string {
	t.Helper()
	files, err := s.Files(ctx, number)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := gather(files)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for name, b := range raw {
		out[name] = string(b)
	}
	return out
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func begin(t testing.TB, h house, files fstest.MapFS) *Service {
	t.Helper()
	s := h.node()
	if err := s.Start(ctx, files); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSeedPublishUpgrade(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		first := seed("law/a.yaml", "a1", "law/b.yaml", "b1", "law/c.yaml", "c1", "law/e.yaml", "")
		s := begin(t, h, first)
		if s.Current() != 1 {
			t.Fatalf("current %d", s.Current())
		}
		if s = begin(t, h, first); s.Current() != 1 {
			t.Fatalf("the same seed twice gives edition %d", s.Current())
		}
		h.clk.Advance(1e9)
		e, err := s.Publish(ctx, map[string][]byte{"law/b.yaml": []byte("county"), "law/c.yaml": nil, "duty/d.csv": []byte("own")}, "person", " because ")
		if err != nil || e.Number != 2 || e.Reason != "because" || e.By != "person" || e.Published != h.clk.Now() {
			t.Fatalf("%+v %v", e, err)
		}
		want := map[string]string{"law/a.yaml": "a1", "law/b.yaml": "county", "duty/d.csv": "own", "law/e.yaml": ""}
		if diff := cmp.Diff(want, contentOf(t, h.node(), 2)); diff != "" {
			t.Fatal(diff)
		}

		// A newer program: its files come, the county's stay on top.
		s = begin(t, h, seed("law/a.yaml", "a2", "law/b.yaml", "b2", "law/c.yaml", "c2", "law/new.yaml", "n2"))
		if s.Current() != 3 {
			t.Fatalf("current %d", s.Current())
		}
		want = map[string]string{"law/a.yaml": "a2", "law/b.yaml": "county", "duty/d.csv": "own", "law/new.yaml": "n2"}
		if diff := cmp.Diff(want, contentOf(t, h.node(), 3)); diff != "" {
			t.Fatal(diff)
		}
		list := must[[]File](t)(s.List(ctx, 3))
		var got []string
		for _, f := range list {
			got = append(got, fmt.Sprint(f.Path, " ", f.Source, " ", f.Hash != "", " ", f.Beneath != ""))
		}
		if diff := cmp.Diff([]string{"duty/d.csv county true false", "law/a.yaml seed true false", "law/b.yaml county true true",
			"law/c.yaml county false true", "law/new.yaml seed true false"}, got); diff != "" {
			t.Fatal(diff)
		}
		if raw := must[[]byte](t)(s.Beneath(ctx, 3, "law/b.yaml")); string(raw) != "b2" {
			t.Fatalf("beneath %q", raw)
		}

		// Back to the program's own file, and a program that gives up a file.
		e = must[Edition](t)(s.Publish(ctx, map[string][]byte{"law/b.yaml": []byte("b2"), "law/c.yaml": []byte("c2")}, "person", "back"))
		s = begin(t, h, seed("law/b.yaml", "b3", "law/c.yaml", "c3"))
		want = map[string]string{"law/b.yaml": "b3", "law/c.yaml": "c3", "duty/d.csv": "own"}
		if diff := cmp.Diff(want, contentOf(t, s, 5)); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(map[string]string{"law/a.yaml": "a1", "law/b.yaml": "b1", "law/c.yaml": "c1", "law/e.yaml": ""}, contentOf(t, h.node(), 1)); diff != "" {
			t.Fatal("edition 1 changed:", diff)
		}

		history := must[[]Edition](t)(s.History(ctx, 0, 2))
		more := must[[]Edition](t)(s.History(ctx, 4, 10))
		if len(history) != 2 || history[0].Number != 5 || history[0].Reason != ReasonUpgrade || history[0].By != System || len(more) != 3 || more[2].Reason != ReasonSeed {
			t.Fatalf("%+v %+v", history, more)
		}
		if found := must[[]ledger.Finding](t)(s.Verify(ctx)); len(found) > 0 {
			t.Fatalf("%+v", found)
		}
	})
}

func TestEditionIsProvedAndMovesTheEpoch(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		s := begin(t, h, seed("law/a.yaml", "a"))
		e := must[Edition](t)(s.Publish(ctx, map[string][]byte{"law/a.yaml": []byte("b")}, "person", "why"))
		epochs, err := h.d.Epochs(ctx)
		if err != nil || epochs[Epoch] != 2 {
			t.Fatalf("%v %v", epochs, err)
		}
		if n, err := h.log.Sequence(ctx); err != nil || n != 2 {
			t.Fatalf("%d %v", n, err)
		}
		p, err := h.log.Proof(ctx, e.Leaf)
		if err != nil {
			t.Fatal(err)
		}
		env, list, err := ledger.ParseLeaf([]byte(p.Leaf))
		if err != nil || env.Kind != Kind || env.From != "1" || env.To != "2" || len(list) != 4 {
			t.Fatalf("%+v %v %v", env, list, err)
		}
		if strings.Contains(p.Leaf, "person") || strings.Contains(p.Leaf, "why") {
			t.Errorf("the leaf names a person: %s", p.Leaf)
		}
		if err := ledger.VerifyProof(p, ledger.LeafHash([]byte(p.Leaf)), h.log.Key().Verifier()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestBadCatalogueChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		if err := h.node().Start(ctx, seed("law/a.yaml", "bad seed")); len(ProblemsOf(err)) != 1 {
			t.Fatalf("bad seed: %v", err)
		}
		s := begin(t, h, seed("law/a.yaml", "a"))
		_, err := s.Publish(ctx, map[string][]byte{"law/z.yaml": []byte("x\nbad"), "law/a.yaml": []byte("bad\nbad")}, "person", "why")
		want := []Problem{{"law/a.yaml", 1, "bad word"}, {"law/a.yaml", 2, "bad word"}, {"law/z.yaml", 2, "bad word"}}
		if diff := cmp.Diff(want, ProblemsOf(err)); diff != "" || !fault.Is(err, fault.Invalid) || fault.Of(err).Key != "edition.bad_catalogue" {
			t.Fatalf("%v %s", err, diff)
		}
		if _, err := s.Publish(ctx, map[string][]byte{"law/z.yaml": []byte("panic")}, "person", "why"); len(ProblemsOf(err)) != 1 {
			t.Fatalf("panicking checker: %v", err)
		}
		for name, c := range map[string]struct {
			change  map[string][]byte
			by, why string
			key     string
		}{
			"no reason":        {map[string][]byte{"x": {}}, "person", " ", "edition.no_reason"},
			"nobody":           {map[string][]byte{"x": {}}, "", "why", "edition.no_publisher"},
			"control":          {map[string][]byte{"x": {}}, "person", "a\x00b", "text.control"},
			"nothing":          {nil, "person", "why", "edition.nothing_changed"},
			"the same":         {map[string][]byte{"law/a.yaml": []byte("a")}, "person", "why", "edition.nothing_changed"},
			"path":             {map[string][]byte{"../x": {}}, "person", "why", "edition.bad_path"},
			"not there":        {map[string][]byte{"law/x.yaml": nil}, "person", "why", "edition.no_file"},
			"too large":        {map[string][]byte{"law/x.yaml": make([]byte, MostBytes+1)}, "person", "why", "edition.too_large"},
			"a file as folder": {map[string][]byte{"law/a.yaml/x": {}}, "person", "why", "edition.file_and_folder"},
			"a folder as file": {map[string][]byte{"law": {}}, "person", "why", "edition.file_and_folder"},
		} {
			if _, err := s.Publish(ctx, c.change, c.by, c.why); fault.Of(err) == nil || fault.Of(err).Key != c.key {
				t.Errorf("%s: %v", name, err)
			}
		}
		// An upgrade whose seed does not go with the county's files.
		up := h.node()
		if err := up.Start(ctx, seed("law/a.yaml", "bad")); ProblemsOf(err) == nil || up.Current() != 1 {
			t.Fatalf("bad upgrade: %v, current %d", err, up.Current())
		}
		if n, err := h.log.Sequence(ctx); err != nil || n != 1 {
			t.Fatalf("%d leaves, %v", n, err)
		}
		if contentOf(t, s, 1)["law/a.yaml"] != "a" || s.Current() != 1 || must[int64](t)(s.highest(ctx)) != 1 {
			t.Fatal("something changed")
		}
		var stored int
		if err := h.d.Reader().Row(ctx, `SELECT COUNT(*) FROM edition_content`).Scan(&stored); err != nil || stored != 1 {
			t.Fatalf("%d contents, %v", stored, err)
		}
	})
}

func TestSecondPublisherIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		a := begin(t, h, seed("law/a.yaml", "a"))
		b := begin(t, h, seed("law/a.yaml", "a"))
		must[Edition](t)(a.PublishOn(ctx, 1, map[string][]byte{"law/x.yaml": []byte("x")}, "person", "why"))
		if _, err := b.PublishOn(ctx, 1, map[string][]byte{"law/y.yaml": []byte("y")}, "person", "why"); !fault.Is(err, fault.Stale) {
			t.Fatalf("looked at edition 1: %v", err)
		}
		// The race itself: both prepared on edition 2.
		var wg sync.WaitGroup
		var good, late atomic.Int64
		var prepared sync.WaitGroup
		prepared.Add(8)
		for i := range 8 {
			s := []*Service{a, b}[i%2]
			wg.Go(func() {
				on, c, err := s.candidate(ctx, 0, map[string][]byte{fmt.Sprint("law/", i): []byte("same content")})
				prepared.Done()
				prepared.Wait()
				if err != nil {
					t.Error(err)
					return
				}
				switch _, err := s.publish(ctx, on, c, on.seed, "person", "why"); {
				case err == nil:
					good.Add(1)
				case fault.Is(err, fault.Stale):
					late.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if good.Load() != 1 || late.Load() != 7 {
			t.Fatalf("%d published, %d refused", good.Load(), late.Load())
		}
		for _, s := range []*Service{a, b} {
			if err := s.Refresh(ctx); err != nil || s.Current() != 3 {
				t.Fatalf("current %d %v", s.Current(), err)
			}
		}
		if n, err := h.log.Sequence(ctx); err != nil || n != 3 {
			t.Fatalf("%d leaves %v", n, err)
		}
	})
}

func TestNodesThatStartAtOnceMakeOneEdition(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		for _, files := range []fstest.MapFS{seed("law/a.yaml", "a"), seed("law/a.yaml", "b")} {
			var wg sync.WaitGroup
			for range 6 {
				wg.Go(func() {
					if err := h.node().Start(ctx, files); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		if n := must[int64](t)(h.node().highest(ctx)); n != 2 {
			t.Fatalf("%d editions", n)
		}
	})
}

func TestDifferenceAndPreview(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		s := begin(t, h, seed("law/a.yaml", "one\ntwo\nthree\n", "law/gone.yaml", "x\n", "law/same.yaml", "s"))
		change := map[string][]byte{"law/a.yaml": []byte("one\n2\nthree\n"), "law/gone.yaml": nil, "duty/new.csv": []byte("n\n"), "duty/picture.png": {0xff, 0}}
		seen, problems, err := s.Preview(ctx, change)
		if err != nil || problems != nil {
			t.Fatalf("%v %v", problems, err)
		}
		must[Edition](t)(s.Publish(ctx, change, "person", "why"))
		got := must[[]Change](t)(s.Difference(ctx, 1, 2))
		if diff := cmp.Diff(seen, got); diff != "" {
			t.Fatal("preview differs:", diff)
		}
		want := []Change{
			{"duty/new.csv", Added, County, [][]Line{{{'+', 0, 1, "n"}}}},
			{"duty/picture.png", Added, County, nil},
			{"law/a.yaml", Changed, County, [][]Line{{{' ', 1, 1, "one"}, {'-', 2, 0, "two"}, {'+', 0, 2, "2"}, {' ', 3, 3, "three"}}}},
			{"law/gone.yaml", Removed, Seed, [][]Line{{{'-', 1, 0, "x"}}}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if _, err := s.Difference(ctx, 1, 9); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
		if seen, problems, _ := s.Preview(ctx, map[string][]byte{"law/a.yaml": []byte("bad")}); len(problems) != 1 || len(seen) != 1 {
			t.Errorf("%v %v", seen, problems)
		}
	})
}

func TestCompiledIsBuiltOnceAndShared(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		s := begin(t, h, seed("text/en/a.yaml", "a", "law/a.yaml", "a"))
		var builds atomic.Int64
		texts := Compile(s, func(files fs.FS) (string, error) {
			builds.Add(1)
			names, err := fs.Glob(files, "text/*/*.yaml")
			var all bytes.Buffer
			for _, n := range names {
				raw, err := fs.ReadFile(files, n)
				if err != nil {
					return "", err
				}
				if all.Write(raw); string(raw) == "broken" {
					return "", errors.New("broken")
				}
			}
			return all.String(), err
		})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if v, n, err := texts.Now(ctx); v != "a" || n != 1 || err != nil {
					t.Error(v, n, err)
				}
			})
		}
		wg.Wait()
		publish := func(name, content string) {
			must[Edition](t)(s.Publish(ctx, map[string][]byte{name: []byte(content)}, "person", "why"))
		}
		publish("law/a.yaml", "b") // 2: the texts are what they were
		if v, n, err := texts.Now(ctx); v != "a" || n != 2 || err != nil || builds.Load() != 1 {
			t.Fatal(v, n, err, builds.Load())
		}
		publish("text/en/b.yaml", "b")      // 3: one text more
		publish("text/en/a.yaml", "broken") // 4
		publish("text/en/a.yaml", "c")      // 5
		for number, want := range map[int64]string{1: "a", 2: "a", 3: "ab", 5: "cb"} {
			if v, err := texts.At(ctx, number); v != want || err != nil {
				t.Errorf("%d: %q %v", number, v, err)
			}
		}
		if _, err := texts.At(ctx, 4); err == nil {
			t.Error("a failed build gave a value")
		}
		if v, n, err := texts.Now(ctx); v != "cb" || n != 5 || err != nil || builds.Load() != 4 {
			t.Error(v, n, err, builds.Load())
		}
		for _, n := range []int64{0, 6, -1} {
			if _, err := texts.At(ctx, n); !fault.Is(err, fault.NotFound) {
				t.Errorf("%d: %v", n, err)
			}
		}
	})
}

func TestMemoryOfManyEditionsIsBounded(t *testing.T) {
	d := dbtest.SQLite(t)
	for _, err := range []error{ledger.Migrate(ctx, d), Migrate(ctx, d)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c := clock.NewHand(start)
	s := New(d, c, ledger.New(d, c, nil, ledger.Options{}))
	if err := s.Start(ctx, seed("law/a.yaml", "0")); err != nil {
		t.Fatal(err)
	}
	value := Compile(s, func(files fs.FS) (string, error) {
		raw, err := fs.ReadFile(files, "law/a.yaml")
		return string(raw), err
	})
	for i := range mostKept + 20 {
		must[Edition](t)(s.Publish(ctx, map[string][]byte{"law/a.yaml": fmt.Append(nil, i+1)}, "person", "why"))
		if v, _, err := value.Now(ctx); v != fmt.Sprint(i+1) || err != nil {
			t.Fatal(v, err)
		}
	}
	if len(s.kept) > mostKept || len(value.kept) > mostKept {
		t.Fatalf("%d editions, %d values", len(s.kept), len(value.kept))
	}
	if v, err := value.At(ctx, 1); v != "0" || err != nil {
		t.Fatal(v, err)
	}
}

func TestVerifyNamesTampering(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		s := begin(t, h, seed("law/a.yaml", "a", "law/b.yaml", "b"))
		must[Edition](t)(s.Publish(ctx, map[string][]byte{"law/a.yaml": []byte("county")}, "person", "why"))
		must[Edition](t)(s.Publish(ctx, map[string][]byte{"law/a.yaml": []byte("later")}, "person", "why"))
		exec := func(text string, args ...any) {
			t.Helper()
			if err := h.d.Commit(ctx, func(tx *db.Tx) error { _, err := tx.Exec(text, args...); return err }); err != nil {
				t.Fatal(err)
			}
		}
		exec(`UPDATE edition_content SET content = $1 WHERE hash = $2`, []byte("B"), hashOf([]byte("b")))
		exec(`DELETE FROM edition_content WHERE hash = $1`, hashOf([]byte("county")))
		exec(`UPDATE edition_edition SET by_whom = 'other' WHERE number = 3`)
		exec(`UPDATE edition_file SET hash = $1 WHERE edition = 3 AND path = 'law/b.yaml'`, hashOf([]byte("a")))
		var got []string
		for _, f := range must[[]ledger.Finding](t)(s.Verify(ctx)) {
			got = append(got, fmt.Sprint(f.Kind, " ", f.Args["edition"], " ", f.Args["path"]))
		}
		want := []string{"content_changed 1 law/b.yaml", "content_changed 2 law/a.yaml", "edition_changed 3 <nil>", "leaf_differs 3 <nil>"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		for _, n := range []int64{1, 2, 3} { // a node without them in memory serves none of it
			if _, err := h.node().Files(ctx, n); fault.Of(err) == nil || fault.Of(err).Key != "edition.damaged" {
				t.Errorf("%d: %v", n, err)
			}
		}
		exec(`DELETE FROM edition_edition WHERE number = 2`)
		exec(`DELETE FROM ledger_leaf WHERE kind = 'edition'`)
		found := must[[]ledger.Finding](t)(s.Verify(ctx))
		if fmt.Sprint(found[0].Kind, found[1].Kind, found[2].Kind) != fmt.Sprint(ContentChanged, LeafMissing, EditionMissing) {
			t.Fatalf("%+v", found)
		}
	})
}
