package notice

import (
	"context"
	"encoding/json"

	"linli/internal/kit/clock"
	"linli/internal/kit/text"
)

// Reader is the name under which this room follows the log.
const Reader = "notice"

// The channels by which people are reached outside the house.
const (
	SMS  = "sms"
	Mail = "mail"
	Work = "work" // the office's messenger, by account
)

// Channels lists them in the order of preference.
func Channels() []string { return []string{SMS, Mail, Work} }

// How pressing a notice is. Rows keep the number: the smaller goes first.
const (
	Urgent  = 1 // danger, or a short limit missed
	ToDo    = 2 // something for the receiver to do
	ForInfo = 3 // to know
)

// urgencies names them, for forms, texts and preferences.
var urgencies = map[int]string{Urgent: "urgent", ToDo: "todo", ForInfo: "info"}

// How a person wants to be told.
const (
	AtOnce  = "now"
	Digest  = "digest"
	InHouse = "house" // only on /notice
)

// The kinds of receiver.
const (
	toPerson = "person"
	toParty  = "party"
	toCode   = "code" // a one-time code; told in the log without case or content
)

// What a party is told.
const (
	receipt   = "receipt"
	question  = "question"
	answer    = "answer"
	rate      = "rate"
	closed    = "closed"
	corrected = "corrected"
	nothing   = "none"
)

// Statuses of a line.
const (
	Waiting    = "waiting"
	Sent       = "sent"
	Failed     = "failed"
	Suppressed = "suppressed" // not sent on purpose: opted out, annulled, seen already …
)

// Line is one act's notice to one receiver.
type Line struct {
	ID, Case, Number, Act string
	Who, Receiver, Unit   string
	Role                  string // of a party; kept with its link, not with the line
	Channel, Kind         string
	Args                  Args
	Source, Field         string // where the party's telephone lies sealed: act and field
	Urgency               int
	Bunch                 string // lines of one bunch that are due together are one message
	Recorded              clock.Instant
	Due, Expires          clock.Instant
	Status, Bundle        string
	Attempts, Round       int
	Sender, Ref, Problem  string
	Changed, Lease        clock.Instant
}

// Args are the arguments of a line's text: words of the catalogue only.
type Args struct {
	Act       text.Words `json:"act,omitempty"`
	Clock     text.Words `json:"clock,omitempty"`
	Procedure text.Words `json:"procedure,omitempty"`
}

func (a Args) stored() (string, error) {
	raw, err := json.Marshal(a)
	return string(raw), err
}

// Preference is how a person wants to be told.
type Preference struct {
	Channel string            `json:"channel"` // "" = the first verified
	Modes   map[string]string `json:"modes"`   // by urgency: now, digest, house
	Digest  int               `json:"digest"`  // minutes of the day; 0 = the house's
	From    int               `json:"from"`    // own quiet hours in minutes of the day; From = To: the house's
	To      int               `json:"to"`
	Lang    string            `json:"lang,omitempty"`
}

// DefaultPreference is that of somebody who said nothing.
func DefaultPreference() Preference {
	return Preference{Modes: map[string]string{"urgent": AtOnce, "todo": AtOnce, "info": InHouse}}
}

// mode says how something of this urgency is told. What is urgent is never put
// into a digest.
func (p Preference) mode(urgency int) string {
	m := p.Modes[urgencies[urgency]]
	if m == "" {
		m = DefaultPreference().Modes[urgencies[urgency]]
	}
	if urgency == Urgent && m == Digest {
		return AtOnce
	}
	return m
}

// Roster says who is on duty in a unit; room staff has one. Without a roster
// the unit's posts are told.
type Roster interface {
	OnDuty(ctx context.Context, unit string, at clock.Instant) ([]string, error)
}

// SenderState is how a sender has been doing.
type SenderState struct {
	Name    string
	Fails   int           // in a row
	Since   clock.Instant // of the first of them
	Problem string        // code of the last
	Failed  clock.Instant
	Retry   clock.Instant // not tried before
	Worked  clock.Instant
}

// Down says that the sender is failing: it is only tried now and then.
func (s SenderState) Down() bool { return s.Fails >= downAfter }
