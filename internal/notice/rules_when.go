package notice

import (
	"time"

	"linli/internal/kit/clock"
	"linli/internal/law"
)

// mostDays bounds the search for a working day; no holiday is so long.
const mostDays = 60

func minuteOf(i clock.Instant) int {
	t := i.Time()
	return t.Hour()*60 + t.Minute()
}

func at(day clock.Day, minute int) clock.Instant {
	return day.Start().Add(time.Duration(minute) * time.Minute)
}

// atWork says whether an instant lies in the working hours of a working day.
func (p Policy) atWork(cal law.Calendars, i clock.Instant) bool {
	works, _ := cal.Working(i.Day())
	return p.always || works && p.Hours.Holds(minuteOf(i))
}

// workTime is i, or the next beginning of working hours.
func (p Policy) workTime(cal law.Calendars, i clock.Instant) clock.Instant {
	if p.atWork(cal, i) {
		return i
	}
	day := i.Day()
	if minuteOf(i) >= p.Hours.From {
		day++
	}
	for range mostDays {
		if works, _ := cal.Working(day); works {
			break
		}
		day++
	}
	return at(day, p.Hours.From)
}

// afterQuiet is i, or the end of the quiet hours it lies in.
func afterQuiet(quiet Stretch, i clock.Instant) clock.Instant {
	m := minuteOf(i)
	if quiet.From == quiet.To || !quiet.Holds(m) {
		return i
	}
	day := i.Day()
	if m >= quiet.To { // it began this evening and ends tomorrow
		day++
	}
	return at(day, quiet.To)
}

// personTime is when somebody of the office is told.
func (p Policy) personTime(cal law.Calendars, pref Preference, urgency int, now clock.Instant) clock.Instant {
	if urgency == Urgent {
		return now
	}
	if pref.mode(urgency) == Digest {
		return p.digestTime(cal, pref, now)
	}
	i := p.workTime(cal, p.gather(now))
	if pref.From != pref.To {
		i = p.workTime(cal, afterQuiet(Stretch{pref.From, pref.To}, i))
	}
	return afterQuiet(p.Quiet, i)
}

// digestTime is the next working day's hour of the digest.
func (p Policy) digestTime(cal law.Calendars, pref Preference, now clock.Instant) clock.Instant {
	minute := p.Digest
	if pref.Digest > 0 {
		minute = pref.Digest
	}
	day := now.Day()
	if minuteOf(now) >= minute {
		day++
	}
	for range mostDays {
		if works, _ := cal.Working(day); works {
			break
		}
		day++
	}
	return at(day, minute)
}

// dutyTime is when somebody on duty is told: duty is for that.
func (p Policy) dutyTime(urgency int, now clock.Instant) clock.Instant {
	if urgency == Urgent {
		return now
	}
	return p.gather(now)
}

// partyTime is when a resident is told: never in quiet hours.
func (p Policy) partyTime(now clock.Instant) clock.Instant {
	return afterQuiet(p.Quiet, p.gather(now))
}

// gather leaves time for more acts of the same case to come together.
func (p Policy) gather(now clock.Instant) clock.Instant {
	return now.Add(time.Duration(p.Together) * time.Second)
}
