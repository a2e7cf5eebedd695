package clock

import "sync/atomic"

// Switch follows another clock until it is released, and the machine's clock
// from then on: the demo's cases are made on a clock set by hand, and then time
// goes its own way. It never goes back at the change.
type Switch struct {
	first    Clock
	wall     Wall
	released atomic.Bool
}

// NewSwitch starts with first.
func NewSwitch(first Clock) *Switch { return &Switch{first: first} }

// Now is the first clock's time, or the machine's after Release.
func (s *Switch) Now() Instant {
	if s.released.Load() {
		return s.wall.Now()
	}
	return s.first.Now()
}

// Release changes over to the machine's clock.
func (s *Switch) Release() {
	s.wall.NotBefore(s.first.Now())
	s.released.Store(true)
}

// NotBefore lifts the machine's clock; see Wall.NotBefore.
func (s *Switch) NotBefore(i Instant) { s.wall.NotBefore(i) }
