package assets

import (
	"context"
	"fmt"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// Procedures of the registers.
const (
	Contract = "contract"
	Asset    = "contract-asset"
)

// Private says what in a text points to a person and may not be published: the
// kind and the first signs; "" where nothing does.
type Private func(text string) (kind, begins string)

// Parts are the rooms and tools this room stands on.
type Parts struct {
	Clock   clock.Clock
	Areas   *area.Service
	People  *identity.Service
	Cases   *casework.Service
	Private func(ctx context.Context) (Private, error)
}

// Service is the room's door. It is safe for concurrent use.
type Service struct{ Parts }

// New makes the room; Offer belongs to it.
func New(p Parts) *Service { return &Service{p} }

// Offer registers what the procedures name. The roof calls it before the catalogue
// is put in force.
func (s *Service) Offer(cases *casework.Service) {
	cases.RegisterCheck("assets.contract", s.contract)
	cases.RegisterCheck("assets.words", s.words)
	cases.RegisterCheck("assets.never_published", neverPublished)
	cases.RegisterEffect("assets.notices", notices)
}

// longestYears bounds a contract's term.
const longestYears = 70

// contract holds a contract to a term that is one, and its words to the privacy check.
func (s *Service) contract(ctx context.Context, m *casework.Moment) error {
	begins, ends, err := term(m)
	if err != nil {
		return err
	}
	if ends <= begins {
		return fault.New(fault.Invalid, "assets.term").At("ends")
	}
	if ends-begins > longestYears*366 {
		return fault.New(fault.Invalid, "assets.term_long", "years", longestYears).At("ends")
	}
	return s.words(ctx, m)
}

func term(m *casework.Moment) (begins, ends clock.Day, err error) {
	if begins, err = clock.ParseDay(m.Values.Text("begins")); err != nil {
		return 0, 0, fault.New(fault.Invalid, "assets.term").At("begins")
	}
	if ends, err = clock.ParseDay(m.Values.Text("ends")); err != nil {
		return 0, 0, fault.New(fault.Invalid, "assets.term").At("ends")
	}
	return begins, ends, nil
}

// published are the fields in free words that become public.
var published = []string{"subject", "payment", "tender_record", "quantity"}

// words holds what becomes public to the privacy check.
func (s *Service) words(ctx context.Context, m *casework.Moment) error {
	if s.Private == nil {
		return nil
	}
	find, err := s.Private(ctx)
	if err != nil {
		return err
	}
	for _, field := range published {
		if kind, begins := find(m.Values.Text(field)); kind != "" {
			return fault.New(fault.Unmet, "assets.private", "begins", begins).At(field)
		}
	}
	return nil
}

// neverPublished keeps what was published from being dropped as if it had not been.
func neverPublished(_ context.Context, m *casework.Moment) error {
	if m.Case.Published > 0 {
		return fault.New(fault.Unmet, "assets.published")
	}
	return nil
}

// Days before the end on which the two notices come.
const (
	firstNotice  = 90
	secondNotice = 30
	mostDays     = 3650 // that a length is given in
)

// notices reckons how long it is until the two notices of a contract; where the
// day has passed the notice comes on the next day.
func notices(_ context.Context, m *casework.Moment) error {
	_, ends, err := term(m)
	if err != nil {
		return err
	}
	today := m.Now.Day()
	m.Set("first_notice", length(ends-firstNotice-today))
	m.Set("second_notice", length(ends-secondNotice-today))
	return nil
}

// length writes days as the procedures do; what is too long for days is written in
// months, rather too few of them than too many.
func length(days clock.Day) string {
	if days > mostDays {
		return fmt.Sprintf("%d months", int(days)*12/366)
	}
	return fmt.Sprintf("%d days", max(int(days), 1))
}
