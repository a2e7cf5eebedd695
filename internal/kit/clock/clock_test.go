package clock_test

import (
	"sync"
	"testing"
	"time"

	"linli/internal/kit/clock"
)

func TestSwitchFollowsTheHandUntilItIsReleased(t *testing.T) {
	hand := clock.NewHand(clock.Date(2026, 10, 1).Start())
	s := clock.NewSwitch(hand)
	for range 3 {
		hand.Advance(time.Hour)
		if s.Now() != hand.Now() {
			t.Fatalf("it shows %s, the hand %s", s.Now(), hand.Now())
		}
	}
	before := time.Now()
	s.Release()
	if now := s.Now(); now.Time().Before(before.Truncate(time.Microsecond)) {
		t.Fatalf("released it shows %s, the machine %s", now, before)
	}
	hand.Advance(time.Hour)
	if s.Now() == hand.Now() {
		t.Error("released it still follows the hand")
	}
}

func TestSwitchNeverGoesBack(t *testing.T) {
	ahead := clock.At(time.Now()).Add(24 * time.Hour)
	s := clock.NewSwitch(clock.NewHand(ahead))
	s.Release()
	if now := s.Now(); now < ahead {
		t.Errorf("it went back from %s to %s", ahead, now)
	}
	s.NotBefore(ahead.Add(time.Hour))
	if now := s.Now(); now < ahead.Add(time.Hour) {
		t.Errorf("lifted to %s it shows %s", ahead.Add(time.Hour), now)
	}
}

func TestSwitchIsReadWhileItIsReleased(t *testing.T) {
	s := clock.NewSwitch(clock.NewHand(clock.At(time.Now())))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			last := s.Now()
			for range 2000 {
				now := s.Now()
				if now < last {
					t.Errorf("%s after %s", now, last)
					return
				}
				last = now
			}
		})
	}
	s.Release()
	all.Wait()
}
