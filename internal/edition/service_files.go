package edition

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// Files gives the files of an edition. They are the same bytes for ever, and
// safe for concurrent use. Fault: edition.no_edition.
func (s *Service) Files(ctx context.Context, number int64) (fs.FS, error) {
	m, err := s.load(ctx, number)
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (s *Service) load(ctx context.Context, number int64) (*memory, error) {
	s.mu.Lock()
	if k := s.kept[number]; k != nil {
		s.used++
		k.used = s.used
		s.mu.Unlock()
		return k.files, nil
	}
	s.mu.Unlock()
	list, err := s.rows(ctx, `WHERE number = $1`, number)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "edition.no_edition", "number", number)
	}
	files, err := s.filesOf(ctx, number)
	if err != nil {
		return nil, err
	}
	m, err := s.assemble(ctx, number, catalogue{files: files}.effective(), nil)
	if err != nil {
		return nil, err
	}
	if got := hashAll(m.hash); got != list[0].Hash {
		return nil, fault.New(fault.Internal, "edition.damaged", "number", number).
			Because(fmt.Errorf("hash is %s, published was %s", got, list[0].Hash))
	}
	return s.keep(number, m), nil
}

// assemble puts the content to the hashes: from fresh, from editions in memory
// (so that editions share what they have in common), else from the database.
// Content that does not have its hash is refused: edition.damaged, naming number.
func (s *Service) assemble(ctx context.Context, number int64, hashes map[string]string, fresh map[string][]byte) (*memory, error) {
	have := s.remembered(hashes)
	wanted := map[string]bool{}
	for _, h := range hashes {
		if raw, ok := fresh[h]; ok {
			have[h] = raw
		}
		if _, ok := have[h]; !ok {
			wanted[h] = true
		}
	}
	stored, err := s.contents(ctx, slices.Sorted(maps.Keys(wanted)))
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte, len(hashes))
	for name, h := range hashes {
		raw, ok := have[h]
		if !ok {
			if raw, ok = stored[h]; !ok || hashOf(raw) != h {
				return nil, fault.New(fault.Internal, "edition.damaged", "number", number).Because(fmt.Errorf("content of %s is not what was published", name))
			}
		}
		files[name] = raw
	}
	return newMemory(files, hashes)
}

// remembered gives the content in memory that stands at the same path with the
// same hash.
func (s *Service) remembered(hashes map[string]string) map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string][]byte{}
	for _, k := range s.kept {
		for name, h := range hashes {
			if k.files.hash[name] == h {
				out[h] = k.files.files[name]
			}
		}
	}
	return out
}

// keep remembers an edition and drops what was not used for longest.
func (s *Service) keep(number int64, m *memory) *memory {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.kept[number]; k != nil {
		return k.files
	}
	if len(s.kept) >= mostKept {
		oldest := int64(0)
		for n, k := range s.kept {
			if n != s.current.Load() && (oldest == 0 || k.used < s.kept[oldest].used) {
				oldest = n
			}
		}
		delete(s.kept, oldest)
	}
	s.used++
	s.kept[number] = &keptEdition{files: m, used: s.used}
	return m
}

// Get gives one edition. Fault: edition.no_edition.
func (s *Service) Get(ctx context.Context, number int64) (Edition, error) {
	list, err := s.rows(ctx, `WHERE number = $1`, number)
	if err != nil {
		return Edition{}, err
	}
	if len(list) == 0 {
		return Edition{}, fault.New(fault.NotFound, "edition.no_edition", "number", number)
	}
	return list[0].Edition, nil
}

// History lists editions, newest first, at most limit of them below the number
// before (0: from the newest).
func (s *Service) History(ctx context.Context, before int64, limit int) ([]Edition, error) {
	if before <= 0 {
		before = 1 << 62
	}
	list, err := s.rows(ctx, `WHERE number < $1 ORDER BY number DESC LIMIT $2`, before, limit)
	out := make([]Edition, len(list))
	for i, r := range list {
		out[i] = r.Edition
	}
	return out, err
}

// List gives all paths of an edition with their source, sorted, those the
// county took away included. Fault: edition.no_edition.
func (s *Service) List(ctx context.Context, number int64) ([]File, error) {
	if _, err := s.Get(ctx, number); err != nil {
		return nil, err
	}
	files, err := s.filesOf(ctx, number)
	return catalogue{files: files}.sorted(), err
}

// Beneath gives the program's own file under a file of the county in an
// edition, so that a person can compare or go back to it. Fault:
// edition.no_file.
func (s *Service) Beneath(ctx context.Context, number int64, path string) ([]byte, error) {
	files, err := s.filesOf(ctx, number)
	if err != nil {
		return nil, err
	}
	f := files[path]
	if f.Beneath == "" {
		return nil, fault.New(fault.NotFound, "edition.no_file", "path", path).At("path")
	}
	return s.content(ctx, f.Beneath)
}

// Change is one path in which two editions differ. Hunks is empty for content
// that is no text.
type Change struct {
	Path   string
	Kind   ChangeKind
	Source Source // where the newer side comes from; of the older where it is gone
	Hunks  [][]Line
}

// ChangeKind says how a path differs. Its words are "edition.change.<kind>".
type ChangeKind string

// How a path can differ.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Difference tells what leads from one edition to another, by path. Fault:
// edition.no_edition.
func (s *Service) Difference(ctx context.Context, from, to int64) ([]Change, error) {
	before, err := s.load(ctx, from)
	if err != nil {
		return nil, err
	}
	after, err := s.load(ctx, to)
	if err != nil {
		return nil, err
	}
	older, err := s.filesOf(ctx, from)
	if err != nil {
		return nil, err
	}
	newer, err := s.filesOf(ctx, to)
	if err != nil {
		return nil, err
	}
	return difference(before, after, older, newer), nil
}

// Preview tells what a change would do before it is published: the difference
// and the problems. Faults as of Publish.
func (s *Service) Preview(ctx context.Context, change map[string][]byte) ([]Change, []Problem, error) {
	on, c, err := s.candidate(ctx, 0, change)
	if err != nil {
		return nil, nil, err
	}
	after, err := s.assemble(ctx, on.Number, c.effective(), c.fresh)
	if err != nil {
		return nil, nil, err
	}
	before, err := s.load(ctx, on.Number)
	if err != nil {
		return nil, nil, err
	}
	older, err := s.filesOf(ctx, on.Number)
	if err != nil {
		return nil, nil, err
	}
	return difference(before, after, older, c.files), s.Check(after), nil
}

func difference(before, after *memory, older, newer map[string]File) []Change {
	names := map[string]bool{}
	for name, h := range before.hash {
		names[name] = after.hash[name] != h
	}
	for name, h := range after.hash {
		names[name] = before.hash[name] != h
	}
	var out []Change
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !names[name] {
			continue
		}
		c := Change{Path: name, Kind: Changed, Source: newer[name].Source}
		old, was := before.files[name]
		now, is := after.files[name]
		switch {
		case !was:
			c.Kind = Added
		case !is:
			c.Kind, c.Source = Removed, older[name].Source
		}
		if readable(old) && readable(now) {
			c.Hunks = hunks(old, now)
		}
		out = append(out, c)
	}
	return out
}

// Version is an edition by which the content of one path became what it is.
type Version struct {
	Edition   int64
	Published clock.Instant
}

// Versions lists the editions that changed a path, newest first: each is where its
// content began to hold.
func (s *Service) Versions(ctx context.Context, path string) ([]Version, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT f.edition, f.hash, e.published FROM edition_file f JOIN edition_edition e ON e.number = f.edition
		WHERE f.path = $1 ORDER BY f.edition`, path)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Version
	last := ""
	for rows.Next() {
		var v Version
		var hash string
		if err := rows.Scan(&v.Edition, &hash, &v.Published); err != nil {
			return nil, err
		}
		if hash != last && hash != "" {
			out = append(out, v)
		}
		last = hash
	}
	slices.Reverse(out)
	return out, rows.Err()
}
