package clock

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// China is the one civil time zone of the mainland, UTC+8 without summer time.
var China = time.FixedZone("CST", 8*3600)

// Instant is a moment in microseconds since 1970-01-01 UTC; 0 means "none".
type Instant int64

// At converts a time.Time.
func At(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time gives the instant in China's zone.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).In(China) }

// Add moves the instant.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Microseconds()) }

// Sub gives the distance i - j.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Microsecond }

// Day is the civil day in China on which the instant lies.
func (i Instant) Day() Day { return DayOf(i.Time()) }

// String is RFC 3339 in China's zone; "" for no instant.
func (i Instant) String() string {
	if i == 0 {
		return ""
	}
	return i.Time().Format(time.RFC3339)
}

// Day is a civil day in China, counted from 1970-01-01 (= 0).
type Day int32

// DayOf is the civil day of t in China.
func DayOf(t time.Time) Day {
	t = t.In(China)
	y, m, d := t.Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Date is the civil day of year, month and day.
func Date(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads "2006-01-02" and refuses a day that does not exist.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("not a day: %q", s)
	}
	return Day(t.Unix() / 86400), nil
}

func (d Day) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// Date gives year, month and day.
func (d Day) Date() (int, time.Month, int) { return d.utc().Date() }

// Year of the day.
func (d Day) Year() int { return d.utc().Year() }

// Weekday of the day.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// String is "2006-01-02".
func (d Day) String() string { return d.utc().Format(time.DateOnly) }

// Start is the instant at which the day begins in China.
func (d Day) Start() Instant { return Instant((int64(d)*86400 - 8*3600) * 1_000_000) }

// End is 24:00 of the day, the start of the next.
func (d Day) End() Instant { return (d + 1).Start() }

// Clock tells the time.
type Clock interface{ Now() Instant }

// Wall is the machine's clock that never goes back within one process, even
// when the machine's does.
type Wall struct{ last atomic.Int64 }

// Now is the later of the machine's time and the last answer.
func (w *Wall) Now() Instant {
	now := time.Now().UnixMicro()
	for {
		last := w.last.Load()
		if now <= last {
			return Instant(last)
		}
		if w.last.CompareAndSwap(last, now) {
			return Instant(now)
		}
	}
}

// NotBefore lifts the clock to at least i, so that a restart with a machine
// clock set back goes on from the last recorded act.
func (w *Wall) NotBefore(i Instant) {
	for {
		last := w.last.Load()
		if int64(i) <= last || w.last.CompareAndSwap(last, int64(i)) {
			return
		}
	}
}

// Hand is a clock that stands until it is moved: for tests and the demo.
type Hand struct {
	mu  sync.Mutex
	now Instant
}

// NewHand starts a hand-set clock.
func NewHand(i Instant) *Hand { return &Hand{now: i} }

// Now is where the clock was last set.
func (h *Hand) Now() Instant { h.mu.Lock(); defer h.mu.Unlock(); return h.now }

// Set moves the clock to i, also backwards.
func (h *Hand) Set(i Instant) { h.mu.Lock(); h.now = i; h.mu.Unlock() }

// Advance moves the clock on.
func (h *Hand) Advance(d time.Duration) { h.mu.Lock(); h.now = h.now.Add(d); h.mu.Unlock() }
