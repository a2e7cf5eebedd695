package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// record is a room for tests: it keeps how often each act took effect, or up to
// which leaf each case was read, and is spoilt at will.
type record struct {
	name  string
	byAct bool
	d     *db.DB
	spoil func(place string, d Due) error // in "begin", "prepare" and "write"
	anew  atomic.Bool
}

func (r *record) reader() Reader {
	return Reader{Name: r.name, ByAct: r.byAct, AtOnce: 8, Begin: r.begin, Clear: r.clear, Log: slog.New(slog.DiscardHandler)}
}

func (r *record) begin(_ context.Context, list []Due) (Round, error) {
	if r.anew.CompareAndSwap(true, false) {
		return nil, ErrAnew
	}
	return recordRound{r}, r.fails("begin", Due{})
}

func (r *record) fails(place string, d Due) error {
	if r.spoil == nil {
		return nil
	}
	return r.spoil(place, d)
}

func (r *record) clear(tx *db.Tx) error {
	_, err := tx.Exec(`DELETE FROM test_effect WHERE reader = $1`, r.name)
	return err
}

type recordRound struct{ *record }

// Prepare has nothing to write of every eleventh act.
func (r recordRound) Prepare(_ context.Context, d Due) (bool, error) {
	return !r.byAct || d.First%11 != 0, r.fails("prepare", d)
}

func (r recordRound) Write(tx *db.Tx, list []Due) error {
	for _, d := range list {
		text := `INSERT INTO test_effect(reader, item, times, upto) VALUES ($1, $2, 1, $3)
			ON CONFLICT (reader, item) DO UPDATE SET times = test_effect.times + 1, upto = excluded.upto`
		item, reader := d.Case, r.reader()
		if r.byAct {
			item = reader.item(d)
		}
		if _, err := tx.Exec(text, r.name, item, d.Last); err != nil {
			return err
		}
		if err := r.fails("write", d); err != nil {
			return err
		}
	}
	return nil
}

func (r recordRound) Park(tx *db.Tx, d Due) error {
	if r.byAct {
		return nil
	}
	_, err := tx.Exec(`DELETE FROM test_effect WHERE reader = $1 AND item = $2`, r.name, d.Case)
	return err
}

func effects(t *testing.T, d *db.DB) {
	exec(t, d, `CREATE TABLE test_effect (reader TEXT NOT NULL, item TEXT NOT NULL, times BIGINT NOT NULL, upto BIGINT NOT NULL, PRIMARY KEY (reader, item))`)
}

// wants holds what a record has to exactly what the log says; parked are the
// items that must be missing.
func (r *record) wants(t *testing.T, s *Service, parked ...string) {
	t.Helper()
	refs, err := s.refs(ctx, 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{}
	for _, d := range due(refs, r.byAct) {
		switch {
		case r.byAct && d.First%11 != 0:
			want[d.Act] = d.Last
		case !r.byAct:
			want[d.Case] = d.Last
		}
	}
	for _, item := range parked {
		delete(want, item)
	}
	rows, err := r.d.Reader().Rows(ctx, `SELECT item, times, upto FROM test_effect WHERE reader = $1`, r.name)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var item string
		var times, upto int64
		if err := rows.Scan(&item, &times, &upto); err != nil {
			t.Fatal(err)
		}
		if want[item] != upto || r.byAct && times != 1 {
			t.Errorf("%s: %s took effect %d times up to leaf %d, wanted up to %d", r.name, item, times, upto, want[item])
		}
		delete(want, item)
	}
	for item := range want {
		t.Errorf("%s: %s was missed", r.name, item)
	}
}

// Every act takes effect once for every reader, whatever fails, whoever dies in
// the middle and however many nodes read; what stays poisonous is parked alone.
func TestFollowersMissNothingAndDoNothingTwice(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
		effects(t, d)
		names := []string{"by-case", "by-act", "another", "acts-again"}
		poison := map[string]bool{"case-3": true} // for the first of them
		var calm atomic.Bool
		node := func(seed uint64) []*Follower {
			var mu sync.Mutex
			rnd := rand.New(rand.NewPCG(seed, 1))
			n := New(d, c, s.key, Options{})
			var out []*Follower
			for i, name := range names {
				r := &record{name: name, byAct: strings.Contains(name, "act"), d: d}
				r.spoil = func(place string, d Due) error {
					mu.Lock()
					defer mu.Unlock()
					switch {
					case i == 0 && place != "begin" && poison[d.Case]:
						return errors.New("poison")
					case calm.Load() || place != "begin":
						return nil
					case rnd.IntN(12) == 0:
						r.anew.Store(rnd.IntN(4) == 0)
						return nil
					case rnd.IntN(6) == 0:
						return errors.New("a bad moment")
					}
					return nil
				}
				out = append(out, n.Follower(r.reader()))
			}
			return out
		}
		var work sync.WaitGroup
		for i := range 4 { // nodes that read, die in the middle and come back
			work.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(i), 7))
				for !calm.Load() {
					dies, cancel := context.WithTimeout(ctx, time.Duration(rnd.IntN(40))*time.Millisecond)
					list := node(rnd.Uint64())
					if i%2 == 0 { // in lockstep
						for dies.Err() == nil {
							at, size, err := s.stands(dies)
							if err != nil {
								break
							}
							for _, group := range behind(list, at, size) {
								_, _ = s.together(dies, at[group[0].Name()], 1+rnd.IntN(60), group)
							}
						}
					} else {
						for dies.Err() == nil {
							_, _ = list[rnd.IntN(len(list))].Follow(dies)
						}
					}
					cancel()
				}
			})
		}
		for range 25 {
			queue(t, d, s, 1+int(serial.Load())%37)
			sequence(t, s)
			time.Sleep(8 * time.Millisecond)
		}
		calm.Store(true)
		work.Wait()
		for i, f := range node(99) {
			for {
				st, err := f.Standing(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if st.Behind == 0 {
					break
				}
				if _, err := f.Follow(ctx); err != nil {
					t.Fatal(err)
				}
			}
			parked, err := f.Parked(ctx, 10)
			if err != nil {
				t.Fatal(err)
			}
			r := &record{name: names[i], byAct: strings.Contains(names[i], "act"), d: d}
			if i == 0 {
				if len(parked) != 1 || parked[0].Case != "case-3" || parked[0].Problem != "poison" || parked[0].Tries < 1 {
					t.Errorf("parked %+v", parked)
				}
				r.wants(t, s, "case-3")
				continue
			}
			if len(parked) != 0 {
				t.Errorf("%s parked %+v", names[i], parked)
			}
			r.wants(t, s)
		}
	})
}

// A parked case is tried again and with its next act; what can be written alone
// is not parked with the one that cannot.
func TestParkedComesBack(t *testing.T) {
	for _, byAct := range []bool{false, true} {
		for _, place := range []string{"prepare", "write"} {
			each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
				effects(t, d)
				queue(t, d, s, 40)
				sequence(t, s)
				refs, err := s.refs(ctx, 0, 100)
				if err != nil {
					t.Fatal(err)
				}
				var sick atomic.Bool
				sick.Store(true)
				r := &record{name: "r", byAct: byAct, d: d}
				reader := r.reader()
				bad := reader.item(Due{Case: refs[17].Case, Act: refs[17].ID})
				r.spoil = func(at string, d Due) error {
					if sick.Load() && at == place && reader.item(d) == bad {
						return errors.New(strings.Repeat("毒", 1000))
					}
					return nil
				}
				f := s.Follower(reader)
				if n, err := f.Follow(ctx); n != 40 || err != nil {
					t.Fatal(n, err)
				}
				r.wants(t, s, bad)
				parked, err := f.Parked(ctx, 10)
				if err != nil || len(parked) != 1 || reader.item(parked[0].due()) != bad || parked[0].Tries != 1 || len([]rune(parked[0].Problem)) != longestProblem {
					t.Fatalf("%+v %v", parked, err)
				}
				if n, err := f.Retry(ctx, 10); n != 0 || err != nil {
					t.Fatal(n, err)
				}
				if parked, err = f.Parked(ctx, 10); err != nil || len(parked) != 1 || parked[0].Tries != 2 {
					t.Fatalf("%+v %v", parked, err)
				}
				if st, err := f.Standing(ctx); err != nil || st != (Standing{"r", 0, 1}) {
					t.Fatalf("%+v %v", st, err)
				}
				sick.Store(false)
				if !byAct {
					queue(t, d, s, 20) // its next act frees it
					sequence(t, s)
					if _, err := f.Follow(ctx); err != nil {
						t.Fatal(err)
					}
				} else if n, err := f.Retry(ctx, 10); n != 1 || err != nil {
					t.Fatal(n, err)
				}
				if st, err := f.Standing(ctx); err != nil || st != (Standing{"r", 0, 0}) {
					t.Fatalf("%+v %v", st, err)
				}
				r.wants(t, s)
				if err := f.Rebuild(ctx); err != nil {
					t.Fatal(err)
				}
				r.wants(t, s)
				r.anew.Store(true)
				queue(t, d, s, 1)
				sequence(t, s)
				if n, err := f.Follow(ctx); err != nil || n < 41 {
					t.Fatal(n, err)
				}
				r.wants(t, s)
			})
		}
	}
}

// A number that is missing stops readers, and one reader's fault stops no other.
func TestGapAndFaultOfOne(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
		effects(t, d)
		queue(t, d, s, 40)
		sequence(t, s)
		good, bad := &record{name: "good", d: d}, &record{name: "bad", d: d, spoil: func(string, Due) error { return errors.New("no") }}
		list := []*Follower{s.Follower(bad.reader()), s.Follower(good.reader())}
		bad.spoil = func(place string, _ Due) error {
			if place == "begin" {
				return errors.New("no")
			}
			return nil
		}
		done, err := s.together(ctx, 0, 100, list)
		if err != nil || done[0].err == nil || done[1].err != nil || done[0].from != 0 || done[1].from != 40 {
			t.Fatal(done, err)
		}
		good.wants(t, s)
		exec(t, d, `UPDATE ledger_leaf SET number = 99 WHERE number = 20`)
		exec(t, d, `UPDATE ledger_cursor SET number = 15`)
		if _, err := list[1].Follow(ctx); fault.Of(err).Key != "ledger.gap" {
			t.Fatalf("a gap was read over: %v", err)
		}
	})
}

// RunReaders follows what is numbered here and, with a second node, hands over
// where the first one ends; a reader that is new catches up beside the others.
func TestRunReaders(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
		effects(t, d)
		queue(t, d, s, 300)
		sequence(t, s)
		var started, tended atomic.Int64
		run := func(n *Service, names ...string) (stop func()) {
			var list []*Follower
			for _, name := range names {
				reader := (&record{name: name, byAct: name == "acts", d: d}).reader()
				reader.Start = func(context.Context) error {
					if started.Add(1) == 1 {
						return errors.New("not yet")
					}
					return nil
				}
				reader.Tend = func(context.Context) error { tended.Add(1); return nil }
				list = append(list, n.Follower(reader))
			}
			run, cancel := context.WithCancel(ctx)
			var jobs sync.WaitGroup
			jobs.Go(func() { n.RunReaders(run, list...) })
			jobs.Go(func() { n.Run(run) })
			return func() { cancel(); jobs.Wait() }
		}
		read := func(names ...string) {
			t.Helper()
			for until := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
				at, size, err := s.stands(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.ContainsFunc(names, func(n string) bool { return at[n] < size }) {
					break
				}
				if time.Now().After(until) {
					t.Fatalf("after 30 s they stand at %v of %d", at, size)
				}
			}
			for _, name := range names {
				(&record{name: name, byAct: name == "acts", d: d}).wants(t, s)
			}
		}
		stop := run(s, "cases", "acts")
		read("cases", "acts")
		queue(t, d, s, 50)
		sequence(t, s)
		read("cases", "acts")
		other := run(New(d, c, s.key, Options{}), "cases", "acts", "late")
		stop()
		c.Advance(10 * time.Second)
		read("cases", "acts", "late")
		queue(t, d, s, 50)
		sequence(t, s)
		read("cases", "acts", "late")
		other()
		if tended.Load() == 0 {
			t.Error("nobody tended")
		}
	})
}

func TestRoundsOfTheLog(t *testing.T) {
	ref := func(n int64, c string) Ref { return Ref{Number: n, ID: fmt.Sprint("a", n), Kind: "act", Case: c} }
	refs := []Ref{ref(5, "x"), ref(6, "y"), {Number: 7, ID: "e", Kind: "edition"}, ref(8, "x"), ref(9, "z")}
	if got := due(refs, false); !slices.Equal(got, []Due{{"x", "a8", 5, 8}, {"y", "a6", 6, 6}, {"z", "a9", 9, 9}}) {
		t.Errorf("by case %v", got)
	}
	if got := due(refs, true); len(got) != 4 || got[2] != (Due{"x", "a8", 8, 8}) {
		t.Errorf("by act %v", got)
	}
	var many []Ref
	for i := range int64(100) {
		many = append(many, ref(i, fmt.Sprint(i/2)))
	}
	if got := stretches(many); !slices.Equal(got, []int64{31, 63, 95, 100}) {
		t.Errorf("stretches end at %v", got)
	}
	if got := fewer(many, 10); len(got) != 20 {
		t.Errorf("%d leaves of ten cases", len(got))
	}
	if got := fewer(refs, 10); len(got) != len(refs) {
		t.Errorf("%d leaves of few cases", len(got))
	}
	for _, c := range []struct {
		behind int64
		since  time.Duration
		want   time.Duration
	}{{1, 0, 0}, {busyLeaves, 0, busyGather}, {busyLeaves, busyGather / 2, busyGather / 2}, {busyLeaves, time.Hour, 0}, {mostLeaves, 0, 0}} {
		if got := gather(c.behind, c.since); got != c.want {
			t.Errorf("%d leaves behind, the last round %v ago: waits %v, wanted %v", c.behind, c.since, got, c.want)
		}
	}
}
