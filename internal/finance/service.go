package finance

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/blob"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB       *db.DB
	Clock    clock.Clock
	Blobs    *blob.Store
	Editions *edition.Service
	Areas    *area.Service
	People   *identity.Service
	Cases    *casework.Service
	Book     func() *text.Book
	Private  func(ctx context.Context) (Private, error) // the privacy check of what is published; nil finds nothing
	Log      *slog.Logger
	Address  string // under which people reach this house; "" = the one they used
}

// Service is the room's door. It is safe for concurrent use.
type Service struct {
	Parts
	lists *edition.Compiled[*Catalogue]
	pages pages
}

// New makes the room; Migrate and Offer belong to it.
func New(p Parts) *Service {
	if p.Log == nil {
		p.Log = slog.Default()
	}
	return &Service{Parts: p, lists: edition.Compile(p.Editions, Load)}
}

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "finance", files)
}

// Offer registers what the procedures name. The roof calls it before the catalogue
// is put in force.
func (s *Service) Offer(cases *casework.Service) {
	cases.RegisterCheck("finance.book", s.mayBind)
	cases.RegisterCheck("finance.intact", s.intact)
	cases.RegisterCheck("finance.not_bookkeeper", notBookkeeper)
	cases.RegisterCheck("finance.vouchers_looked", s.looked)
	cases.RegisterCheck("finance.line", s.lineThere)
	cases.RegisterCheck("finance.picture", s.pictureThere)
	cases.RegisterCheck("finance.public_words", s.publicWords)
	cases.RegisterEffect("finance.to_committee", s.toCommittee)
	cases.RegisterEffect("finance.to_township", s.toTownship)
	cases.OnAct(s.touched)
	s.Editions.OnCheck(Check)
}

// Kinds of post of this room. The law keeps who holds the money from judging it.
const (
	bookkeeper = "bookkeeper"
	clerk      = "clerk"
)

// catalogue of the edition in force.
func (s *Service) catalogue(ctx context.Context) (*Catalogue, error) {
	c, _, err := s.lists.Now(ctx)
	return c, err
}

func (s *Service) private(ctx context.Context) (Private, error) {
	if s.Private == nil {
		return func(string) (string, string) { return "", "" }, nil
	}
	return s.Private(ctx)
}

// mayKeep says whether somebody keeps the books of a village.
func (s *Service) mayKeep(ctx context.Context, a identity.Actor, village string) (bool, error) {
	return s.over(ctx, a, village, bookkeeper, clerk)
}

// over says whether somebody holds a post of one of the kinds over a village.
func (s *Service) over(ctx context.Context, a identity.Actor, village string, kinds ...string) (bool, error) {
	for _, p := range a.Posts {
		if !slices.Contains(kinds, p.Kind) {
			continue
		}
		area := p.Area
		if area == "" {
			var err error
			if area, err = s.People.AreaOf(ctx, p.Unit); err != nil {
				return false, err
			}
		}
		if area != "" && strings.HasPrefix(village, area) {
			return true, nil
		}
	}
	return false, nil
}

// mayBind holds an act that brings a book to a book that was checked, is nobody
// else's, and tells of days that no other book tells of.
func (s *Service) mayBind(ctx context.Context, m *casework.Moment) error {
	b, err := s.bookByID(ctx, m.Read, m.Given.Text("book"))
	if err != nil {
		return fault.Of(err).At("book")
	}
	lines, _ := m.Given["lines"].(int64)
	switch {
	case b.State != Ready:
		return fault.New(fault.Unmet, "finance.not_ready").At("book")
	case b.Person != m.Actor.Person:
		return fault.New(fault.Forbidden, "finance.not_yours").At("book")
	case b.Digest != m.Given.Text("fingerprint") || int64(b.Lines) != lines:
		return fault.New(fault.Invalid, "finance.other_book").At("fingerprint")
	case b.Village != m.Values.Text("village") || string(b.Period) != m.Values.Text("period"):
		return fault.New(fault.Invalid, "finance.other_period").At("period")
	}
	other, there, err := s.overlapping(ctx, m.Read, b, m.Case.ID)
	if err == nil && there {
		err = fault.New(fault.Conflict, "finance.overlaps", "period", string(other)).At("period")
	}
	return err
}

// intact holds signing and posting to the lines as they were imported.
func (s *Service) intact(ctx context.Context, m *casework.Moment) error {
	b, err := s.bookOfCase(ctx, m.Read, m.Case.ID)
	if err != nil {
		return err
	}
	digest, err := s.digest(ctx, m.Read, b)
	if err != nil {
		return err
	}
	if digest != m.Case.Values.Text("fingerprint") || b.ID != m.Case.Values.Text("book") {
		return fault.New(fault.Unmet, "finance.changed")
	}
	return nil
}

// digest hashes the stored lines of a book.
func (s *Service) digest(ctx context.Context, q db.Query, b Book) (string, error) {
	mark := newMarker(b.Village, b.Period)
	if err := s.each(ctx, q, b.ID, Filter{}, func(l Line) error {
		mark.line(l)
		return nil
	}); err != nil {
		return "", err
	}
	return mark.digest(b.Sums)
}

// notBookkeeper keeps who holds the money from judging how it was spent.
func notBookkeeper(_ context.Context, m *casework.Moment) error {
	if m.Actor.Has(bookkeeper) {
		return fault.New(fault.Forbidden, "finance.own_books").Under(m.Act.Norm)
	}
	return nil
}

// looked holds posting to pictures at which somebody has looked.
func (s *Service) looked(ctx context.Context, m *casework.Moment) error {
	b, err := s.bookOfCase(ctx, m.Read, m.Case.ID)
	if err != nil {
		return err
	}
	list, err := s.vouchers(ctx, m.Read, b.ID, 0)
	if err != nil {
		return err
	}
	for _, v := range list {
		if v.Verdict == Unseen {
			return fault.New(fault.Unmet, "finance.voucher_unseen", "line", v.Line)
		}
	}
	return nil
}

func noLine(n int) *fault.Fault {
	return fault.New(fault.NotFound, "finance.no_line", "n", n).At("line")
}

// lineThere holds what speaks of a line to a line that is there.
func (s *Service) lineThere(ctx context.Context, m *casework.Moment) error {
	n, _ := m.Given["line"].(int64)
	b, err := s.bookOfCase(ctx, m.Read, m.Case.ID)
	if err == nil {
		_, err = s.lineOf(ctx, m.Read, b.ID, int(n))
	}
	return err
}

// pictureThere holds a verdict to a picture of the case's book, and to somebody else
// than who attached it.
func (s *Service) pictureThere(ctx context.Context, m *casework.Moment) error {
	b, err := s.bookOfCase(ctx, m.Read, m.Case.ID)
	if err != nil {
		return err
	}
	list, err := s.vouchers(ctx, m.Read, b.ID, 0)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(v Voucher) bool { return v.Blob == m.Given.Text("picture") }) {
		return fault.New(fault.NotFound, "finance.no_picture").At("picture")
	}
	// Attaching is a quiet act, so not_by does not know who did it.
	_, _, acts, err := s.Cases.History(ctx, m.Case.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(acts, func(a casework.Entry) bool {
		return a.Person != "" && a.Person == m.Actor.Person && slices.Contains(a.Values.List("photos"), m.Given.Text("picture"))
	}) {
		return fault.New(fault.Forbidden, "finance.own_picture").At("picture")
	}
	return nil
}

// publicWords holds words that are to stand beside a line to the privacy check.
func (s *Service) publicWords(ctx context.Context, m *casework.Moment) error {
	if shown, _ := m.Given["shown"].(bool); !shown {
		return nil
	}
	find, err := s.private(ctx)
	if err != nil {
		return err
	}
	for _, field := range []string{"shown_question", "answer"} {
		if kind, begins := find(m.Given.Text(field)); kind != "" {
			return fault.New(fault.Unmet, "finance.private_"+kind, "begins", begins).At(field)
		}
	}
	return nil
}

// toCommittee gives a question to the committee whose accounts it is about.
func (s *Service) toCommittee(ctx context.Context, m *casework.Moment) error {
	b, err := s.about(ctx, m)
	if err != nil {
		return err
	}
	unit, err := s.committee(ctx, b)
	if err != nil {
		return err
	}
	m.PlaceAt(b.Village)
	m.HoldBy(unit, "")
	return nil
}

// toTownship gives an objection to the unit above the committee.
func (s *Service) toTownship(ctx context.Context, m *casework.Moment) error {
	b, err := s.about(ctx, m)
	if err != nil {
		return err
	}
	unit, err := s.committee(ctx, b)
	if err == nil && unit.Parent != "" {
		unit, err = s.People.Unit(ctx, unit.Parent)
	}
	if err != nil {
		return err
	}
	m.PlaceAt(b.Village)
	m.HoldBy(unit, "")
	return nil
}

// about is the posted book that a question names, and its line; what the line
// says is noted with the question.
func (s *Service) about(ctx context.Context, m *casework.Moment) (Book, error) {
	b, err := s.bookByID(ctx, m.Read, m.Values.Text("book"))
	if err == nil && b.Posted == 0 {
		err = noBook()
	}
	if err != nil {
		return b, fault.Of(err).At("book")
	}
	n, _ := m.Values["line"].(int64)
	if n > 0 {
		l, err := s.lineOf(ctx, m.Read, b.ID, int(n))
		if err != nil {
			return b, err
		}
		m.Set("subject", cut(l.Voucher+" "+l.Summary, 80))
	} else {
		m.Set("subject", string(b.Period))
	}
	m.Set("village", b.Village)
	m.Set("period", string(b.Period))
	return b, nil
}

// committee is the unit that holds the case of a book, else the village's own.
func (s *Service) committee(ctx context.Context, b Book) (identity.Unit, error) {
	if c, _, _, err := s.Cases.History(ctx, b.Case); err == nil && c.Unit != "" {
		return s.People.Unit(ctx, c.Unit)
	}
	units, err := s.People.Units(ctx)
	if err != nil {
		return identity.Unit{}, err
	}
	for _, u := range units {
		if u.Area == b.Village && u.Open(s.Clock.Now()) {
			return u, nil
		}
	}
	return identity.Unit{}, fault.New(fault.Unmet, "finance.no_committee")
}
