package procedure

import (
	"slices"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/law"

	"github.com/expr-lang/expr/vm"
)

// Words is one text in the house's languages.
type Words = text.Words

// Procedure is one institution as data. It is immutable once parsed.
type Procedure struct {
	Name      string
	File      string
	Title     Words
	About     Words
	Norm      string
	Theme     string              // one of Themes
	Downward  bool                // puts work on a street or below: needs coordination.admitted
	Staff     bool                // only staff may see that cases of it exist
	See       []identity.Relation // who may see a case; nil = the default views
	Reveal    []identity.Relation // who may open a sealed value; nil = the default
	Parties   map[string]Words    // roles of people who take part without a post
	Subject   string              // the field whose value is a case's title
	Area      string              // the field whose value places a case (an area code or a place)
	Form      []*Field
	States    []*State
	Clocks    []*Clock
	Acts      []*Act
	Schedules []*Schedule

	fields map[string]*Field
	states map[string]*State
	clocks map[string]*Clock
	acts   map[string]*Act
}

// Field finds a field of the form; nil where there is none.
func (p *Procedure) Field(name string) *Field { return p.fields[name] }

// State finds a state; nil where there is none.
func (p *Procedure) State(name string) *State { return p.states[name] }

// Clock finds a clock; nil where there is none.
func (p *Procedure) Clock(name string) *Clock { return p.clocks[name] }

// Act finds an act; nil where there is none.
func (p *Procedure) Act(name string) *Act { return p.acts[name] }

// Openings are the acts that open a case.
func (p *Procedure) Openings() []*Act {
	var out []*Act
	for _, a := range p.Acts {
		if a.Opening() {
			out = append(out, a)
		}
	}
	return out
}

// Field is one value a case may hold.
type Field struct {
	Name    string
	Type    string // one of FieldTypes
	Label   Words
	Help    Words
	Max     int // text: characters; number: greatest value; files: how many; length: days
	Min     int
	Options []Option
	Sealed  bool  // kept encrypted; opened with a purpose, on the read log
	Listed  bool  // a column to filter and sort by
	Purpose Words // why it is asked; must be given where it is sealed
	Line    int
}

// Option is one choice of a field.
type Option struct {
	Value string
	Label Words
}

// Option is how a choice is called in a language; a value that is none of the
// choices is said as it stands, also where there is no field.
func (f *Field) Option(value, lang string) string {
	if f != nil {
		for _, o := range f.Options {
			if o.Value == value {
				return o.Label.In(lang)
			}
		}
	}
	return value
}

// Kinds of state.
const (
	Open    = "open"    // somebody of the office must act
	Waiting = "waiting" // the office waits for somebody else
	Done    = "done"    // finished for the office; may still be reopened
	Final   = "final"   // over
)

// State is where a case can stand.
type State struct {
	Name  string
	Words Words
	Kind  string // Open, Waiting, Done or Final
	Desk  string // post kind in the area whose inbox holds the case, where no unit does
	Line  int
}

// Clock is a limit or a least time of a procedure.
type Clock struct {
	Name      string
	Words     Words
	Kind      law.Kind // at-most, at-least, back-from
	Length    Length
	Value     string   // the field that holds the length (from the duty list), or ""
	From      []string // acts that start it; "opened" is the opening act
	Happened  bool     // counts from when it happened, not from when it was recorded
	Back      string   // back-from: the field that holds the chosen day
	Until     []string // acts that end it
	Pause     []string // states in which it does not count
	Warn      int      // percent of the time after which it warns; 0 = never
	Escalate  bool     // on breach the unit above takes notice, and again every level
	Perform   string   // on breach or end: an act performed by the clock
	Norm      string
	Tighten   string // shorter or longer: the direction in which a county may change it
	Statutory bool
	Line      int
}

// Length is an amount of legal time.
type Length struct {
	N    int
	Unit law.Unit
}

// Act is one thing that can be done in a procedure.
type Act struct {
	Name       string
	Words      Words
	Help       Words
	From       []string // states it may be done in; empty = it opens a case
	To         string   // the state after it; "" = the state stays
	MayLead    []string // states to which an effect may lead instead
	Who        []identity.Relation
	Clock      bool     // performed by a clock
	Child      bool     // performed by a child case's act
	Leader     bool     // performed by an act of the leading case that passes it on
	NotBy      []string // acts whose doer may not do this one
	Fill       []Fill
	Check      []string
	Guard      *vm.Program
	GuardText  string
	GuardWaits bool  // it looks at a field that the act itself asks for: whether it holds is known when that is filled in
	GuardWords Words // what is said where the guard does not hold
	Effect     []string
	Holder     string // actor | none | unit | leader | unit of FIELD
	Opens      []*Opens
	Performs   *Performs
	Follows    *Follows
	Unfollows  bool
	PassesOn   *PassesOn
	Opinion    *Opinion
	Decides    []*Decides
	Tells      []string
	Publish    []string
	Unpublish  bool   // what was published is public no longer
	Party      string // the role the doer without a post takes at opening
	Quiet      bool   // changes no state, holder or value that others rely on: collides with nobody
	Counted    bool   // quiet, and told by number only
	Later      bool   // may be entered after it happened
	Statutory  bool
	WithParent bool // done by the engine when the parent case ends
	Public     bool // shown on the resident's timeline
	Norm       string
	Line       int
}

// Opening reports whether the act opens a case.
func (a *Act) Opening() bool { return len(a.From) == 0 }

// OpensCaseOf reports whether the act may open a case of a procedure.
func (a *Act) OpensCaseOf(procedure string) bool {
	return slices.ContainsFunc(a.Opens, func(o *Opens) bool { return o.Procedure == procedure })
}

// Fill is one field an act asks for.
type Fill struct {
	Field    string
	Optional bool
}

// Opens opens child cases, where When holds or is not given.
type Opens struct {
	Procedure string
	Act       string            // the child's opening act
	Each      string            // a field that holds units: one child for each
	With      map[string]string // child field <- field of this case
	Unit      string            // field of this case that holds the child's unit; "each" for Each
	When      *vm.Program       // over the case's values as they are after the act; nil: always
	WhenText  string
	Line      int
}

// Performs does an act of the parent case in the same transaction.
type Performs struct {
	Act  string
	With map[string]string // parent field <- field of this case
	Line int
}

// Follows has the case follow a leading case from then on.
type Follows struct {
	Field string   // of type case: the leading case's number
	In    []string // states in which the leading case may be followed
	Of    string   // procedure of the leading case
	Line  int
}

// PassesOn does an act of every case that follows, soon after.
type PassesOn struct {
	Act  string
	With map[string]string // field of the following case <- field of this one
	Line int
}

// Decides has a decision rule of the law judge the act before it is done, on the
// day it happened.
type Decides struct {
	Rule  string            // the rule, or "" where a field chooses it
	By    string            // the field whose value chooses the rule
	Of    map[string]string // value of By -> rule; "" = no rule for that value
	Facts map[string]string // fact of the rule <- a field, or a fact reader of a room
	Keeps string            // the field of type decision that keeps the answer
	Needs []string          // outcomes that let the act be done; none = every one
	Leads map[string]string // outcome -> state
	Line  int
}

// RuleFor names the rule for the values of a case; "" where none applies.
func (d *Decides) RuleFor(value func(string) string) string {
	if d.By == "" {
		return d.Rule
	}
	return d.Of[value(d.By)]
}

// Source says where a fact comes from: what the file names, else the field of the
// same name.
func (d *Decides) Source(fact string) string {
	if from, named := d.Facts[fact]; named {
		return from
	}
	return fact
}

// Opinion collects the word of several bodies.
type Opinion struct {
	Need   string // all | any | a number
	Then   string // state when the need is reached and nobody objects
	Object string // state when somebody objects and all needed have spoken; "" = stays
}

// OpeningAct finds an opening act; without a name there must be only one that
// people do.
func (p *Procedure) OpeningAct(name string) (*Act, error) {
	if name != "" {
		if a := p.Act(name); a != nil && a.Opening() {
			return a, nil
		}
		return nil, fault.New(fault.NotFound, "procedure.no_act", "act", name).At("act")
	}
	var found []*Act
	for _, a := range p.Openings() {
		if !a.Child && (len(a.Who) > 0 || !a.Clock) {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		return nil, fault.New(fault.Invalid, "procedure.which_act").At("act")
	}
	return found[0], nil
}
