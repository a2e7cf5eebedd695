package web

import (
	"html/template"
	"slices"

	"linli/internal/kit/clock"
)

// NavItem is one entry of a navigation: a link, a button that posts (Post, as
// signing out is), a fold with further entries (Items), or plain words (no Href).
type NavItem struct {
	Href, Text string
	Post       bool
	Current    bool // this very page
	Within     bool // the page stands somewhere below it
	Count      int  // shown beside the words when > 0
	Items      []NavItem
}

// Messages is whether a party is told by message, with the button that changes it.
type Messages struct {
	Action string // takes want=yes or want=no
	Wants  bool
}

// Tone is how a component should be felt: the colour is only a second sign
// beside words.
type Tone string

// The tones.
const (
	Plain   Tone = ""
	Info    Tone = "info"
	Good    Tone = "good"
	Warning Tone = "warning"
	Bad     Tone = "bad"
	Quiet   Tone = "quiet"
)

// Tag is a short state or class.
type Tag struct {
	Text string
	Tone Tone
}

// Notice is a framed message; Title may be empty.
type Notice struct {
	Tone        Tone
	Title, Text string
	Links       []NavItem
}

// Tab is one of several views of the same thing.
type Tab struct {
	Href, Text string
	Count      int
	HasCount   bool // shows Count also when it is 0
	Current    bool
}

// Pager leads through a list by keyset: empty addresses are not shown.
type Pager struct {
	First, Next string
	Shown       int
}

// Tile is one way on from a page. Icon is report, query, grid, notices, duty,
// requests or call; any other word gives a plain leaf.
type Tile struct{ Href, Icon, Title, Text string }

// Empty stands where a list has nothing: why, and what to do instead.
type Empty struct {
	Title, Text string
	Links       []NavItem
}

// Fact is one line of a definition list. A sealed value is masked; Reveal, when
// set, leads to the form that asks for a purpose.
type Fact struct {
	Name   string
	Value  any // shown as people write it; template.HTML is not escaped
	Norm   string
	Sealed bool
	Reveal string
}

// Judged is what a rule of the law said: the outcome, and the sentence that names
// the numbers compared, the threshold and the article. It is drawn the same
// wherever an outcome stands.
type Judged struct {
	Outcome  string
	Sentence string
	Tone     Tone // Good where the outcome is the one the rule names first, Warning for every other
}

// Clock is a limit as a badge.
type Clock struct {
	Label       string        // what must be done by then
	Due         clock.Instant // 0: none yet
	State       string        // running, warning, breached, paused, met, waiting
	Left        int64         // minutes left (negative: over) at the time of drawing; shown when not 0
	Note        string
	Provisional bool // the calendar of that year is not loaded
}

// Running is a limit that runs, or ran out, as it stands now.
func Running(label string, due, now clock.Instant) *Clock {
	c := &Clock{Label: label, Due: due, State: "running", Left: int64(due.Sub(now).Minutes())}
	if due <= now {
		c.State = "breached"
	}
	return c
}

// CaseLine is one case in a list.
type CaseLine struct {
	Href, Number, Title string
	State               Tag
	Facts               []string // class, area, unit …
	Opened              clock.Instant
	Clock               *Clock
	Select              string // name=value of a tick box before the line, when set
}

// Event is one line of a timeline.
type Event struct {
	At         clock.Instant
	Title      string
	By         string
	Text       string
	Tone       Tone
	Facts      []Fact
	Photos     []Photo
	EnteredAt  clock.Instant // set when it was entered later than it happened
	Annulled   bool
	Href, Link string // proof, attachment …
}

// Photo is a picture, or a recording to listen to, with words for those who do
// not see it.
type Photo struct {
	Src, Full, Words string
	Sound            bool
}

// Column heads a table; Number columns stand right.
type Column struct {
	Text   string
	Number bool
}

// Cell of a table. The first cell of a row is its heading.
type Cell struct {
	Text any
	Href string
	Tag  *Tag
}

// Table with a caption (for screen readers too). On a narrow screen every row
// becomes a small card in which the column's name stands before the value.
type Table struct {
	Caption string
	Columns []Column
	Rows    [][]Cell
	Empty   Empty
}

// Map is a still picture made by the server, with the same told in words.
type Map struct {
	Src           string
	SVG           template.HTML // instead of Src; must come from our own code
	Width, Height int
	Words         string // what is to be seen
	Links         []NavItem
}

// Confirm is the dialog-less second step before an act that matters: a summary
// that opens in place and holds the form.
type Confirm struct {
	Summary string
	Text    string
	Danger  bool
	Open    bool
	Form    Form
}

// Option of a choice. Options with the same Group (in a row) stand together.
type Option struct {
	Value, Label, Help, Group string
	Selected                  bool
}

// Field is one question of a form. Label, Help and Error are words, not keys.
type Field struct {
	Name, Label, Help, Type string
	ID                      string // default: the form's ID (or "f"), a hyphen, and Name
	Required                bool
	Value                   any // string as typed, or the typed value; choices []string; place Place; money int64 fen
	Options                 []Option
	Error                   string
	Min, Max                int64 // length of text, number of files, bounds of a number
	Multiple                bool
	Purpose                 string // what a personal value is used for, told beside it
	Sealed                  bool   // stored encrypted, told beside it
	Autocomplete            string
	Rows                    int
	Place                   *Place   // a place field's helpers; its Value is used when nil
	Href, Link              string   // a link beside the field, as to a picture that was taken
	Samples                 []Sample // texts to take over, beside a field of type lines
}

// Sample is a text that one tap puts into a field: with script in place, else by
// Href, a page in which it stands there.
type Sample struct{ Label, Text, Href string }

// Place is the value of a place field.
type Place struct {
	Words         string // what the person calls it
	Lon, Lat      string // decimal degrees as text, "" when unknown
	Accuracy      string // metres
	Datum         string // default WGS-84
	Picture       string // address of a picture to click on; the click posts n.x and n.y
	Width, Height int
	Suggestions   []Option // places to choose from; the choice posts as n.choice
}

// Form with its fields. It posts as multipart when a field holds files.
type Form struct {
	Action   string
	Method   string // default post
	ID       string // set it where several forms stand on one page
	Fields   []Field
	Hidden   []Option // Value and Label: name is Label
	Key      string   // idempotency key, posted as "key"
	Submit   string
	Danger   bool
	Cancel   NavItem
	Problem  string // what is wrong with the form as a whole
	Question string // asked once more by the script before sending
	Still    bool   // the list of what is wrong does not draw the focus to itself
}

// Multipart says whether the form carries files.
func (f Form) Multipart() bool {
	for _, x := range f.Fields {
		if x.Type == "photos" || x.Type == "files" || x.Type == "recording" {
			return true
		}
	}
	return false
}

// Laid gives the fields with ids that start with the form's own id, so that
// several forms with the same names can stand on one page.
func (f Form) Laid() []Field {
	if f.ID == "" {
		return f.Fields
	}
	fields := slices.Clone(f.Fields)
	for i := range fields {
		if fields[i].ID == "" {
			fields[i].ID = f.ID + "-" + fields[i].Name
		}
	}
	return fields
}

// Wrong counts what has to be mended.
func (f Form) Wrong() int {
	n := 0
	for _, x := range f.Fields {
		if x.Error != "" {
			n++
		}
	}
	if f.Problem != "" {
		n++
	}
	return n
}

// Control is the id of the field's first control; links of the error summary
// lead there.
func (f Field) Control() string {
	if f.ID != "" {
		return f.ID
	}
	return "f-" + f.Name
}

// Described lists the ids that aria-describedby names.
func (f Field) Described() string {
	id, s := f.Control(), ""
	if f.Helped() {
		s = id + "-help"
	}
	if f.Error != "" {
		if s != "" {
			s += " "
		}
		s += id + "-error"
	}
	return s
}

// Where is the field's place, never nil.
func (f Field) Where() Place {
	if f.Place != nil {
		return *f.Place
	}
	switch v := f.Value.(type) {
	case Place:
		return v
	case *Place:
		if v != nil {
			return *v
		}
	case string:
		return Place{Words: v}
	}
	return Place{}
}

// Dated is the type of a field whose control the browser draws in its own
// language, so that the page says how it is to be filled; "" for others.
func (f Field) Dated() string {
	switch f.Type {
	case "day", "moment", "month":
		return f.Type
	}
	return ""
}

// Helped says whether words of help stand below the label.
func (f Field) Helped() bool { return f.Help != "" || f.Sealed || f.Purpose != "" || f.Dated() != "" }
