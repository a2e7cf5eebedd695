package edition

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// Overlay lays the files of dir over those of base: where both have a file,
// dir's is seen; folders hold the entries of both. It is how `--catalog DIR`
// gives a county its own seed.
func Overlay(base, dir fs.FS) fs.FS { return overlay{base, dir} }

type overlay struct{ base, top fs.FS }

// Open opens the upper file, or the lower, or both folders as one.
func (o overlay) Open(name string) (fs.File, error) {
	f, err := o.top.Open(name)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return o.base.Open(name)
	}
	info, err := f.Stat()
	if err != nil || !info.IsDir() {
		return f, err
	}
	lower, err := fs.Stat(o.base, name)
	if err != nil || !lower.IsDir() {
		return f, nil
	}
	f.Close()
	list, err := o.ReadDir(name)
	if err != nil {
		return nil, err
	}
	return &memoryDir{info: memoryInfo{name: info.Name(), dir: true}, rest: list}, nil
}

// ReadDir lists the entries of both folders, the upper before the lower.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	upper, topErr := fs.ReadDir(o.top, name)
	if topErr != nil && !errors.Is(topErr, fs.ErrNotExist) {
		return nil, topErr
	}
	lower, err := fs.ReadDir(o.base, name)
	if err != nil {
		if topErr != nil || !errors.Is(err, fs.ErrNotExist) && !o.hides(name) {
			return nil, err
		}
		return upper, nil
	}
	if topErr != nil && o.covered(name) {
		return nil, topErr
	}
	list := slices.Clone(upper)
	for _, e := range lower {
		if !slices.ContainsFunc(upper, func(u fs.DirEntry) bool { return u.Name() == e.Name() }) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, nil
}

// hides says that the upper layer has a folder here where the lower has a file.
func (o overlay) hides(name string) bool {
	info, err := fs.Stat(o.top, name)
	return err == nil && info.IsDir()
}

// covered says that the upper layer has a file here.
func (o overlay) covered(name string) bool {
	info, err := fs.Stat(o.top, name)
	return err == nil && !info.IsDir()
}
