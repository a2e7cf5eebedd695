package command

import (
	"context"
	"slices"
	"sync"
	"time"

	"linli/internal/identity"
)

// Bounds of what open pages cost.
const (
	mostStreams   = 1000 // open pages of one process
	mostOfPerson  = 8    // open pages of one person
	mostNamed     = 30   // cases named in one event; beyond it an event says only that there are more
	mostChanges   = 500  // rows looked at in one round; beyond it every page is told to look
	tellEvery     = time.Second
	streamsApart  = 500 * time.Millisecond // the least time between two events of one page
	heartbeat     = 15 * time.Second
	checkEvery    = time.Minute      // that the session still stands
	writeDeadline = 10 * time.Second // a browser that does not read for so long is dropped
)

// news is what a page has not been told yet. It is bounded whatever happens.
type news struct {
	seq   int64
	cases []string
	more  bool
}

// page is one open stream.
type page struct {
	who   identity.Actor
	scope Scope
	units []string      // of the scope's unit
	ring  chan struct{} // of one: there is news
	news  news
	some  bool
}

// hub keeps the open pages of this process. It holds no case, only ids that the
// very page may see.
type hub struct {
	wake chan struct{} // of one: rows changed here

	mu     sync.Mutex
	pages  map[*page]bool
	of     map[string]int // by person
	most   int            // of one person
	seq    int64          // leaf up to which pages were told
	rounds int64
}

// unknownSeq stands before the first look.
const unknownSeq = -2

func newHub() *hub {
	return &hub{wake: make(chan struct{}, 1), pages: map[*page]bool{}, of: map[string]int{}, most: mostOfPerson, seq: unknownSeq}
}

func (h *hub) nudge() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// open adds a page; false where there are too many.
func (h *hub) open(p *page) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.pages) >= mostStreams || h.of[p.who.Person] >= h.most {
		return false
	}
	h.pages[p] = true
	h.of[p.who.Person]++
	return true
}

func (h *hub) close(p *page) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.pages[p] {
		return
	}
	delete(h.pages, p)
	if h.of[p.who.Person]--; h.of[p.who.Person] == 0 {
		delete(h.of, p.who.Person)
	}
}

func (h *hub) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.pages)
}

// at is the leaf up to which pages were told.
func (h *hub) at() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seq
}

// again changes who a page is for, after their posts were looked up anew.
func (h *hub) again(p *page, who identity.Actor) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p.who = who
}

// take gives what a page has not been told, and forgets it.
func (h *hub) take(p *page) (news, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n, some := p.news, p.some
	p.news, p.some = news{}, false
	return n, some
}

// add notes one change for a page; the lock is held.
func (p *page) add(seq int64, id string) {
	p.news.seq = max(p.news.seq, seq)
	switch {
	case id == "" || len(p.news.cases) >= mostNamed:
		p.news.more = true
	case !slices.Contains(p.news.cases, id):
		p.news.cases = append(p.news.cases, id)
	}
	p.some = true
	select {
	case p.ring <- struct{}{}:
	default:
	}
}

// tell tells pages of rows that changed, each only of those it may see.
func (h *hub) tell(rows []seen, relations map[string][]identity.Relation, upto int64, all bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq = max(h.seq, upto)
	h.rounds++
	for p := range h.pages {
		if all {
			p.add(upto, "")
			continue
		}
		for _, c := range rows {
			switch is, was := p.sees(c, relations[c.Procedure]); {
			case is:
				p.add(c.Seq, c.ID)
			case was: // it went out of sight: that something changed is enough
				p.add(c.Seq, "")
			}
		}
	}
}

// sees says whether a page sees a row as it stands, and whether it saw it where
// it stood. It is what within says in SQL.
func (p *page) sees(c seen, who []identity.Relation) (is, was bool) {
	is = p.holds(who, c.Area, c.Unit, c.Sealed)
	if !is && (c.WasArea != c.Area || c.WasUnit != c.Unit || c.Was != c.Sealed) {
		was = p.holds(who, c.WasArea, c.WasUnit, c.Was)
	}
	return is, was
}

func (p *page) holds(who []identity.Relation, area, unit, sealed string) bool {
	if a := p.scope.Area; a != "" && (len(area) < len(a) || area[:len(a)] != a) {
		return false
	}
	if p.scope.Unit != "" && !slices.Contains(p.units, unit) {
		return false
	}
	return identity.Holds(who, p.who, identity.Subject{Unit: unit, Area: area, Sealed: sealed})
}

// tellPages watches the rows until ctx ends: at once where this process changed
// them, and once a second for those of other nodes.
func (s *Service) tellPages(ctx context.Context) {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	failing := false
	for {
		err := s.tellOnce(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			s.slog.Error("command: open pages are not told of changes", "error", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-s.hub.wake:
		case <-tick.C:
		}
	}
}

// tellOnce looks for rows that changed since the last look and tells pages.
func (s *Service) tellOnce(ctx context.Context) error {
	at := s.hub.at()
	newest, err := s.newest(ctx)
	if err != nil {
		return err
	}
	if newest <= at {
		return nil
	}
	if at == unknownSeq || s.hub.count() == 0 { // nobody to tell
		s.hub.tell(nil, nil, newest, false)
		return nil
	}
	rows, err := s.changedAfter(ctx, at, mostChanges+1)
	if err != nil {
		return err
	}
	if len(rows) > mostChanges {
		s.hub.tell(nil, nil, newest, true)
		return nil
	}
	relations := map[string][]identity.Relation{}
	upto := at
	for _, c := range rows {
		upto = max(upto, c.Seq)
		if relations[c.Procedure] == nil {
			if relations[c.Procedure], err = s.cases.Sees(ctx, c.Procedure); err != nil {
				return err
			}
		}
	}
	s.hub.tell(rows, relations, upto, false)
	return nil
}
