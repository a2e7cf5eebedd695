package edition

import (
	"context"
	"io/fs"
	"sync"
	"sync/atomic"

	"linli/internal/kit/fault"
)

// Compiled is what a room makes of a catalogue (procedures, a duty index, a
// book of texts), remembered by edition. Editions that agree in all the build
// had read share one value: publishing a duty list compiles no procedure again.
type Compiled[T any] struct {
	s     *Service
	build func(fs.FS) (T, error)
	last  atomic.Pointer[compiled[T]]
	mu    sync.Mutex
	kept  map[int64]*compiled[T]
	used  int64
}

type compiled[T any] struct {
	number int64
	value  T
	read   map[string]string // what the build saw, by name
	used   int64
}

// Compile prepares a build. build must depend on nothing but the files it is
// given, and its value must be safe for concurrent reading.
func Compile[T any](s *Service, build func(fs.FS) (T, error)) *Compiled[T] {
	return &Compiled[T]{s: s, build: build, kept: map[int64]*compiled[T]{}}
}

// Now gives the value for the edition in force on this node, and its number.
func (c *Compiled[T]) Now(ctx context.Context) (T, int64, error) {
	number := c.s.Current()
	v, err := c.At(ctx, number)
	return v, number, err
}

// At gives the value for an edition; one build runs at a time, and an error is
// not remembered. Faults: edition.no_edition and what the build returns.
func (c *Compiled[T]) At(ctx context.Context, number int64) (T, error) {
	if k := c.last.Load(); k != nil && k.number == number {
		return k.value, nil
	}
	var none T
	if number <= 0 {
		return none, fault.New(fault.NotFound, "edition.no_edition", "number", number)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.kept[number]
	if k == nil {
		files, err := c.s.load(ctx, number)
		if err != nil {
			return none, err
		}
		if k, err = c.make(number, files); err != nil {
			return none, err
		}
		c.keep(k)
	}
	c.used++
	k.used = c.used
	if number == c.s.Current() {
		c.last.Store(k)
	}
	return k.value, nil
}

func (c *Compiled[T]) make(number int64, files *memory) (*compiled[T], error) {
	for _, k := range c.kept {
		if same(k.read, files) {
			return &compiled[T]{number: number, value: k.value, read: k.read}, nil
		}
	}
	t := &tracing{files: files, read: map[string]string{}}
	v, err := c.build(t)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return &compiled[T]{number: number, value: v, read: t.read}, nil
}

func same(read map[string]string, files *memory) bool {
	for name, saw := range read {
		if files.trace(name) != saw {
			return false
		}
	}
	return true
}

func (c *Compiled[T]) keep(k *compiled[T]) {
	if len(c.kept) >= mostKept {
		var oldest *compiled[T]
		for _, o := range c.kept {
			if oldest == nil || o.used < oldest.used {
				oldest = o
			}
		}
		delete(c.kept, oldest.number)
	}
	c.kept[k.number] = k
}

// tracing notes what a build looks at. It has its own copy of the notes' lock,
// since builds may read from several goroutines.
type tracing struct {
	files *memory
	mu    sync.Mutex
	read  map[string]string
}

func (t *tracing) note(name string) {
	saw := t.files.trace(name)
	t.mu.Lock()
	t.read[name] = saw
	t.mu.Unlock()
}

// Open opens a file or folder.
func (t *tracing) Open(name string) (fs.File, error) { t.note(name); return t.files.Open(name) }

// ReadFile reads a file.
func (t *tracing) ReadFile(name string) ([]byte, error) { t.note(name); return t.files.ReadFile(name) }

// ReadDir lists a folder.
func (t *tracing) ReadDir(name string) ([]fs.DirEntry, error) {
	t.note(name)
	return t.files.ReadDir(name)
}

// Stat describes a file or folder.
func (t *tracing) Stat(name string) (fs.FileInfo, error) { t.note(name); return t.files.Stat(name) }
