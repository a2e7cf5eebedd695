package finance

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// mostPages bounds what is kept in memory of books, which never change.
const mostPages = 300

// pages keeps lines that were read: a posted book is asked for again and again.
type pages struct {
	mu   sync.Mutex
	kept map[string][]Line
}

// page gives some lines of a book that can no longer change.
func (s *Service) page(ctx context.Context, b Book, f Filter) ([]Line, error) {
	key := fmt.Sprintf("%s %+v", b.ID, f)
	s.pages.mu.Lock()
	list, ok := s.pages.kept[key]
	s.pages.mu.Unlock()
	if ok && !f.Vouchers {
		return list, nil
	}
	list, err := s.linesOf(ctx, s.DB.Reader(), b.ID, f)
	if err != nil || b.Posted == 0 || f.Vouchers {
		return list, err
	}
	s.pages.mu.Lock()
	defer s.pages.mu.Unlock()
	if s.pages.kept == nil || len(s.pages.kept) >= mostPages {
		s.pages.kept = map[string][]Line{}
	}
	s.pages.kept[key] = list
	return list, nil
}

// Posted are the newest posted versions of a village's books, the newest period
// first; of every village where none is named.
func (s *Service) Posted(ctx context.Context, village string) ([]Book, error) {
	where, args := `posted > 0`, []any{}
	if village != "" {
		where, args = `posted > 0 AND village = $1`, []any{village}
	}
	list, err := s.books(ctx, where+` ORDER BY village, last_day DESC, first_day, version DESC LIMIT 2000`, args...)
	if err != nil {
		return nil, err
	}
	return slices.CompactFunc(list, func(a, b Book) bool { return a.Case == b.Case }), nil
}

// versions are the posted versions of a period's book, the newest first. Fault:
// NotFound.
func (s *Service) versions(ctx context.Context, village string, p Period) ([]Book, error) {
	list, err := s.books(ctx, `village = $1 AND period = $2 AND posted > 0 ORDER BY recorded DESC, version DESC`, village, string(p))
	if err == nil && len(list) == 0 {
		err = noBook()
	}
	if err != nil {
		return nil, err
	}
	newest := list[0].Case
	return slices.DeleteFunc(list, func(b Book) bool { return b.Case != newest }), nil
}

// Seen is a book for who may see its case, posted or not. Fault: NotFound.
func (s *Service) Seen(ctx context.Context, a identity.Actor, id string) (Book, *casework.Case, error) {
	b, err := s.bookByID(ctx, s.DB.Reader(), id)
	if err == nil && b.State != Bound {
		err = noBook()
	}
	if err != nil {
		return b, nil, err
	}
	c, _, err := s.Cases.Seen(ctx, a, b.Case)
	if fault.Is(err, fault.NotFound) || err == nil && !a.Known() {
		err = noBook()
	}
	return b, c, err
}

// correction is why a version took the place of the one before, "" for a first.
func (s *Service) correction(ctx context.Context, b Book) string {
	_, _, acts, err := s.Cases.History(ctx, b.Case)
	if err != nil {
		return ""
	}
	why := ""
	for _, e := range acts {
		if (e.Act == actCorrect || e.Act == actRecorrect) && !e.Annulled && e.Values.Text("book") == b.ID {
			why = e.Values.Text("reason")
		}
	}
	return why
}

// stands is the last day on which a posted book may not come down, and by which
// norm; 0 where it has come down or no such day is known.
func (s *Service) stands(ctx context.Context, b Book) (last clock.Day, norm string) {
	c, p, _, err := s.Cases.History(ctx, b.Case)
	if err != nil || p.State(c.State).Kind == procedure.Final || p.Clock("stand") == nil {
		return 0, ""
	}
	k := c.Clocks()["stand"]
	if !k.Live() || k.Duty == 0 {
		return 0, ""
	}
	return (k.Duty - 1).Day(), p.Clock("stand").Norm
}
