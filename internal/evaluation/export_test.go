package evaluation

import "context"

// Contributions reckons one case, for tests.
func (s *Service) Contributions(ctx context.Context, id string) ([]Contribution, error) {
	list, err := s.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	return s.reckon(ctx, list, id)
}

// Spoil makes cases poisonous.
func (s *Service) Spoil(fn func(id string) error) { s.spoil = fn }

// AtOnce is how much one transaction takes.
const AtOnce = atOnce

// NextMonth, MonthOf …
var NextMonth, MonthOf = nextMonth, monthOf
