package blob

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"linli/internal/kit/db"
)

// files keeps one file per blob: a heading line and the bytes, in a folder named
// after the first two characters of the id.
type files struct{ folder string }

const unfinished = ".part"

func openFiles(folder string) (files, error) {
	f := files{folder}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return f, err
	}
	left, err := filepath.Glob(filepath.Join(folder, "??", "*"+unfinished))
	if err != nil {
		return f, err
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return f, err
		}
	}
	return f, syncFolder(filepath.Dir(folder))
}

func (f files) path(id string) string { return filepath.Join(f.folder, id[:2], id) }

// put writes beside, syncs, renames, and syncs the folder: after that the file is
// there whole, before that it is not there.
func (f files) put(_ context.Context, b Blob, data []byte) (err error) {
	path := f.path(b.ID)
	sub := filepath.Dir(path)
	if err := os.Mkdir(sub, 0o700); err == nil {
		if err := syncFolder(f.folder); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	part := path + unfinished
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append([]byte(b.heading()), data...))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return syncFolder(sub)
}

func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f files) get(_ context.Context, id string) ([]byte, Blob, error) {
	raw, err := os.ReadFile(f.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Blob{}, none()
	}
	if err != nil {
		return nil, Blob{}, err
	}
	end := bytes.IndexByte(raw, '\n')
	b, ok := parseHeading(string(raw[:max(end, 0)]))
	if !ok {
		return nil, Blob{}, damaged(id)
	}
	return raw[end+1:], b, nil
}

func (f files) remove(_ context.Context, id string) error {
	path := f.path(id)
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func (f files) list(_ context.Context, after string, most int) ([]string, error) {
	subs, err := os.ReadDir(f.folder)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, sub := range subs {
		if !sub.IsDir() || len(after) >= 2 && sub.Name() < after[:2] {
			continue
		}
		entries, err := os.ReadDir(filepath.Join(f.folder, sub.Name()))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if id := e.Name(); validID(id) && id > after {
				ids = append(ids, id)
			}
		}
		if len(ids) >= most {
			return ids[:most], nil
		}
	}
	return ids, nil
}

// rows keeps blobs in PostgreSQL.
type rows struct{ d *db.DB }

func (r rows) put(ctx context.Context, b Blob, data []byte) error {
	return r.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO kit_blob(id, media, size, sha256, data) VALUES ($1,$2,$3,$4,$5)`,
			b.ID, b.Media, b.Size, b.SHA256, data)
		return err
	})
}

func (r rows) get(ctx context.Context, id string) (data []byte, b Blob, err error) {
	err = r.d.Reader().Row(ctx, `SELECT media, size, sha256, data FROM kit_blob WHERE id = $1`, id).
		Scan(&b.Media, &b.Size, &b.SHA256, &data)
	if errors.Is(err, db.NoRows) {
		return nil, b, none()
	}
	return data, b, err
}

func (r rows) remove(ctx context.Context, id string) error {
	return r.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM kit_blob WHERE id = $1`, id)
		return err
	})
}

func (r rows) list(ctx context.Context, after string, most int) ([]string, error) {
	found, err := r.d.Reader().Rows(ctx, `SELECT id FROM kit_blob WHERE id > $1 ORDER BY id LIMIT $2`, after, most)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var ids []string
	for found.Next() {
		var id string
		if err := found.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, strings.Clone(id))
	}
	return ids, found.Err()
}
