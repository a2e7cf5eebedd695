package coordination

import (
	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/text"
)

// Parts are the rooms this room stands on.
type Parts struct {
	Clock  clock.Clock
	Areas  *area.Service // set by the roof before the first page
	People *identity.Service
	Duty   *duty.Service
	Cases  *casework.Service
	Book   func() *text.Book
}

// Service is the room's door. It is safe for concurrent use.
type Service struct{ Parts }

// New makes the service.
func New(p Parts) *Service { return &Service{p} }

// Offer registers the checks and effects that the procedures name. The roof calls
// it before the catalogue is put in force.
func (s *Service) Offer(cases *casework.Service) {
	s.offerTasks(cases)
	s.offerSupervision(cases)
	s.offerOpinions(cases)
	s.offerWhistle(cases)
	s.offerStations(cases)
	s.offerProposals(cases)
}
