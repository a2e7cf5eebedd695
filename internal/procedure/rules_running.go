package procedure

import (
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

// Limits reports whether the clock is a limit whose date somebody must keep now.
func (k ClockRow) Limits() bool {
	return k.Kind != law.AtLeast && k.Status == Running && k.Duty != 0
}

// Live reports whether the clock has begun and not ended.
func (k ClockRow) Live() bool { return k.Status == Running || k.Status == Paused }

// Reckon works out the clock's dates and when the scan must look at it. now is
// the moment of the act that changes it.
func (k *ClockRow) Reckon(def *Clock, cal law.Calendars, now clock.Instant) error {
	at := law.Clock{Start: k.Start, Length: k.N + k.Extended, Unit: k.Unit, Kind: k.Kind}
	for _, p := range k.Pauses {
		at.Pauses = append(at.Pauses, law.Pause{From: p.From, To: p.To})
	}
	m, err := law.DueAt(cal, at)
	if err != nil {
		return err
	}
	k.Duty, k.Acceptance, k.Provisional = m.Duty, m.Acceptance, m.Provisional
	k.WarnAt, k.Next = 0, 0
	if k.Status != Running || m.Held {
		return nil
	}
	if def.Warn > 0 && k.Kind == law.AtMost {
		k.WarnAt = law.WarnAt(cal, k.Unit, k.Start, k.Duty, at.Pauses, def.Warn)
	}
	k.Next = k.Look(def, cal, now)
	return nil
}

// Look is when the scan must look again: at the warning, at the end, and after
// a breach level by level until nobody is above.
func (k *ClockRow) Look(def *Clock, cal law.Calendars, now clock.Instant) clock.Instant {
	acts := def.Perform != "" || def.Escalate
	switch {
	case k.Kind == law.BackFrom || k.Kind == law.AtLeast && def.Perform == "":
		return 0
	case k.WarnAt != 0 && !k.Warned && k.Breaches == 0:
		return k.WarnAt
	case k.Breaches == 0 && acts:
		return k.Duty
	case k.Breaches == 0 || !def.Escalate:
		return 0
	case k.Unit == law.Hour:
		return now.Add(time.Duration(k.N) * time.Hour)
	}
	return cal.Next(now.Day() + 1).End()
}

// End stops the clock at an instant.
func (k *ClockRow) End(at clock.Instant) {
	k.Status, k.EndedAt, k.Next = Ended, at, 0
}

// Begin starts the clock, or gives a running one the length that holds now; value
// reads a value of the case. Faults: Invalid at the field that holds the length
// or the chosen day.
func (k *ClockRow) Begin(def *Clock, value func(string) string, at clock.Instant, had bool) error {
	length := def.Length
	if def.Value != "" {
		l, err := ParseLength(value(def.Value))
		if err != nil {
			return fault.New(fault.Invalid, "procedure.value_length", "field", def.Value).At(def.Value)
		}
		length = l
	}
	fresh := !had || !k.Live()
	if fresh {
		*k = ClockRow{Name: def.Name, Status: Running, Kind: def.Kind, Start: at}
	}
	k.N, k.Unit = length.N, length.Unit
	if def.Back != "" {
		day, err := clock.ParseDay(value(def.Back))
		if err != nil {
			return fault.New(fault.Invalid, "procedure.value_day", "field", def.Back).At(def.Back)
		}
		k.Start = day.Start()
	}
	return nil
}
