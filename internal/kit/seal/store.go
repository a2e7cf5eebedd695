package seal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"linli/internal/kit/fault"
)

// readFile loads the key file and refuses one that others on the machine may read.
func readFile(folder string) ([]root, error) {
	name := filepath.Join(folder, FileName)
	info, err := os.Stat(name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return nil, unreadable(err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Internal, "seal.key_file_open", "file", name, "mode", info.Mode().Perm().String())
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, unreadable(err)
	}
	return parseRoots(text)
}

func unreadable(err error) error {
	return fault.New(fault.Internal, "seal.key_file_unreadable", "file", FileName).Because(err)
}

// writeFile makes the key file where there is none: an existing one is never
// overwritten, two processes that start at once agree on the first.
func writeFile(folder string, roots []root) error {
	return place(folder, roots, func(from, to string) error {
		if err := os.Link(from, to); err != nil {
			return err
		}
		return os.Remove(from)
	})
}

// replaceFile exchanges the key file in one step.
func replaceFile(folder string, roots []root) error { return place(folder, roots, os.Rename) }

// place writes the text beside the key file, makes it durable and moves it in.
func place(folder string, roots []root, move func(from, to string) error) (err error) {
	f, err := os.CreateTemp(folder, FileName+".new-*") // CreateTemp makes it 0600
	if err != nil {
		return unwritable(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(writeRoots(roots))
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return unwritable(err)
	}
	if err = move(f.Name(), filepath.Join(folder, FileName)); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return err
		}
		return unwritable(err)
	}
	dir, err := os.Open(folder)
	if err != nil {
		return unwritable(err)
	}
	defer dir.Close()
	if err = dir.Sync(); err != nil {
		return unwritable(err)
	}
	return nil
}

func unwritable(err error) error {
	return fault.New(fault.Internal, "seal.key_file_unwritable", "file", FileName).Because(err)
}
