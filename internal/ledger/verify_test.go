package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// found lists findings as "kind number".
func found(t testing.TB, s *Service, against string) []string {
	t.Helper()
	r, err := s.Verify(ctx, against, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range r.Findings {
		if f.Key != "finding.ledger."+string(f.Kind) {
			t.Errorf("text key %s", f.Key)
		}
		out = append(out, fmt.Sprintf("%s %d", f.Kind, f.Number))
	}
	return out
}

// Each way of tampering with a log of 700 leaves under checkpoints of 300, 500
// and 700 is found and named, and nothing else is named with it.
func TestTamperingIsNamed(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, _ *clock.Hand) {
		for _, c := range tamperings {
			t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
				wipe(t, d)
				s := New(d, s.clk, s.key, Options{})
				for _, n := range []int{300, 200, 200} {
					queue(t, d, s, n)
					sequence(t, s)
				}
				sound(t, s, "")
				c.do(t, d, s)
				got := found(t, s, "")
				slices.Sort(got)
				slices.Sort(c.want)
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Fatal(diff)
				}
			})
		}
	})
}

var tamperings = []tampering{
	{"one byte in a leaf", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `UPDATE ledger_leaf SET leaf = REPLACE(leaf, 'act do', 'act dp') WHERE number = 123`)
	}, []string{"leaf_changed 123"}},
	{"one byte in the last leaf", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `UPDATE ledger_leaf SET leaf = leaf || ' ' WHERE number = 699`)
	}, []string{"leaf_changed 699"}},
	{"a leaf that is gone", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `DELETE FROM ledger_leaf WHERE number = 42`)
	}, []string{"leaf_missing 42"}},
	{"the first and the last leaves gone", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `DELETE FROM ledger_leaf WHERE number < 3 OR number >= 690`)
	}, []string{"leaf_missing 0", "leaf_missing 690"}},
	{"swapped numbers", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `UPDATE ledger_leaf SET number = 100000 WHERE number = 10`)
		exec(t, d, `UPDATE ledger_leaf SET number = 10 WHERE number = 600`)
		exec(t, d, `UPDATE ledger_leaf SET number = 600 WHERE number = 100000`)
	}, []string{"leaf_moved 10", "leaf_moved 600"}},
	{"a number twice", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `DROP INDEX ledger_leaf_number`)
		exec(t, d, `INSERT INTO ledger_leaf(id, kind, case_id, leaf, erases, recorded, number) VALUES ('~', 'act', '', 'linli/1', '', 0, 77)`)
	}, []string{"leaf_twice 77"}},
	{"a leaf put in behind the signed end", func(t *testing.T, d *db.DB, s *Service) {
		l := leafAt(start)
		exec(t, d, `INSERT INTO ledger_leaf(id, kind, case_id, leaf, erases, recorded, number) VALUES ($1, $2, $3, $4, '', $5, 700)`,
			l.ID, l.Kind, l.Case, string(l.Text), l.Recorded)
	}, []string{"leaf_unsigned 700"}},
	{"a number below zero", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `UPDATE ledger_leaf SET number = -1 WHERE number = 5`)
	}, []string{"leaf_missing 5", "leaf_unsigned -2"}},
	{"another case beside the leaf", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `UPDATE ledger_leaf SET case_id = 'other', recorded = recorded - 1 WHERE number = 7`)
	}, []string{"column_changed 7", "column_changed 7"}},
	{"another id beside the leaf", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `UPDATE ledger_leaf SET id = '0', kind = 'edition', erases = 'x' WHERE number = 8`)
	}, []string{"column_changed 8", "column_changed 8", "column_changed 8"}},
	{"a changed hash in a tile", func(t *testing.T, d *db.DB, s *Service) { flip(t, d, 0, 1, 100) }, []string{"tile_changed 356"}},
	{"a changed hash in an upper tile", func(t *testing.T, d *db.DB, s *Service) { flip(t, d, 1, 0, 1) }, []string{"tile_changed -1"}},
	{"a missing tile", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `DELETE FROM ledger_tile WHERE level = 0 AND number = 1`)
	}, []string{"tile_missing 256"}},
	{"a missing upper tile", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `DELETE FROM ledger_tile WHERE level = 1`)
	}, []string{"tile_missing -1"}},
	{"leaves and tile gone", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `DELETE FROM ledger_leaf WHERE number BETWEEN 256 AND 511`)
		exec(t, d, `DELETE FROM ledger_tile WHERE level = 0 AND number = 1`)
	}, []string{"leaf_missing 256"}},
	{"a leaf and its tile changed alike", func(t *testing.T, d *db.DB, s *Service) {
		forgeLeaf(t, d, 20)
	}, []string{"root_wrong -1", "tile_changed -1"}},
	{"a checkpoint of one's own making", func(t *testing.T, d *db.DB, s *Service) {
		other := testKey(t)
		c, _ := signCheckpoint("linli.test/log", 500, tlog.Hash{1}, other.signer)
		exec(t, d, `UPDATE ledger_checkpoint SET note = $1, root = $2 WHERE size = 500`, c.Text, c.Root.String())
	}, []string{"checkpoint_forged -1"}},
	{"a checkpoint's root column", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `UPDATE ledger_checkpoint SET root = $1 WHERE size = 500`, tlog.Hash{}.String())
	}, []string{"checkpoint_forged -1"}},
	{"a signed checkpoint of another tree", func(t *testing.T, d *db.DB, s *Service) {
		c, _ := signCheckpoint("linli.test/log", 500, tlog.Hash{1}, s.key.signer)
		exec(t, d, `UPDATE ledger_checkpoint SET note = $1, root = $2 WHERE size = 500`, c.Text, c.Root.String())
	}, []string{"root_wrong -1"}},
	{"a checkpoint in between gone", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `DELETE FROM ledger_checkpoint WHERE size = 500`)
	}, []string{"checkpoint_chain -1"}},
	{"the last checkpoint gone", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `DELETE FROM ledger_checkpoint WHERE size = 700`)
		exec(t, d, `DELETE FROM ledger_leaf WHERE number > 501`)
	}, []string{"leaf_unsigned 500", "leaf_unsigned 501"}},
	{"a size nobody reached", func(t *testing.T, d *db.DB, s *Service) {
		exec(t, d, `INSERT INTO ledger_checkpoint(size, prior, root, note, recorded) VALUES (9000000000000000, 700, 'x', 'x', 0)`)
	}, []string{"leaf_missing 700", "checkpoint_forged -1"}},
}

type tampering struct {
	name string
	do   func(t *testing.T, d *db.DB, s *Service)
	want []string
}

// wipe gives an empty log on the same database: a fresh one costs 40 ms more.
func wipe(t testing.TB, d *db.DB) {
	t.Helper()
	for _, table := range []string{"leaf", "tile", "checkpoint", "cursor"} {
		exec(t, d, `DELETE FROM ledger_`+table)
	}
	exec(t, d, `CREATE UNIQUE INDEX IF NOT EXISTS ledger_leaf_number ON ledger_leaf(number) WHERE number IS NOT NULL`)
}

// forgeLeaf changes a leaf and the level-0 hash that goes with it.
func forgeLeaf(t testing.TB, d *db.DB, number int64) {
	t.Helper()
	var text, data []byte
	if err := d.Reader().Row(ctx, `SELECT leaf FROM ledger_leaf WHERE number = $1`, number).Scan(&text); err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "act do", "act no", 1))
	exec(t, d, `UPDATE ledger_leaf SET leaf = $1 WHERE number = $2`, string(text), number)
	if err := d.Reader().Row(ctx, `SELECT hashes FROM ledger_tile WHERE level = 0 AND number = $1`, number>>tileHeight).Scan(&data); err != nil {
		t.Fatal(err)
	}
	h := LeafHash(text)
	copy(data[number&(tileWidth-1)*tlog.HashSize:], h[:])
	exec(t, d, `UPDATE ledger_tile SET hashes = $1 WHERE level = 0 AND number = $2`, data, number>>tileHeight)
}

// Whoever holds the signing key can write another history that is sound in
// itself; only a checkpoint that left the house finds it.
func TestRewrittenHistoryIsFoundByAgainst(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
		var kept []string
		for _, n := range []int{100, 150, 200} {
			queue(t, d, s, n)
			sequence(t, s)
			text, err := s.Checkpoint(ctx)
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, text)
		}
		witness := strings.Join(kept, "\n")
		sound(t, s, witness)

		// Rewritten from leaf 120 on, everything signed anew.
		exec(t, d, `UPDATE ledger_leaf SET leaf = REPLACE(leaf, 'act do', 'act no') WHERE number = 120`)
		rebuild(t, d, s, 450)
		sound(t, s, "")
		if got := found(t, s, kept[0]); got != nil {
			t.Errorf("the part before was not changed: %v", got)
		}
		if got := found(t, s, kept[1]); !slices.Equal(got, []string{"history_rewritten -1"}) {
			t.Errorf("rewritten: %v", got)
		}
		r, err := s.Verify(ctx, witness, nil)
		if err != nil || len(r.Findings) != 1 || r.Findings[0].Args["from"] != int64(100) || r.Findings[0].Args["size"] != int64(250) {
			t.Errorf("range: %+v %v", r.Findings, err)
		}

		// Cut off after leaf 99, everything else consistent.
		exec(t, d, `DELETE FROM ledger_leaf WHERE number >= 100`)
		rebuild(t, d, s, 100)
		sound(t, s, kept[0])
		if got := found(t, s, kept[2]); !slices.Equal(got, []string{"history_cut -1"}) {
			t.Errorf("cut: %v", got)
		}

		// Everything signed anew with another key.
		other := New(d, c, testKey(t), Options{})
		rebuild(t, d, other, 100)
		sound(t, other, "")
		if got := found(t, other, kept[0]); !slices.Equal(got, []string{"other_key -1"}) {
			t.Errorf("other key: %v", got)
		}
		if _, err := s.Verify(ctx, "nonsense", nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("nonsense: %v", err)
		}
	})
}

// rebuild signs the first size leaves anew, as a thief of the key would.
func rebuild(t testing.TB, d *db.DB, s *Service, size int64) {
	t.Helper()
	exec(t, d, `DELETE FROM ledger_tile`)
	exec(t, d, `DELETE FROM ledger_checkpoint`)
	exec(t, d, `UPDATE ledger_leaf SET recorded = recorded, number = NULL WHERE number < $1`, size)
	forged := New(d, s.clk, s.key, Options{Batch: 64})
	sequence(t, forged)
}

// Verification beside a running server: what arrives meanwhile is handed over
// but never named; what waits too long is named without being damage.
func TestVerifyWhileLeavesArrive(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, s *Service, c *clock.Hand) {
		queue(t, d, s, 1500)
		sequence(t, s)
		queue(t, d, s, 3)
		var order []int64
		added := false
		r, err := s.Verify(ctx, "", func(ref Ref, text []byte) {
			if !added { // the server goes on in the middle of the run
				added = true
				queue(t, d, s, 500)
				sequence(t, s)
				queue(t, d, s, 2)
			}
			if e, _, err := ParseLeaf(text); err != nil || e.ID != ref.ID {
				t.Errorf("%+v %v", ref, err)
			}
			order = append(order, ref.Number)
		})
		if err != nil || !r.Sound() || len(r.Findings) > 0 || r.Size != 1500 || r.Unnumbered != 2 {
			t.Fatalf("%+v %v", r, err)
		}
		if len(order) != 2005 {
			t.Fatalf("%d leaves handed over", len(order))
		}
		for i, n := range order {
			if i < 2003 && n != int64(i) || i >= 2003 && n != -1 {
				t.Fatalf("number %d at place %d", n, i)
			}
		}
		c.Advance(2 * time.Minute)
		if got := found(t, s, ""); !slices.Equal(got, []string{"waiting -1"}) {
			t.Fatalf("%v", got)
		}
		sound(t, s, "")
	})
}

func TestVerifyReadOnlyBesideAServer(t *testing.T) {
	folder := t.TempDir()
	d, err := db.Open(ctx, db.Options{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := Migrate(ctx, d); err != nil {
		t.Fatal(err)
	}
	key, err := OpenKey(folder, "linli.test/log", true)
	if err != nil {
		t.Fatal(err)
	}
	s := New(d, clock.NewHand(start), key, Options{})
	queue(t, d, s, 700)
	sequence(t, s)
	public, err := OpenVerifier(folder)
	if err != nil {
		t.Fatal(err)
	}
	look, err := db.Open(ctx, db.Options{Folder: folder, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer look.Close()
	if r := sound(t, New(look, s.clk, public, Options{}), ""); r.Size != 700 {
		t.Fatalf("%+v", r)
	}
	if _, err := New(look, s.clk, nil, Options{}).Verify(ctx, "", nil); !fault.Is(err, fault.NotFound) {
		t.Fatalf("without a key nothing can be said: %v", err)
	}
}

func TestReportIsBounded(t *testing.T) {
	var r Report
	for range mostFindings + 5 {
		r.Add(NewFinding("ledger", Waiting, Ref{}))
	}
	if len(r.Findings) != mostFindings || r.More != 5 || r.Sound() {
		t.Fatalf("%d %d", len(r.Findings), r.More)
	}
}

func BenchmarkSequence(b *testing.B) {
	d, s := benchLog(b)
	for b.Loop() {
		b.StopTimer()
		queue(b, d, s, 1000)
		b.StartTimer()
		if n := sequence(b, s); n != 1000 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/leaf")
}

func BenchmarkVerify(b *testing.B) {
	d, s := benchLog(b)
	for range 20 {
		queue(b, d, s, 1000)
		sequence(b, s)
	}
	for b.Loop() {
		sound(b, s, "")
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/20000, "µs/leaf")
}

func BenchmarkNewLeaf(b *testing.B) {
	e := Envelope{ID: db.NewID(start), Kind: "act", Case: db.NewID(start), Procedure: "service-request", Act: "dispatch", From: "received", To: "dispatched", Recorded: start, Clocks: []string{"+accept"}}
	var salt [16]byte
	for b.Loop() {
		NewLeaf(e, []Field{{"lead", Commit(salt, "lead", []byte("01KA"))}, {"note", Commit(salt, "note", []byte("x"))}, {"limit", Commit(salt, "limit", []byte("5"))}})
	}
}

func benchLog(b *testing.B) (*db.DB, *Service) {
	d := dbtest.SQLite(b)
	if err := Migrate(ctx, d); err != nil {
		b.Fatal(err)
	}
	return d, New(d, clock.NewHand(start), testKey(b), Options{})
}
