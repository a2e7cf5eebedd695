package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind says what sort of refusal a fault is. The set is closed: the edge of the
// house maps each kind to one HTTP status and one page.
type Kind string

// The kinds of fault.
const (
	Invalid   Kind = "invalid"   // what was sent cannot be understood or is not allowed as a value
	NotFound  Kind = "not_found" // no such thing, or not for this asker
	Forbidden Kind = "forbidden" // known, but this actor may not
	Conflict  Kind = "conflict"  // clashes with something that stands already
	Stale     Kind = "stale"     // somebody acted meanwhile; look again
	Unmet     Kind = "unmet"     // a condition of law or procedure does not hold; Norm cites it
	Busy      Kind = "busy"      // not now; try again later
	Internal  Kind = "internal"  // our own failure; the detail goes to the log only
)

// Fault is the only error that crosses a room's door on purpose. It carries a
// text key and arguments, never a sentence: words live in catalog/text.
type Fault struct {
	Kind  Kind
	Key   string         // text key, "fault.<room>.<what>" without the prefix "fault."
	Args  map[string]any // arguments of the text
	Field string         // the field of the input that is at fault, or ""
	Norm  string         // norm and article, where one is applied, or ""
	Cause error          // internal detail for the log, never shown
}

// New makes a fault. args alternate name (string) and value.
func New(kind Kind, key string, args ...any) *Fault {
	f := &Fault{Kind: kind, Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if f.Args == nil {
			f.Args = make(map[string]any, len(args)/2)
		}
		f.Args[fmt.Sprint(args[i])] = args[i+1]
	}
	return f
}

// At returns a copy that names the input field at fault.
func (f *Fault) At(field string) *Fault { c := *f; c.Field = field; return &c }

// Under returns a copy that cites the norm applied.
func (f *Fault) Under(norm string) *Fault { c := *f; c.Norm = norm; return &c }

// Because returns a copy that carries the internal cause for the log.
func (f *Fault) Because(err error) *Fault { c := *f; c.Cause = err; return &c }

// Error is for logs and tests; people read the text of Key.
func (f *Fault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", f.Kind, f.Key)
	if f.Field != "" {
		fmt.Fprintf(&b, " at %s", f.Field)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Args)) {
		fmt.Fprintf(&b, " %s=%v", name, f.Args[name])
	}
	if f.Norm != "" {
		fmt.Fprintf(&b, " (%s)", f.Norm)
	}
	if f.Cause != nil {
		fmt.Fprintf(&b, ": %v", f.Cause)
	}
	return b.String()
}

// Unwrap gives the internal cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Of returns the fault inside err; any other error becomes an internal fault
// with err as its cause. Of(nil) is nil.
func Of(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return New(Internal, "internal").Because(err)
}

// Is reports whether err holds a fault of this kind.
func Is(err error, kind Kind) bool {
	var f *Fault
	return errors.As(err, &f) && f.Kind == kind
}
