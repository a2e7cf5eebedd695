package ledger

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"linli/internal/kit/clock"
)

const (
	followLease  = "ledger.followers"
	followLength = 5 * time.Second // a node that died is followed within it
	tendEvery    = time.Minute     // for what is parked, and what rooms do besides
	afterFault   = 2 * time.Second
	mostRetried  = 256
)

// RunReaders has rooms follow the log until ctx ends: one goroutine for all of
// them, woken once for each batch that is numbered here and, for what other nodes
// number, once a second; an idle log costs that one small read and writes nothing.
// It runs on every node and the lease lets one work at a time; correctness does
// not rest on the lease (see Follower).
func (s *Service) RunReaders(ctx context.Context, list ...*Follower) {
	l := &follow{s: s, list: list}
	heard, back := s.Numbered()
	defer back()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	defer l.giveBack(ctx)
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-heard:
		case <-tick.C:
		}
		err := l.turn(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			if !failing {
				slog.Error("ledger: the readers wait", "error", err)
			}
			pause(ctx, afterFault)
		}
		failing = err != nil
	}
}

// follow is what RunReaders keeps in mind.
type follow struct {
	s      *Service
	list   []*Follower
	until  clock.Instant // the lease is held
	read   time.Time     // when the last round began
	tended time.Time
}

// turn brings all readers up to what has a number now, while this node holds the
// lease, and once a minute tends to what is parked.
func (l *follow) turn(ctx context.Context) error {
	l.start(ctx)
	at, size, err := l.s.stands(ctx)
	if err != nil {
		return err
	}
	l.show(at, size)
	groups := behind(l.awake(), at, size)
	tend := time.Since(l.tended) >= tendEvery
	if len(groups) == 0 && !tend {
		return nil
	}
	if len(groups) > 0 && !tend {
		if wait := gather(size-at[groups[0][0].Name()], time.Since(l.read)); wait > 0 && !pause(ctx, wait) {
			return nil
		}
	}
	if held, err := l.hold(ctx); err != nil || !held {
		return err
	}
	if tend {
		l.tended = time.Now()
		for _, f := range l.awake() {
			l.note(ctx, f, f.tend(ctx))
		}
	}
	return l.catchUp(ctx)
}

// catchUp reads until nobody is behind, the foremost first: whoever is read anew
// keeps the others waiting for one of its short rounds only.
func (l *follow) catchUp(ctx context.Context) error {
	l.read = time.Now()
	for upto := int64(-1); ; {
		at, size, err := l.s.stands(ctx)
		if err != nil {
			return err
		}
		if upto < 0 {
			upto = size // what comes meanwhile is gathered for the next turn
		}
		moved := 0
		for i, group := range behind(l.awake(), at, upto) {
			if held, err := l.hold(ctx); err != nil || !held {
				return err
			}
			most := mostLeaves
			if i > 0 {
				most = behindLeaves
			}
			n, err := l.round(ctx, at[group[0].Name()], most, group)
			if err != nil {
				return err
			}
			moved += n
		}
		if moved == 0 || ctx.Err() != nil {
			return nil
		}
	}
}

// round takes one group over its next leaves and says how many of it moved on.
func (l *follow) round(ctx context.Context, at int64, most int, group []*Follower) (moved int, err error) {
	var ready []*Follower
	for _, f := range group {
		if f.round.TryLock() { // else it is being rebuilt by somebody here
			defer f.round.Unlock()
			ready = append(ready, f)
		}
	}
	if len(ready) == 0 {
		return 0, nil
	}
	done, err := l.s.together(ctx, at, most, ready)
	for _, p := range done {
		anew := errors.Is(p.err, ErrAnew)
		if anew || p.from > at {
			moved++
		}
		if anew || errors.Is(p.err, ErrMoved) {
			p.err = nil
		}
		l.note(ctx, p.Follower, p.err)
	}
	return moved, err
}

// start begins with readers that have not begun in this process.
func (l *follow) start(ctx context.Context) {
	now := time.Now()
	for _, f := range l.list {
		if f.started || now.Before(f.rest) {
			continue
		}
		var err error
		if f.reader.Start != nil {
			f.round.Lock() // a room may be read anew meanwhile
			err = f.reader.Start(ctx)
			f.round.Unlock()
		}
		f.started = err == nil
		l.note(ctx, f, err)
	}
}

// awake are the readers that have begun and do not rest after a fault. Who rests
// holds nobody up.
func (l *follow) awake() (out []*Follower) {
	now := time.Now()
	for _, f := range l.list {
		if f.started && !now.Before(f.rest) {
			out = append(out, f)
		}
	}
	return out
}

// note has a reader rest after a fault, which is logged when it begins.
func (l *follow) note(ctx context.Context, f *Follower, err error) {
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		f.rest = time.Now().Add(afterFault)
		if !f.failing {
			f.reader.Log.Error("a reader of the log waits", "reader", f.Name(), "error", err)
		}
	}
	f.failing = err != nil
}

// tend tries what is parked and does what the room does besides.
func (f *Follower) tend(ctx context.Context) error {
	if _, err := f.Retry(ctx, mostRetried); err != nil {
		return err
	}
	if f.reader.Tend != nil {
		if err := f.reader.Tend(ctx); err != nil {
			return err
		}
	}
	st, err := f.Standing(ctx)
	if err == nil {
		gauge("parked", f.Name()).Set(float64(st.Parked))
	}
	return err
}

// show tells the operator's figures how far readers are.
func (l *follow) show(at map[string]int64, size int64) {
	for _, f := range l.list {
		gauge("behind", f.Name()).Set(float64(size - at[f.Name()]))
	}
}

func gauge(what, reader string) *metrics.Gauge {
	return metrics.GetOrCreateGauge("linli_reader_"+what+"{reader="+strconv.Quote(reader)+"}", nil)
}

// hold keeps the lease, renewed when half of it is over.
func (l *follow) hold(ctx context.Context) (bool, error) {
	now := l.s.clk.Now()
	if now.Add(followLength/2) < l.until {
		return true, nil
	}
	held, err := l.s.d.Lease(ctx, followLease, l.s.o.Holder, now, followLength)
	if l.until = 0; held && err == nil {
		l.until = now.Add(followLength)
	}
	return held, err
}

// giveBack lets the next node read without waiting.
func (l *follow) giveBack(ctx context.Context) {
	if l.until == 0 {
		return
	}
	if _, err := l.s.d.Lease(context.WithoutCancel(ctx), followLease, l.s.o.Holder, l.s.clk.Now(), 0); err != nil {
		slog.Debug("ledger: lease not given back", "error", err)
	}
}
