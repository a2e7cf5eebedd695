package staff

import (
	"linli/internal/identity"
	"linli/internal/kit/clock"
)

// Parts are the rooms and tools this room stands on.
type Parts struct {
	Clock  clock.Clock
	People *identity.Service
}

// Service is the room.
type Service struct {
	Parts
}

// New makes the room.
func New(p Parts) *Service { return &Service{Parts: p} }
