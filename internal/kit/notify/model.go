package notify

import (
	"context"
	"errors"
	"time"
)

// Message is what goes out. ID is the same for every attempt at the same message.
type Message struct {
	ID      string            // idempotency key
	Channel string            // sms, mail …: decides which sender carries it
	Kind    string            // what it says, for gateways that keep templates
	To      string            // number, address or account
	Title   string            // subject of a mail
	Text    string            // the whole text in words
	Link    string            // "" for none; it stands in Text as well
	Params  map[string]string // the arguments of the text, for gateways that keep templates
}

// Class says what an error means for the message.
type Class string

// The classes of a failure.
const (
	Permanent Class = "permanent" // this message can never be sent so
	Again     Class = "again"     // it was not sent; try again later
	Unsure    Class = "unsure"    // it may have been sent; try again under the same ID
)

// Failure is the only error of a Sender.
type Failure struct {
	Class Class
	Code  string        // short and stable, for figures and lists: "timeout", "http_503", "refused"
	Own   bool          // the sender as a whole fails (away, wrong password), not this message
	After time.Duration // how long the other side asks to wait; 0 = it did not say
	Cause error         // for the log of the operator; holds no text and no receiver
}

// Error is for logs.
func (f *Failure) Error() string {
	s := "notify: " + string(f.Class) + ": " + f.Code
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// FailureOf is the failure in err; any other error is Unsure, since nobody knows.
func FailureOf(err error) *Failure {
	if err == nil {
		return nil
	}
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Class: Unsure, Code: "unknown", Own: true, Cause: err}
}

// Sender carries one message. ref is how the other side names it, "" where it
// does not. It ends within its own time even where ctx has none.
type Sender interface {
	Send(ctx context.Context, m Message) (ref string, err error)
}

// Named is a sender as the file names it.
type Named struct {
	Sender
	Name   string
	Make   string        // http, mail, webhook, file
	For    []string      // the channels it carries
	Every  time.Duration // least time between two messages; 0 = as fast as it goes
	Unsure string        // what to do where nobody knows: "again" or "stop"
}

// Senders are all of a house, in the order of the file.
type Senders []Named

// For is the first sender that carries a channel; nil where none does.
func (s Senders) For(channel string) *Named {
	for i := range s {
		for _, c := range s[i].For {
			if c == channel {
				return &s[i]
			}
		}
	}
	return nil
}
