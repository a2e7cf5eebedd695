package db_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"linli/internal/kit/db"
)

// dyingDisk says, in the environment, that this process is the one whose disk
// fails.
const dyingDisk = "LINLI_TEST_DYING_DISK"

// TestDyingDisk lets every write to a file of a process of its own fail (no file
// may grow past nothing), again and again while many write, and then work again:
// what was acknowledged is there exactly once, what was refused is not there, and
// the first asking after the disk is back succeeds.
func TestDyingDisk(t *testing.T) {
	if os.Getenv(dyingDisk) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestDyingDisk$", "-test.v")
		cmd.Env = append(os.Environ(), dyingDisk+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	folder := t.TempDir()
	d, err := db.Open(ctx, db.Options{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	migrate(t, d)
	if err := d.Commit(ctx, insert("before", 1)); err != nil {
		t.Fatal(err)
	}
	rows := 1
	for round := range 12 {
		// in one half of the rounds the disk dies while a group is under way
		if round%2 == 0 {
			letWrite(t, false)
		}
		var acknowledged atomic.Int64
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if d.Commit(ctx, insert(fmt.Sprint("round", round, " ", i), i)) == nil {
					acknowledged.Add(1)
				}
			})
			if round%2 == 1 && i == rand.IntN(40) {
				letWrite(t, false)
			}
		}
		wg.Wait()
		if round%2 == 0 && acknowledged.Load() != 0 {
			t.Errorf("round %d: on a dead disk %d were acknowledged", round, acknowledged.Load())
		}
		rows += int(acknowledged.Load())
		letWrite(t, true)
		if err := d.Commit(ctx, insert("after"+strconv.Itoa(round), 1)); err != nil {
			t.Fatalf("round %d: the disk is back and the first asking is refused: %v", round, err)
		}
		rows++
		if n := count(t, d); n != rows {
			t.Fatalf("round %d: %d rows, want %d", round, n, rows)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := db.Open(ctx, db.Options{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := count(t, again); n != rows {
		t.Errorf("opened again: %d rows, want %d", n, rows)
	}
	var sound string
	if err := again.Reader().Row(ctx, `PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("integrity: %s %v", sound, err)
	}
}

// letWrite opens and shuts the disk for this process.
func letWrite(t *testing.T, may bool) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = 0
	if may {
		limit.Cur = limit.Max
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}
