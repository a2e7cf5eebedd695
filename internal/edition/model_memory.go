package edition

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"linli/internal/kit/fault"
)

// memory is one edition's files as a read-only file system.
type memory struct {
	files map[string][]byte
	hash  map[string]string
	dirs  map[string][]fs.DirEntry // sorted by name
}

// newMemory builds it. A name that is both file and folder is refused. Fault:
// edition.file_and_folder.
func newMemory(files map[string][]byte, hash map[string]string) (*memory, error) {
	m := &memory{files: files, hash: hash, dirs: map[string][]fs.DirEntry{".": nil}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		m.enter(memoryInfo{name: path.Base(name), size: int64(len(files[name]))}, path.Dir(name))
	}
	for name, list := range m.dirs {
		if _, both := files[name]; both {
			return nil, fault.New(fault.Invalid, "edition.file_and_folder", "path", name).At("path")
		}
		slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	return m, nil
}

// enter puts an entry into its folder and the folder into its own.
func (m *memory) enter(e memoryInfo, dir string) {
	_, known := m.dirs[dir]
	m.dirs[dir] = append(m.dirs[dir], e)
	if !known {
		m.enter(memoryInfo{name: path.Base(dir), dir: true}, path.Dir(dir))
	}
}

func missing(op, name string) error {
	if !fs.ValidPath(name) {
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// Open opens a file or folder.
func (m *memory) Open(name string) (fs.File, error) {
	if raw, ok := m.files[name]; ok {
		return &memoryFile{Reader: bytes.NewReader(raw), info: memoryInfo{name: path.Base(name), size: int64(len(raw))}}, nil
	}
	if list, ok := m.dirs[name]; ok {
		return &memoryDir{info: memoryInfo{name: path.Base(name), dir: true}, rest: list}, nil
	}
	return nil, missing("open", name)
}

// ReadFile gives a copy of a file's content.
func (m *memory) ReadFile(name string) ([]byte, error) {
	if raw, ok := m.files[name]; ok {
		return bytes.Clone(raw), nil
	}
	return nil, missing("read", name)
}

// ReadDir lists a folder, sorted by name.
func (m *memory) ReadDir(name string) ([]fs.DirEntry, error) {
	if list, ok := m.dirs[name]; ok {
		return slices.Clone(list), nil
	}
	return nil, missing("readdir", name)
}

// Stat describes a file or folder.
func (m *memory) Stat(name string) (fs.FileInfo, error) {
	if raw, ok := m.files[name]; ok {
		return memoryInfo{name: path.Base(name), size: int64(len(raw))}, nil
	}
	if _, ok := m.dirs[name]; ok {
		return memoryInfo{name: path.Base(name), dir: true}, nil
	}
	return nil, missing("stat", name)
}

// trace is what a reader of name saw: the file's hash, the names in a folder,
// or nothing.
func (m *memory) trace(name string) string {
	if h, ok := m.hash[name]; ok {
		return h
	}
	list, ok := m.dirs[name]
	if !ok {
		return ""
	}
	var b strings.Builder
	for _, e := range list {
		b.WriteByte('/')
		b.WriteString(e.Name())
		if e.IsDir() {
			b.WriteByte('/')
		}
	}
	return b.String()
}

type memoryFile struct {
	*bytes.Reader
	info memoryInfo
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *memoryFile) Close() error               { return nil }

type memoryDir struct {
	info memoryInfo
	rest []fs.DirEntry
}

func (d *memoryDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *memoryDir) Close() error               { return nil }
func (d *memoryDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.name, Err: fs.ErrInvalid}
}

// ReadDir gives the next n entries, or all that are left.
func (d *memoryDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		all := slices.Clone(d.rest)
		d.rest = nil
		return all, nil
	}
	if len(d.rest) == 0 {
		return nil, io.EOF
	}
	part := slices.Clone(d.rest[:min(n, len(d.rest))])
	d.rest = d.rest[len(part):]
	return part, nil
}

// memoryInfo is both the description of a file and its entry in a folder.
type memoryInfo struct {
	name string
	size int64
	dir  bool
}

func (i memoryInfo) Name() string               { return i.name }
func (i memoryInfo) Size() int64                { return i.size }
func (i memoryInfo) IsDir() bool                { return i.dir }
func (i memoryInfo) ModTime() time.Time         { return time.Time{} }
func (i memoryInfo) Sys() any                   { return nil }
func (i memoryInfo) Type() fs.FileMode          { return i.Mode().Type() }
func (i memoryInfo) Info() (fs.FileInfo, error) { return i, nil }
func (i memoryInfo) String() string             { return fs.FormatDirEntry(i) }
func (i memoryInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}
