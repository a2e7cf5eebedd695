package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/tlog"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

var (
	ctx   = context.Background()
	start = clock.Date(2026, 11, 24).Start()
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// each runs fn on both databases with a service on a hand-set clock.
func each(t *testing.T, fn func(t *testing.T, d *db.DB, s *Service, c *clock.Hand)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := Migrate(ctx, d); err != nil {
			t.Fatal(err)
		}
		c := clock.NewHand(start)
		fn(t, d, New(d, c, testKey(t), Options{}), c)
	})
}

var serial atomic.Int64

func leafAt(at clock.Instant) Leaf {
	n := serial.Add(1)
	return NewLeaf(Envelope{ID: db.NewID(at), Kind: "act", Case: fmt.Sprintf("case-%d", n%7), Procedure: "test", Act: "do", Recorded: at + clock.Instant(n)},
		[]Field{{"note", Commit([16]byte{byte(n)}, "note", []byte("plain"))}})
}

func queue(t testing.TB, d *db.DB, s *Service, n int) []Leaf {
	t.Helper()
	out := make([]Leaf, n)
	err := d.Commit(ctx, func(tx *db.Tx) error {
		for i := range out {
			out[i] = leafAt(s.clk.Now())
			if err := s.Queue(tx, out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sequence(t testing.TB, s *Service) (sum int) {
	t.Helper()
	for {
		n, err := s.Sequence(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return sum
		}
		sum += n
	}
}

func sound(t testing.TB, s *Service, against string) Report {
	t.Helper()
	r, err := s.Verify(ctx, against, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Sound() {
		t.Fatalf("not sound: %+v", r.Findings)
	}
	return r
}

func exec(t testing.TB, d *db.DB, text string, args ...any) {
	t.Helper()
	err := d.Commit(ctx, func(tx *db.Tx) error { _, err := tx.Exec(text, args...); return err })
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func TestFromQueueToProof(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
		if _, err := s.Checkpoint(ctx); !fault.Is(err, fault.NotFound) {
			t.Errorf("empty log: %v", err)
		}
		sound(t, s, "")
		leaves := queue(t, d, s, 3)
		if _, err := s.Proof(ctx, leaves[0].ID); fault.Of(err).Key != "ledger.not_yet" {
			t.Errorf("waiting leaf: %v", err)
		}
		if _, err := s.Proof(ctx, "none"); fault.Of(err).Key != "ledger.no_leaf" {
			t.Errorf("no leaf: %v", err)
		}
		if n := sequence(t, s); n != 3 {
			t.Fatalf("numbered %d", n)
		}
		first, err := s.Checkpoint(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 { // sizes that cross tiles and end anywhere
			leaves = append(leaves, queue(t, d, s, 133)...)
			sequence(t, s)
		}
		for _, i := range []int{0, 1, 2, 255, 256, 257, 511, 512, len(leaves) - 1} {
			p, err := s.Proof(ctx, leaves[i].ID)
			if err != nil {
				t.Fatal(err)
			}
			if p.Number != int64(i) || p.Leaf != string(leaves[i].Text) {
				t.Fatalf("leaf %d: %+v", i, p)
			}
			again, err := ParseProof(p.Text())
			if err != nil {
				t.Fatal(err)
			}
			if err := VerifyProof(again, leaves[i].Hash, s.Key().Verifier()); err != nil {
				t.Fatalf("leaf %d: %v\n%s", i, err, p.Text())
			}
			refuseProof(t, s, again, leaves[i].Hash, leaves[(i+1)%len(leaves)].Hash)
		}
		con, err := s.Consistency(ctx, 3, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := VerifyConsistency(con, s.Key().Verifier()); err != nil || con.Old != first {
			t.Fatalf("%v", err)
		}
		con.Old, con.New = con.New, con.Old
		if err := VerifyConsistency(con, s.Key().Verifier()); !fault.Is(err, fault.Conflict) {
			t.Errorf("backwards: %v", err)
		}
		r := sound(t, s, first)
		if r.Size != 668 || r.Checkpoints != 6 || r.Against != 1 || r.Unnumbered != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func refuseProof(t *testing.T, s *Service, p Proof, own, other [32]byte) {
	t.Helper()
	key := s.Key().Verifier()
	if err := VerifyProof(p, other, key); !fault.Is(err, fault.Invalid) {
		t.Errorf("another leaf: %v", err)
	}
	if err := VerifyProof(p, own, testKey(t).Verifier()); !fault.Is(err, fault.Invalid) {
		t.Errorf("another key: %v", err)
	}
	q := p
	q.Number++
	if err := VerifyProof(q, own, key); !fault.Is(err, fault.Invalid) {
		t.Errorf("another number: %v", err)
	}
	q = p
	q.Path = slices.Clone(p.Path)
	q.Path[0][0] ^= 1
	if err := VerifyProof(q, own, key); !fault.Is(err, fault.Invalid) {
		t.Errorf("another path: %v", err)
	}
	q.Path = q.Path[1:]
	if err := VerifyProof(q, own, key); !fault.Is(err, fault.Invalid) {
		t.Errorf("shorter path: %v", err)
	}
}

// Leaves are numbered in the order of their recorded instants, and one that
// commits late is numbered all the same.
func TestLateLeafIsNotLost(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
		late := leafAt(start)
		queue(t, d, s, 5)
		sequence(t, s)
		if err := d.Commit(ctx, func(tx *db.Tx) error { return s.Queue(tx, late) }); err != nil {
			t.Fatal(err)
		}
		if n := sequence(t, s); n != 1 {
			t.Fatalf("numbered %d", n)
		}
		if ref, text, err := s.Leaf(ctx, late.ID); err != nil || ref.Number != 5 || string(text) != string(late.Text) {
			t.Fatalf("%+v %v", ref, err)
		}
		sound(t, s, "")
	})
}

// Many writers queue, two nodes with their own right edge sequence at once, and
// a reader follows: numbers have no gap and no repetition, and the reader sees
// each leaf once in order.
func TestTwoSequencersAndAReader(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
		other := New(d, c, s.key, Options{Batch: 37})
		const writers, per = 6, 60
		var writing, working sync.WaitGroup
		var left atomic.Int64
		left.Store(writers)
		for range writers {
			writing.Go(func() {
				defer left.Add(-1)
				for i := range per {
					l := leafAt(start)
					err := d.Commit(ctx, func(tx *db.Tx) error {
						if err := s.Queue(tx, l); err != nil {
							return err
						}
						if i%10 == 9 { // an act that fails leaves no leaf
							return errors.New("undone")
						}
						return nil
					})
					if err != nil && i%10 != 9 {
						t.Error(err)
					}
				}
			})
		}
		for _, node := range []*Service{s, other} {
			working.Go(func() {
				for {
					last := left.Load() == 0
					n, err := node.Sequence(ctx)
					if err != nil && !fault.Is(err, fault.Busy) {
						t.Error(err)
						return
					}
					if n == 0 && last && err == nil {
						return
					}
				}
			})
		}
		effects(t, d)
		reads := &record{name: "test", byAct: true, d: d}
		reader := s.Follower(reads.reader())
		working.Go(func() {
			for {
				last := left.Load() == 0
				n, err := reader.Follow(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				if n == 0 && last {
					return
				}
			}
		})
		writing.Wait()
		working.Wait()
		sequence(t, s)
		const want = writers * per * 9 / 10
		if r := sound(t, s, ""); r.Size != want {
			t.Fatalf("size %d, want %d", r.Size, want)
		}
		for n := 1; n > 0; {
			var err error
			if n, err = reader.Follow(ctx); err != nil {
				t.Fatal(err)
			}
		}
		reads.wants(t, s)
		if st, err := reader.Standing(ctx); err != nil || st.Behind != 0 {
			t.Fatalf("%+v %v", st, err)
		}
		refs, err := s.refs(ctx, 0, 2*want)
		if err != nil || len(refs) != want {
			t.Fatalf("%d of %d: %v", len(refs), want, err)
		}
		for i, r := range refs {
			if r.Number != int64(i) {
				t.Fatalf("number %d at place %d", r.Number, i)
			}
		}
	})
}

func TestErasuresAreListed(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
		old := queue(t, d, s, 2)
		l := NewLeaf(Envelope{ID: db.NewID(start), Kind: "act", Case: "x", Erases: old[1].ID, Recorded: start}, nil)
		if err := d.Commit(ctx, func(tx *db.Tx) error { return s.Queue(tx, l) }); err != nil {
			t.Fatal(err)
		}
		sequence(t, s)
		list, err := s.Erasures(ctx)
		if err != nil || len(list) != 1 || list[0].Erases != old[1].ID || list[0].ID != l.ID || list[0].Number < 0 {
			t.Fatalf("%+v %v", list, err)
		}
		if r := sound(t, s, ""); r.Erasures != 1 {
			t.Fatalf("%+v", r)
		}
	})
}

// A node that died between preparing and committing leaves nothing behind; one
// that died after leaves all. The next one goes on from what is stored.
func TestCrashBetween(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
		queue(t, d, s, 300)
		sequence(t, s)
		queue(t, d, s, 300)
		err := d.Commit(ctx, func(tx *db.Tx) error { // half a round, undone
			if err := insertCheckpoint(tx, stored{size: 600, prior: 300, root: "x", note: "x"}); err != nil {
				return err
			}
			if _, err := tx.Exec(`UPDATE ledger_leaf SET number = 300 WHERE id = (SELECT MIN(id) FROM ledger_leaf WHERE number IS NULL)`); err != nil {
				return err
			}
			return errors.New("power cut")
		})
		if err == nil {
			t.Fatal("no power cut")
		}
		next := New(d, c, s.key, Options{Batch: 128})
		if n := sequence(t, next); n != 300 {
			t.Fatalf("numbered %d", n)
		}
		queue(t, d, s, 10)
		if n := sequence(t, s); n != 10 { // its own right edge is out of date by now
			t.Fatalf("numbered %d", n)
		}
		if r := sound(t, s, ""); r.Size != 610 {
			t.Fatalf("%+v", r)
		}
	})
}

// Nothing is signed on top of a tree that is not the signed one, nor by or on
// top of a key we do not know.
func TestSequencerRefusesDamage(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
		queue(t, d, s, 300)
		sequence(t, s)
		queue(t, d, s, 1)
		stranger := New(d, c, testKey(t), Options{})
		if _, err := stranger.Sequence(ctx); fault.Of(err).Key != "ledger.other_key" {
			t.Errorf("stranger: %v", err)
		}
		blind := &Key{origin: s.key.origin, verifier: s.key.verifier, known: s.key.known}
		if _, err := New(d, c, blind, Options{}).Sequence(ctx); fault.Of(err).Key != "ledger.no_signer" {
			t.Errorf("verifier only: %v", err)
		}
		flip(t, d, 0, 1, 10)
		if _, err := New(d, c, s.key, Options{}).Sequence(ctx); fault.Of(err).Key != "ledger.damaged" {
			t.Errorf("changed tile: %v", err)
		}
		exec(t, d, `DELETE FROM ledger_tile WHERE level = 1`)
		if _, err := New(d, c, s.key, Options{}).Sequence(ctx); fault.Of(err).Key != "ledger.damaged" {
			t.Errorf("missing tile: %v", err)
		}
		var id string
		if err := d.Reader().Row(ctx, `SELECT id FROM ledger_leaf WHERE number = 299`).Scan(&id); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Proof(ctx, id); fault.Of(err).Key != "ledger.damaged" {
			t.Errorf("proof from damaged tiles: %v", err)
		}
	})
}

// flip changes one bit of a stored tile.
func flip(t testing.TB, d *db.DB, level, number int64, hash int) {
	t.Helper()
	var data []byte
	if err := d.Reader().Row(ctx, `SELECT hashes FROM ledger_tile WHERE level = $1 AND number = $2`, level, number).Scan(&data); err != nil {
		t.Fatal(err)
	}
	data[hash*tlog.HashSize] ^= 1
	exec(t, d, `UPDATE ledger_tile SET hashes = $1 WHERE level = $2 AND number = $3`, data, level, number)
}

func TestRunNumbersWithinASecond(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, _ *Service, _ *clock.Hand) {
		key, wall := testKey(t), &clock.Wall{}
		path := filepath.Join(t.TempDir(), WitnessFile)
		nodes := []*Service{
			New(d, wall, key, Options{Gather: 20 * time.Millisecond, Witness: path}),
			New(d, wall, key, Options{Gather: 20 * time.Millisecond}),
		}
		run, stop := context.WithCancel(ctx)
		var wg sync.WaitGroup
		for _, n := range nodes {
			wg.Go(func() { n.Run(run) })
		}
		for round := range 3 {
			l := queue(t, d, nodes[0], 5)
			begun := time.Now()
			for {
				ref, _, err := nodes[0].Leaf(ctx, l[4].ID)
				if err != nil {
					t.Fatal(err)
				}
				if ref.Number >= 0 {
					break
				}
				if time.Since(begun) > 5*time.Second {
					t.Fatalf("round %d still waits", round)
				}
				time.Sleep(5 * time.Millisecond)
			}
		}
		stop()
		wg.Wait()
		r := sound(t, nodes[0], "")
		if r.Size != 15 {
			t.Fatalf("%+v", r)
		}
		raw, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) { // the other node held the lease throughout
			return
		}
		if err != nil || !strings.Contains(string(raw), key.Origin()) {
			t.Fatalf("witness: %q %v", raw, err)
		}
		if r := sound(t, nodes[1], string(raw)); r.Against == 0 {
			t.Fatalf("%+v", r)
		}
	})
}

func TestWitnessGetsAtMostOneASecond(t *testing.T) {
	d := dbtest.SQLite(t)
	if err := Migrate(ctx, d); err != nil {
		t.Fatal(err)
	}
	c := clock.NewHand(start)
	path := filepath.Join(t.TempDir(), WitnessFile)
	s := New(d, c, testKey(t), Options{Witness: path})
	for range 6 { // 0, .4, .8, 1.2, 1.6, 2.0 s
		queue(t, d, s, 1)
		sequence(t, s)
		c.Advance(400 * time.Millisecond)
	}
	s.witness.flush(true, c.Now)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list, err := ParseCheckpoints(string(raw))
	if err != nil || len(list) != 3 || list[0].Size != 1 || list[1].Size != 4 || list[2].Size != 6 {
		t.Fatalf("%v\n%s", err, raw)
	}
	if r := sound(t, s, string(raw)); r.Against != 3 {
		t.Fatalf("%+v", r)
	}
}
