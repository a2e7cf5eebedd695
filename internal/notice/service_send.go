package notice

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/notify"
	"linli/internal/kit/text"
)

const (
	leaseLength  = 2 * time.Minute // longer than any attempt
	claimAtOnce  = 20              // messages one round holds in memory
	sendAtOnce   = 4
	mostAttempts = 6 // of a message that the sender refuses for now
	downAfter    = 3 // failures of a sender in a row
	slowest      = 10 * time.Minute
	seenAfter    = 5 * time.Minute // what waited so long may have been looked at meanwhile
	workedEvery  = time.Minute     // how often a working sender is noted
)

// backoff is how long to wait after so many failures.
func backoff(fails int) time.Duration {
	d := 15 * time.Second
	for range min(fails-1, 8) {
		d *= 2
	}
	return min(d, slowest)
}

// Work sends what is due, one round of it, and returns how many messages it tried.
func (s *Service) Work(ctx context.Context) (int, error) {
	policy, err := s.Policy(ctx)
	if err != nil {
		return 0, err
	}
	open, probes, err := s.open(ctx)
	if err != nil {
		return 0, err
	}
	gather := time.Duration(policy.Together) * time.Second
	list, err := s.claim(ctx, open, claimAtOnce, gather)
	if err != nil {
		return 0, err
	}
	for _, c := range probes { // a sender that fails is tried with one message
		more, err := s.claim(ctx, []string{c}, 1, gather)
		if err != nil {
			return 0, err
		}
		list = append(list, more...)
	}
	return len(list), s.sendAll(ctx, policy, list)
}

func (s *Service) sendAll(ctx context.Context, policy Policy, list []bundle) error {
	var all sync.WaitGroup
	places := make(chan struct{}, sendAtOnce)
	var mu sync.Mutex
	var first error
	for _, b := range list {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if err := s.send(ctx, policy, b); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if first == nil {
					first = err
				}
			}
		})
	}
	all.Wait()
	return first
}

// open are the channels whose sender works, and those whose sender fails and is to
// be tried again now.
func (s *Service) open(ctx context.Context) (open, probes []string, err error) {
	states, err := s.States(ctx)
	if err != nil {
		return nil, nil, err
	}
	now := s.Clock.Now()
	for _, c := range Channels() {
		sender := s.Senders.For(c)
		if sender == nil {
			continue
		}
		switch st := states[sender.Name]; {
		case !st.Down():
			open = append(open, c)
		case now >= st.Retry:
			probes = append(probes, c)
		}
	}
	return open, probes, nil
}

// send carries one bundle to its end: sent, put off, failed or suppressed.
func (s *Service) send(ctx context.Context, policy Policy, b bundle) error {
	sender := s.Senders.For(b.lines[0].Channel)
	if sender == nil {
		return nil // it was taken away meanwhile; the lease runs out
	}
	now := s.Clock.Now()
	if !slices.ContainsFunc(b.lines, func(l Line) bool { return l.Expires > now }) {
		return s.finish(ctx, b, outcome{status: Failed, sender: sender.Name, problem: "expired"})
	}
	first := b.lines[0].Attempts == 0
	if first {
		var err error
		if b, err = s.unseen(ctx, b, now); err != nil || len(b.lines) == 0 {
			return err
		}
	}
	to, pref, why, err := s.receiver(ctx, policy, b.lines[0], first)
	if err != nil {
		return err
	}
	if why != "" {
		return s.finish(ctx, b, outcome{status: Suppressed, problem: why})
	}
	m := s.message(b, to, pref)
	ref, failure := s.attempt(ctx, sender, m)
	if ctx.Err() != nil && failure != nil {
		return nil // we stop; the lease runs out and it is tried again under the same id
	}
	if s.forgets != nil && s.forgets(b.id) {
		return nil
	}
	now = s.Clock.Now()
	if err := s.finish(ctx, b, s.outcome(sender, b.lines[0], ref, failure, now)); err != nil {
		return err
	}
	return s.note(ctx, sender.Name, failure, now)
}

// outcome is what an attempt means for the message.
func (s *Service) outcome(sender *notify.Named, l Line, ref string, f *notify.Failure, now clock.Instant) outcome {
	o := outcome{status: Sent, sender: sender.Name, ref: ref, attempt: 1}
	if f == nil {
		return o
	}
	o.problem, o.status = f.Code, Waiting
	o.due = now.Add(max(backoff(l.Attempts+1), f.After))
	switch {
	case f.Class == notify.Permanent:
		o.status = Failed
	case f.Class == notify.Unsure && sender.Unsure == "stop":
		o.status, o.problem = Failed, "unsure_"+f.Code
	case !f.Own && l.Attempts+1 >= mostAttempts:
		o.status = Failed
	case o.due >= l.Expires:
		o.status = Failed
	}
	return o
}

// unseen drops what a person of the office looked at in the house meanwhile.
func (s *Service) unseen(ctx context.Context, b bundle, now clock.Instant) (bundle, error) {
	var seen, left []Line
	for _, l := range b.lines {
		looked := false
		if l.Who == toPerson && l.Urgency != Urgent && now.Sub(l.Recorded) > seenAfter {
			var err error
			if looked, err = s.Cases.ToldSeen(ctx, l.Act, l.Unit, l.Receiver); err != nil {
				return b, err
			}
		}
		if looked {
			seen = append(seen, l)
		} else {
			left = append(left, l)
		}
	}
	b.lines = left
	if len(seen) == 0 {
		return b, nil
	}
	return b, s.drop(ctx, seen, "seen")
}

// receiver opens the address at the moment of sending; why says that nothing is to
// be sent.
func (s *Service) receiver(ctx context.Context, policy Policy, l Line, first bool) (to string, pref Preference, why string, err error) {
	if l.Who == toParty {
		to, why, err = s.partyAddress(ctx, policy, l, first)
		return to, DefaultPreference(), why, err
	}
	person, err := s.People.Person(ctx, l.Receiver)
	if fault.Is(err, fault.NotFound) || err == nil && !person.Open(s.Clock.Now()) {
		return "", pref, "closed", nil
	}
	if err != nil {
		return "", pref, "", err
	}
	if pref, err = s.Preference(ctx, l.Receiver); err != nil {
		return "", pref, "", err
	}
	if l.Channel == Work {
		return person.Login, pref, "", nil
	}
	to, ok, err := s.contact(ctx, l.Receiver, l.Channel, 1)
	if !ok && err == nil || err != nil && fault.Is(err, fault.Unmet) {
		return "", pref, "no_address", nil
	}
	return to, pref, "", err
}

func (s *Service) partyAddress(ctx context.Context, policy Policy, l Line, first bool) (to, why string, err error) {
	to, err = s.Cases.Reach(ctx, l.Case, l.Source, l.Field)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unmet) {
		return "", "no_address", nil
	}
	if err != nil {
		return "", "", err
	}
	if to, err = address(SMS, to); err != nil {
		return "", "no_mobile", nil // a fixed line: the follow page tells them
	}
	for _, receiver := range []string{l.Receiver, s.phoneKey(to)} {
		out, err := s.optedOut(ctx, receiver)
		if err != nil {
			return "", "", err
		}
		if out {
			return "", "optout", nil
		}
	}
	if first {
		err := s.People.Take(ctx, "notice.phone", to, policy.MostADay, limitDay)
		if fault.Is(err, fault.Busy) {
			return "", "too_many", nil
		}
		return to, "", err
	}
	return to, "", nil
}

// say gives words; "" is the house's first language.
func (s *Service) say(lang, key string, args ...any) string {
	if lang == "" {
		lang = text.Chinese
	}
	m := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			m[name] = args[i+1]
		}
	}
	return s.Book().Say(lang, key, m)
}

// message is what a bundle says: the case's number, what happened, a link; never
// words that somebody wrote, never a name.
func (s *Service) message(b bundle, to string, pref Preference) notify.Message {
	l := b.lines[len(b.lines)-1]
	what := s.say(pref.Lang, "notice.say."+l.Kind, "number", l.Number, "act", l.Args.Act, "clock", l.Args.Clock, "procedure", l.Args.Procedure)
	path, kind := "/cases/"+l.Number, l.Kind
	switch {
	case l.Who == toParty:
		path = s.codeOf(l.Receiver).path()
	case slices.ContainsFunc(b.lines, func(x Line) bool { return x.Case != l.Case }):
		todo := 0
		for _, x := range b.lines {
			if x.Urgency < ForInfo {
				todo++
			}
		}
		path, kind = "/notice", "person.digest"
		what = s.say(pref.Lang, "notice.out.digest", "n", len(b.lines), "todo", todo)
	case len(b.lines) > 1:
		what = s.say(pref.Lang, "notice.out.several", "what", what, "n", len(b.lines))
	}
	link, key := "", "notice.out."+l.Who+".plain"
	if s.Address != "" {
		link, key = s.Address+path, "notice.out."+l.Who
	}
	id := b.id
	if l.Round > 0 {
		id += "-" + strconv.Itoa(l.Round)
	}
	return notify.Message{ID: id, Channel: l.Channel, Kind: kind, To: to, Title: what, Text: s.say(pref.Lang, key, "what", what, "link", link), Link: link,
		Params: map[string]string{"number": l.Number, "what": what, "link": link}}
}

// attempt sends once, no faster than the sender's rate.
func (s *Service) attempt(ctx context.Context, sender *notify.Named, m notify.Message) (string, *notify.Failure) {
	if sender.Every > 0 {
		s.pause(ctx, s.turn(sender))
	}
	begun := time.Now()
	ref, err := sender.Send(ctx, m)
	failure := notify.FailureOf(err)
	status := Sent
	if failure != nil {
		status = string(failure.Class)
		s.Log.Warn("notice: a message was not sent", "sender", sender.Name, "message", m.ID, "class", failure.Class, "code", failure.Code)
	}
	label := `{sender=` + strconv.Quote(sender.Name) + `,status=` + strconv.Quote(status) + `}`
	metrics.GetOrCreateCounter(`linli_notice_messages_total` + label).Inc()
	metrics.GetOrCreateHistogram(`linli_notice_send_seconds{sender=` + strconv.Quote(sender.Name) + `}`).UpdateDuration(begun)
	return ref, failure
}

// turn is how long to wait until a sender may send again.
func (s *Service) turn(sender *notify.Named) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := clock.At(time.Now())
	next := max(now, s.last[sender.Name].Add(sender.Every))
	s.last[sender.Name] = next
	return next.Sub(now)
}

// note keeps how a sender does, for every node and for people.
func (s *Service) note(ctx context.Context, name string, f *notify.Failure, now clock.Instant) error {
	gauge := metrics.GetOrCreateGauge(`linli_notice_sender_failing{sender=`+strconv.Quote(name)+`}`, nil)
	if f != nil && f.Own {
		gauge.Set(1)
		return s.failing(ctx, name, f.Code, now, backoff)
	}
	gauge.Set(0)
	states, err := s.States(ctx)
	if err != nil {
		return err
	}
	if st, ok := states[name]; ok && st.Fails == 0 && now.Sub(st.Worked) < workedEvery {
		return nil
	}
	return s.working(ctx, name, now)
}
