package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

var ctx = context.Background()

var things = fstest.MapFS{"0001_thing.sql": {Data: []byte("-- +goose Up\nCREATE TABLE test_thing (\n    id TEXT PRIMARY KEY,\n    n BIGINT NOT NULL\n);\n")}}

func migrate(t *testing.T, d *db.DB) {
	t.Helper()
	for range 2 { // twice gives the same
		if err := d.Migrate(ctx, "test", things); err != nil {
			t.Fatal(err)
		}
	}
}

func count(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.Reader().Row(ctx, `SELECT COUNT(*) FROM test_thing`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func insert(id string, n int) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO test_thing(id, n) VALUES ($1, $2)`, id, n)
		return err
	}
}

func TestOneBadMemberUndoesOnlyItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		migrate(t, d)
		var wg sync.WaitGroup
		var good, dup, own, panicked atomic.Int64
		errOwn := errors.New("own")
		for i := range 400 {
			wg.Go(func() {
				var err error
				switch i % 4 {
				case 0, 1:
					err = d.Commit(ctx, insert(fmt.Sprint("x", i), i))
				case 2:
					err = d.Commit(ctx, func(tx *db.Tx) error {
						if err := insert(fmt.Sprint("x", i), i)(tx); err != nil {
							return err
						}
						return errOwn
					})
				case 3:
					if i%40 == 3 {
						err = d.Commit(ctx, func(tx *db.Tx) error {
							if err := insert(fmt.Sprint("x", i), i)(tx); err != nil {
								return err
							}
							panic("one bad closure")
						})
						if err != nil {
							panicked.Add(1)
						}
						return
					}
					err = d.Commit(ctx, insert("same", i))
				}
				switch {
				case err == nil:
					good.Add(1)
				case db.IsUnique(err):
					dup.Add(1)
				case errors.Is(err, errOwn):
					own.Add(1)
				default:
					t.Errorf("unexpected: %v", err)
				}
			})
		}
		wg.Wait()
		if good.Load() != 201 || own.Load() != 100 || dup.Load() != 89 || panicked.Load() != 10 || count(t, d) != 201 {
			t.Fatalf("good %d own %d dup %d panicked %d rows %d", good.Load(), own.Load(), dup.Load(), panicked.Load(), count(t, d))
		}
	})
}

func TestAfterRunsOnlyWhenDurable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		migrate(t, d)
		ran := 0
		mustFail := d.Commit(ctx, func(tx *db.Tx) error { tx.After(func() { ran++ }); return errors.New("no") })
		if mustFail == nil || ran != 0 {
			t.Fatalf("after ran %d, err %v", ran, mustFail)
		}
		if err := d.Commit(ctx, func(tx *db.Tx) error {
			tx.After(func() {
				if count(t, d) != 1 {
					t.Error("after ran before the commit was visible")
				}
				ran++
			})
			return insert("a", 1)(tx)
		}); err != nil || ran != 1 {
			t.Fatalf("ran %d, err %v", ran, err)
		}
	})
}

func TestPlaceholdersBindByNumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var a, b string
		if err := d.Reader().Row(ctx, `SELECT CAST($2 AS TEXT), CAST($1 AS TEXT)`, "one", "two").Scan(&a, &b); err != nil || a != "two" || b != "one" {
			t.Fatalf("%q %q %v", a, b, err)
		}
	})
}

func TestFullDiskVoidsTheGroupAndNothingElse(t *testing.T) {
	folder := t.TempDir()
	d, err := db.Open(ctx, db.Options{Folder: folder, MaxPages: 60})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	migrate(t, d)
	big := make([]byte, 3000)
	for i := range big {
		big[i] = 'x'
	}
	var kept []string
	full := 0
	for i := range 200 {
		id := fmt.Sprintf("%03d%s", i, big)
		if err := d.Commit(ctx, insert(id, i)); err != nil {
			full++
		} else {
			kept = append(kept, id)
		}
	}
	if full == 0 || len(kept) == 0 {
		t.Fatalf("disk never filled: kept %d, refused %d", len(kept), full)
	}
	if n := count(t, d); n != len(kept) {
		t.Fatalf("acknowledged %d, found %d", len(kept), n)
	}
	if err := d.Commit(ctx, func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM test_thing WHERE n >= 0`); return err }); err != nil {
		t.Fatalf("a full database must still take a deletion: %v", err)
	}
	if err := d.Commit(ctx, insert("again", 1)); err != nil {
		t.Fatalf("after room was made: %v", err)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	folder := t.TempDir()
	d, err := db.Open(ctx, db.Options{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Open(ctx, db.Options{Folder: folder}); !errors.Is(err, db.ErrLocked) {
		t.Fatalf("second opener: %v", err)
	}
	look, err := db.Open(ctx, db.Options{Folder: folder, ReadOnly: true})
	if err != nil {
		t.Fatalf("a reader beside the server: %v", err)
	}
	if err := look.Commit(ctx, func(*db.Tx) error { return nil }); err == nil {
		t.Fatal("a read-only database took a write")
	}
	look.Close()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d, err = db.Open(ctx, db.Options{Folder: folder})
	if err != nil {
		t.Fatalf("after close: %v", err)
	}
	d.Close()
}

func TestWriterIsDurable(t *testing.T) {
	d := dbtest.SQLite(t)
	err := d.Commit(ctx, func(tx *db.Tx) error {
		var level int
		var mode string
		if err := tx.Row(`PRAGMA synchronous`).Scan(&level); err != nil {
			return err
		}
		if err := tx.Row(`PRAGMA journal_mode`).Scan(&mode); err != nil {
			return err
		}
		if level != 2 || mode != "wal" {
			return fmt.Errorf("synchronous = %d (want 2, FULL), journal %s", level, mode)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSnapshotDoesNotMove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		migrate(t, d)
		err := d.Snapshot(ctx, func(q db.Query) error {
			for i := range 3 {
				var n int
				if err := q.Row(ctx, `SELECT COUNT(*) FROM test_thing`).Scan(&n); err != nil || n != 0 {
					return fmt.Errorf("look %d: %d rows, %v", i, n, err)
				}
				if err := d.Commit(ctx, insert(fmt.Sprint(i), i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || count(t, d) != 3 {
			t.Fatal(err)
		}
	})
}

func TestLeaseHasOneHolder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := clock.At(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
		ask := func(who string, at clock.Instant) bool {
			ok, err := d.Lease(ctx, "work", who, at, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		got := []bool{ask("a", now), ask("b", now), ask("a", now.Add(30*time.Second)), ask("b", now.Add(61*time.Second)), ask("b", now.Add(91*time.Second)), ask("a", now.Add(92*time.Second))}
		if want := []bool{true, false, true, false, true, false}; !slices.Equal(got, want) {
			t.Fatalf("got %v want %v", got, want)
		}
	})
}

func TestOnceGivesTheSameAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := db.Once{Actor: "p", Verb: "report", Key: "k", Body: "h"}
		var kept, again atomic.Int64
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				err := d.Commit(ctx, func(tx *db.Tx) error { return o.Keep(tx, fmt.Sprint("answer", i), 1) })
				switch {
				case err == nil:
					kept.Add(1)
				case errors.Is(err, db.ErrOnce):
					again.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if kept.Load() != 1 || again.Load() != 19 {
			t.Fatalf("kept %d again %d", kept.Load(), again.Load())
		}
		if answer, ok, err := o.Answer(ctx, d.Reader()); err != nil || !ok || answer == "" {
			t.Fatal(answer, ok, err)
		}
		o.Body = "other"
		if _, _, err := o.Answer(ctx, d.Reader()); !fault.Is(err, fault.Conflict) {
			t.Fatalf("other body: %v", err)
		}
	})
}

func TestIDsSortByTimeAndDiffer(t *testing.T) {
	seen := map[string]bool{}
	last := ""
	for i := range 5000 {
		id := db.NewID(clock.Instant(int64(i) * 1_000_000))
		if len(id) != 26 || seen[id] || id <= last {
			t.Fatalf("id %q after %q", id, last)
		}
		seen[id], last = true, id
	}
}

func BenchmarkGroupCommit(b *testing.B) {
	d := dbtest.SQLite(b)
	if err := d.Migrate(ctx, "test", things); err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			if err := d.Commit(ctx, insert(fmt.Sprint(i), int(i))); err != nil {
				b.Fatal(err)
			}
		}
	})
}
