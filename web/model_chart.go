package web

// ChartKind is the shape of a chart.
type ChartKind string

// The shapes. Bars lie, because words are long and screens are narrow; lines and
// areas go over time.
const (
	Bars    ChartKind = "bars"    // one or two series, each label with its bars below each other
	Stacked ChartKind = "stacked" // the series of a label in one bar, as parts of its sum
	Line    ChartKind = "line"
	Area    ChartKind = "area"
)

// Chart is drawn by the server, without script and without inline style. Its
// colours are classes of the style sheet, so that dark pages and forced colours
// keep working; a series is told by its pattern or mark and by words as well,
// never by colour alone. Bars are a table with drawn cells; a line is a picture
// with a name and the same numbers in a table below it.
type Chart struct {
	ID     string // once on the page; the ids of patterns start with it
	Kind   ChartKind
	Title  string   // what is shown
	Says   string   // one sentence on what is to be seen, for those who do not see it; may be empty
	Unit   string   // behind numbers, as in the axis and the table: a per cent sign, a word
	Head   string   // heading of the first column of the table: unit, month …
	Labels []string // of the bars, or the months from left to right
	Links  []string // where each label leads; nil, or one for each label ("" for none)
	Series []Series // at most four
	Target *Target
	Most   float64 // end of the axis; 0: the largest value, rounded up
	Empty  Empty   // stands instead where there is no label
}

// Series is one row of numbers of a chart, one for each label.
type Series struct {
	Name   string
	Points []Point
}

// Point is one number. Said is how it is written where the plain number says too
// little, as "92.5 % (37 / 40)". None is no data, which is never drawn as 0.
// What is below 0 is drawn as 0.
type Point struct {
	Value float64
	Said  string
	None  bool
}

// Target is a line that values are held against.
type Target struct {
	Name  string
	Value float64
}

// Spark is a small line in a figure or a cell, without axes; its words tell it.
type Spark struct {
	Points []Point
	Says   string
}

// Figure is a large number with what it means. A ratio carries its numerator and
// denominator; with None the tile says that there is no data.
type Figure struct {
	Label   string // what is counted
	Value   string // as written
	Unit    string
	None    bool
	Of      *Ratio // what the value was made of
	Means   string // a sentence: what counts, and what does not
	Norm    string
	Tone    Tone // Warning and Bad only beside words that say so in Note
	Note    string
	Href    string // the cases behind it
	Link    string // words of that way; default: a word of the catalogue
	Spark   *Spark
	Current bool // the tile of the present page
}

// Ratio is what a share was made of.
type Ratio struct {
	Numerator, Denominator int64
}

// Step is one station of a way: what is done, what is now, what comes next.
type Step struct {
	State string // done, now, next
	Text  string
	By    string // who
	When  string // written out: when it was, or by when it will be
	Note  string
	Clock *Clock
}

// Toolbar stands above a list: the filters in force, saved views, the form of
// filters folded below, ways out such as an export, and what may be done with
// all ticked lines at once. The list is a form of the id Ticks whose lines carry
// tick boxes; a bulk act is a button of that form which posts to Href.
type Toolbar struct {
	Label   string
	Filters *Form     // sent by GET
	Open    bool      // whether the filters are unfolded
	Active  []NavItem // each filter in force; the way leads to the list without it
	Clear   string    // address of the list without any
	Saved   []NavItem
	Ways    []NavItem // export, print …
	Ticks   string    // id of the list's form
	Acts    []NavItem // Href and Text of each bulk act
}
