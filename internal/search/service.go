package search

import (
	"context"
	"log/slog"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/ledger"
)

// Places names the areas that contain a code; *area.Service is one.
type Places interface {
	Chain(ctx context.Context, code string) ([]area.Area, error)
}

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB     *db.DB
	Ledger *ledger.Service
	Cases  *casework.Service
	People *identity.Service
	Areas  Places // nil: areas are found by their code only
	Log    *slog.Logger
}

// Service finds cases by their words. Its follower keeps the index.
type Service struct {
	*ledger.Follower

	d      *db.DB
	cases  *casework.Service
	people *identity.Service
	areas  Places
	slog   *slog.Logger
	index  db.FullText
	spoil  func(id string) error // tests make a case poisonous with it
}

// New makes the room; Migrate comes first.
func New(p Parts) *Service {
	if p.Log == nil {
		p.Log = slog.Default()
	}
	s := &Service{d: p.DB, cases: p.Cases, people: p.People, areas: p.Areas, slog: p.Log, index: p.DB.FullText(indexName)}
	s.Follower = p.Ledger.Follower(ledger.Reader{Name: Reader, Begin: s.begin, Clear: s.clear, Log: p.Log})
	return s
}

const (
	mostBehind     = 2048  // leaves; from here on what is new may be missed, and the page says so
	mostTyped      = 100   // characters of what is looked for
	mostFound      = 200   // rows of one answer
	mostCandidates = 10000 // documents looked through for what the actor may see
	firstRound     = 400   // of them in the first look, which mostly is enough
	chunk          = 200   // handed to the list of cases at once …
	firstChunk     = 50    // … after a first few
)

// office tells who reads what only the office reads: parties do not.
func office(a identity.Actor) bool { return a.Kind == identity.System || a.Known() && len(a.Posts) > 0 }

// Find gives the cases with all the words that the actor may see and the filter
// lets through, the best first, at most limit (1 to 200). Chinese written
// together must stand together; where nothing fits so, cases that share parts of
// it are given and Loose is set. More says that there may be others. Of the
// filter Words, IDs, After and Limit are not used. Fault: Invalid at q.
func (s *Service) Find(ctx context.Context, a identity.Actor, typed string, f casework.Filter, limit int) (Found, error) {
	typed, err := text.Clean(typed, mostTyped)
	if err != nil {
		return Found{}, fault.Of(err).At("q")
	}
	limit = min(max(limit, 1), mostFound)
	q := parse(typed)
	asked := db.TextQuery{Every: q.every, Columns: innerColumn}
	if office(a) {
		asked.Columns = db.TextColumns
	}
	if a.Kind == identity.Link { // whoever holds a link sees that one case
		if asked.Only, err = s.docOf(ctx, a.Party.Case); err != nil || asked.Only == 0 {
			return Found{}, err
		}
	}
	found := Found{Terms: q.terms}
	if found.Rows, found.More, err = s.look(ctx, a, asked, f, limit); err != nil || found.More || len(found.Rows) > 0 || len(q.pairs) == 0 {
		return found, err
	}
	asked.Every, asked.Some = q.kept, q.pairs
	found.Rows, found.More, err = s.look(ctx, a, asked, f, limit)
	found.Terms, found.Loose = q.pieces, len(found.Rows) > 0
	return found, err
}

// IDs are the ids of the cases that Find gives, for lists that filter further.
func (s *Service) IDs(ctx context.Context, a identity.Actor, typed string) ([]string, error) {
	found, err := s.Find(ctx, a, typed, casework.Filter{}, mostFound)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found.Rows))
	for i, r := range found.Rows {
		ids[i] = r.ID
	}
	return ids, nil
}

// look asks the index for candidates and the list of cases which of them the
// actor may see, until there are enough.
func (s *Service) look(ctx context.Context, a identity.Actor, q db.TextQuery, f casework.Filter, limit int) (out []casework.Row, more bool, err error) {
	for q.Limit = firstRound; ; q.Limit = mostCandidates - firstRound {
		docs, err := s.index.Find(ctx, q)
		if err != nil {
			return nil, false, err
		}
		full := len(docs) == q.Limit
		size := chunk
		if q.Skip == 0 && limit < firstChunk {
			size = firstChunk
		}
		for ; len(docs) > 0; size = chunk {
			n := min(size, len(docs))
			rows, err := s.seen(ctx, a, docs[:n], f, size)
			if err != nil {
				return nil, false, err
			}
			if out = append(out, rows...); len(out) > limit {
				return out[:limit], true, nil
			}
			docs = docs[n:]
		}
		if !full || q.Skip > 0 {
			return out, full, nil
		}
		q.Skip = firstRound
	}
}

// seen keeps of at most size documents the cases that the actor may see, in
// their order.
func (s *Service) seen(ctx context.Context, a identity.Actor, docs []int64, f casework.Filter, size int) ([]casework.Row, error) {
	ids, err := s.casesOf(ctx, docs, size)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	f.Words, f.After, f.Limit, f.IDs = "", "", size, make([]string, size)
	for i := range f.IDs { // always as many, for few shapes of statement
		f.IDs[i] = ids[min(i, len(ids)-1)]
	}
	rows, _, err := s.cases.List(ctx, a, f)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]casework.Row, len(rows))
	for _, r := range rows {
		byID[r.ID] = r
	}
	out := rows[:0]
	for _, id := range ids {
		if r, ok := byID[id]; ok {
			out = append(out, r)
		}
	}
	return out, nil
}
