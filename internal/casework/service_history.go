package casework

import (
	"context"
	"slices"
	"sync"

	"linli/internal/procedure"
)

// mostKept bounds the histories that are remembered. Rooms that read the log come
// to a case within the same second, one after another.
const mostKept = 512

// histories remembers what was read last, by case.
type histories struct {
	mu    sync.Mutex
	kept  map[string]history
	order []string // the oldest first
}

// history is what one reading gave, good while the case row has the same stamp.
type history struct {
	acts, ticks int64
	last        string // the last act, and from whom the case is sealed
	c           *Case
	p           *procedure.Procedure
	entries     []Entry
}

func (h *histories) get(id string) (history, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x, ok := h.kept[id]
	return x, ok
}

func (h *histories) put(id string, x history) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.kept == nil {
		h.kept = map[string]history{}
	}
	if _, known := h.kept[id]; !known {
		if h.order = append(h.order, id); len(h.order) > mostKept {
			delete(h.kept, h.order[0])
			h.order = slices.Delete(h.order, 0, 1)
		}
	}
	h.kept[id] = x
}

// History is a case with its procedure and all its acts, for rooms that read
// the log: no actor's rights are applied and nothing is opened. Leaf hashes are
// left out. What it gives is shared: nobody changes it. Fault: NotFound.
func (s *Service) History(ctx context.Context, id string) (*Case, *procedure.Procedure, []Entry, error) {
	var now history
	row := s.DB.Reader().Row(ctx, `SELECT acts, ticks, last_act || sealed FROM casework_case WHERE id = $1`, id)
	known := row.Scan(&now.acts, &now.ticks, &now.last) == nil // else load says what is wrong
	if x, ok := s.histories.get(id); known && ok && x.acts == now.acts && x.ticks == now.ticks && x.last == now.last {
		return x.c, x.p, x.entries, nil
	}
	c, err := s.load(ctx, id)
	if err != nil {
		return nil, nil, nil, err
	}
	p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
	if err != nil {
		return nil, nil, nil, err
	}
	acts, err := s.actsOf(ctx, s.DB.Reader(), c.ID)
	if err != nil {
		return nil, nil, nil, err
	}
	entries, err := entriesOf(p, acts)
	if known && err == nil {
		now.c, now.p, now.entries = c, p, entries
		s.histories.put(id, now)
	}
	return c, p, entries, err
}
