package duty

import (
	"slices"

	"linli/internal/kit/text"
)

// Class is a kind of residents' matter: one node of the tree of classes.
type Class struct {
	ID        string
	Parent    string // "" for a group
	Children  []string
	Title     text.Words
	Words     []string // plain words that residents use, Chinese
	WordsEn   []string // and English
	GB        []string // matters of GB/T 47678.5-2026, where they clearly fit
	Ask       []Ask    // fields that only this class needs
	Emergency []string // numbers to call at once: 110, 119, 120, 122
	Kind      string   // hint: one of Appeals(), or ""
	Self      bool     // a grid worker may settle it alone
	AboutUnit bool     // the complaint is about a unit: see who is complained about
	File      string
	Line      int
}

// Ask is a field that the report form shows for one class.
type Ask struct {
	Name  string
	Label text.Words
	Max   int // longest answer in characters
}

// The kinds of appeal (北京市接诉即办工作条例 2), each with its word in "duty.appeal.<kind>".
const (
	AppealConsult    = "consult"
	AppealHelp       = "help"
	AppealComplaint  = "complaint"
	AppealReport     = "report"
	AppealSuggestion = "suggestion"
)

// Appeals lists the kinds of appeal.
func Appeals() []string {
	return []string{AppealConsult, AppealHelp, AppealComplaint, AppealReport, AppealSuggestion}
}

// Calls are the emergency numbers.
func Calls() []string { return []string{"110", "119", "120", "122"} }

// Refusal is one of the cases that are not dispatched at intake.
type Refusal struct {
	ID      string
	Title   text.Words
	Text    text.Words // what the resident is told; may hold {progress} and {channel}
	Channel text.Words // where to turn
	Model   string     // the norm it is modelled on
	Ways    []Way
}

// Way is one legal way that has its own channel.
type Way struct {
	ID      string
	Title   text.Words
	Words   []string
	Channel text.Words
	Norm    string
}

// Danger is a set of words that speak of an emergency.
type Danger struct {
	Call    string // the number to call
	Title   text.Words
	Words   []string
	WordsEn []string
}

// Classes is the tree of classes with its search index, immutable.
type Classes struct {
	order   []*Class
	byID    map[string]*Class
	refused []Refusal
	dangers []Danger
	index   []entry          // by order
	weight  map[string]int64 // of a gram: the rarer, the more
}

// Class finds a class.
func (c *Classes) Class(id string) (Class, bool) {
	k, ok := c.byID[id]
	if !ok {
		return Class{}, false
	}
	return *k, true
}

// All lists the classes in the order of the catalogue, each before its children.
func (c *Classes) All() []Class {
	out := make([]Class, len(c.order))
	for i, k := range c.order {
		out[i] = *k
	}
	return out
}

// Groups lists the classes at the top.
func (c *Classes) Groups() []Class {
	return slices.DeleteFunc(c.All(), func(k Class) bool { return k.Parent != "" })
}

// Up lists the class and what stands above it, the class first; nil for none.
func (c *Classes) Up(id string) []string {
	var out []string
	for k := c.byID[id]; k != nil; k = c.byID[k.Parent] {
		out = append(out, k.ID)
	}
	return out
}

// Refusals lists the cases that are not dispatched.
func (c *Classes) Refusals() []Refusal { return slices.Clone(c.refused) }

// Refusal finds one of them.
func (c *Classes) Refusal(id string) (Refusal, bool) {
	for _, r := range c.refused {
		if r.ID == id {
			return r, true
		}
	}
	return Refusal{}, false
}
