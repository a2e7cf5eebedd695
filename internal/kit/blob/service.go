package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// Store keeps blobs.
type Store struct {
	keep  keeper
	mu    sync.Mutex
	loose map[string]clock.Instant // unused blobs by when that was first seen
}

// keeper is where the bytes lie; see store.go.
type keeper interface {
	put(ctx context.Context, b Blob, data []byte) error
	get(ctx context.Context, id string) ([]byte, Blob, error)
	remove(ctx context.Context, id string) error
	list(ctx context.Context, after string, max int) ([]string, error)
}

// Open uses table kit_blob on PostgreSQL, and folder/blob/ beside SQLite (made
// when it is missing; what an interrupted Put left there is cleared away).
func Open(d *db.DB, folder string) (*Store, error) {
	s := &Store{loose: map[string]clock.Instant{}}
	if d.Postgres() {
		s.keep = rows{d}
		return s, nil
	}
	f, err := openFiles(filepath.Join(folder, "blob"))
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	s.keep = f
	return s, nil
}

// Put keeps data and returns once it is durable. Faults: blob.empty,
// blob.too_large.
func (s *Store) Put(ctx context.Context, data []byte, media string) (Blob, error) {
	switch {
	case len(data) == 0:
		return Blob{}, fault.New(fault.Invalid, "blob.empty")
	case len(data) > MaxSize:
		return Blob{}, fault.New(fault.Invalid, "blob.too_large", "mib", MaxSize>>20)
	case !validMedia(media):
		return Blob{}, fmt.Errorf("blob: no media type: %q", media)
	}
	sum := sha256.Sum256(data)
	b := Blob{ID: newID(), Media: media, Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
	if err := s.keep.put(ctx, b, data); err != nil {
		return Blob{}, fmt.Errorf("blob: put: %w", err)
	}
	return b, nil
}

// Get gives a blob back, checked against its hash. Faults: blob.none; bytes that
// have changed are an internal fault blob.damaged.
func (s *Store) Get(ctx context.Context, id string) ([]byte, Blob, error) {
	if !validID(id) {
		return nil, Blob{}, none()
	}
	data, b, err := s.keep.get(ctx, id)
	if err != nil {
		return nil, Blob{}, err
	}
	sum := sha256.Sum256(data)
	if int64(len(data)) != b.Size || hex.EncodeToString(sum[:]) != b.SHA256 {
		return nil, Blob{}, damaged(id)
	}
	b.ID = id
	return data, b, nil
}

func damaged(id string) error {
	return fault.New(fault.Internal, "blob.damaged").Because(errors.New("blob " + id + " is not what was put"))
}

// Delete destroys a blob; one that is not there is already gone.
func (s *Store) Delete(ctx context.Context, id string) error {
	if !validID(id) {
		return none()
	}
	if err := s.keep.remove(ctx, id); err != nil {
		return fmt.Errorf("blob: delete: %w", err)
	}
	return nil
}

// List gives the ids after one id in their order, at most max of them.
func (s *Store) List(ctx context.Context, after string, max int) ([]string, error) {
	return s.keep.list(ctx, after, max)
}

// sweepAfter is how long a blob must have been unused before Sweep destroys it:
// longer than any act may wait between its photos and its commit.
const sweepAfter = time.Hour

// Sweep destroys blobs that no act came to use: those for which used says no, now
// and at an earlier call at least an hour ago. It returns how many. The time of
// the first sight is in memory: after a restart the hour starts again.
func (s *Store) Sweep(ctx context.Context, now clock.Instant, used func(ctx context.Context, ids []string) (map[string]bool, error)) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]clock.Instant{}
	removed, after := 0, ""
	for {
		ids, err := s.List(ctx, after, 500)
		if err != nil || len(ids) == 0 {
			if err == nil {
				s.loose = seen
			}
			return removed, err
		}
		after = ids[len(ids)-1]
		in, err := used(ctx, ids)
		if err != nil {
			return removed, err
		}
		for _, id := range ids {
			if in[id] {
				continue
			}
			first, known := s.loose[id]
			if !known {
				first = now
			}
			if now.Sub(first) < sweepAfter {
				seen[id] = first
				continue
			}
			if err := s.Delete(ctx, id); err != nil {
				return removed, err
			}
			removed++
		}
	}
}
