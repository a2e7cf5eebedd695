package db_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"linli/internal/kit/db"
)

// TestIOErrorAcknowledgesNothing puts a file that cannot be written under the
// write-ahead log's descriptors, as a dying disk would, and takes it away again.
func TestIOErrorAcknowledgesNothing(t *testing.T) {
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
	mend := breakFile(t, filepath.Join(folder, "linli.db-wal"))
	var acknowledged, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if d.Commit(ctx, insert(fmt.Sprint("during", i), i)) == nil {
				acknowledged.Add(1)
			} else {
				refused.Add(1)
			}
		})
	}
	wg.Wait()
	mend()
	if acknowledged.Load() != 0 || refused.Load() != 40 {
		t.Errorf("on a dead disk %d were acknowledged, %d refused", acknowledged.Load(), refused.Load())
	}
	// The first asking may still meet the pages that were read while the disk was
	// dead; it is refused and asked again, and never half done.
	for try := 1; ; try++ {
		err := d.Commit(ctx, insert("after", 1))
		if err == nil {
			break
		}
		if try == 10 || db.IsUnique(err) {
			t.Fatalf("after the disk came back, asked %d times: %v", try, err)
		}
	}
	if n := count(t, d); n != 2 {
		t.Errorf("%d rows, want the one before and the one after", n)
	}
}

// breakFile makes every descriptor of this process that points to the file one
// that cannot be written, until mend is called.
func breakFile(t *testing.T, path string) (mend func()) {
	t.Helper()
	dead, err := os.Open(os.DevNull) // opened for reading only: a write fails
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	saved := map[int]int{}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil || !strings.HasSuffix(to, filepath.Base(path)) || filepath.Dir(to) != filepath.Dir(path) {
			continue
		}
		keep, err := syscall.Dup(fd)
		if err == nil {
			err = syscall.Dup3(int(dead.Fd()), fd, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
		saved[fd] = keep
	}
	if len(saved) == 0 {
		t.Fatalf("nobody has %s open", path)
	}
	return func() {
		for fd, keep := range saved {
			if err := syscall.Dup3(keep, fd, 0); err != nil {
				t.Fatal(err)
			}
			syscall.Close(keep)
		}
		dead.Close()
	}
}
