package web

import (
	"math"
	"strconv"
)

// largest is the largest number that is drawn; beyond it, and where there is no
// number, is no data.
const largest = 1e15

// percent is a length or place along an axis, as SVG takes it.
func percent(share float64) string {
	if math.IsNaN(share) {
		share = 0
	}
	return strconv.FormatFloat(math.Round(min(max(share, 0), 1)*10000)/100, 'f', -1, 64) + "%"
}

// nice rounds up to 1, 2, 2.5 or 5 times a power of ten.
func nice(v float64) float64 {
	if !(v > 1e-9 && v <= largest) {
		return 1
	}
	base := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 2.5, 5, 10} {
		if v <= step*base*(1+1e-9) {
			return step * base
		}
	}
	return 10 * base
}

// number writes a value with at most two places.
func number(v float64) string {
	if !(math.Abs(v) <= 2*largest) {
		return "0"
	}
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}

// end is where the axis ends.
func (c Chart) end() float64 {
	if c.Most > 0 {
		return c.Most
	}
	most := 0.0
	if c.Target != nil {
		most = c.Target.Value
	}
	for i := range c.Labels {
		sum := 0.0
		for s := range c.Series {
			p := c.at(s, i)
			if c.Kind != Stacked {
				sum = 0
			}
			sum += p.Value
			most = max(most, sum)
		}
	}
	return nice(most)
}

// at is the point of a series over a label; what is missing is no data.
func (c Chart) at(series, label int) Point {
	if p := c.Series[series].Points; label < len(p) {
		one := p[label]
		one.Value = max(one.Value, 0)
		if !(one.Value <= largest) {
			return Point{None: true}
		}
		return one
	}
	return Point{None: true}
}

// barPart is one drawn piece of a bar and its number in words.
type barPart struct {
	N           int // of the series, from 1
	Name        string
	From, Width string
	Said        string
	None        bool
}

// barRow is one label with its bars.
type barRow struct {
	Label, Href string
	Parts       []barPart
	Sum         string // of a stacked bar
}

// Rows are the bars of the chart from top to bottom.
func (c Chart) Rows() []barRow {
	end := c.end()
	rows := make([]barRow, 0, len(c.Labels))
	for i, label := range c.Labels {
		row := barRow{Label: label}
		if i < len(c.Links) {
			row.Href = c.Links[i]
		}
		sum := 0.0
		for s, series := range c.Series {
			p := c.at(s, i)
			part := barPart{N: s + 1, Name: series.Name, From: "0%", Width: percent(p.Value / end), Said: p.written(c.Unit), None: p.None}
			if c.Kind == Stacked {
				part.From = percent(sum / end)
			}
			if !p.None {
				sum += p.Value
			}
			row.Parts = append(row.Parts, part)
		}
		row.Sum = number(sum)
		rows = append(rows, row)
	}
	return rows
}

func (p Point) written(unit string) string {
	switch {
	case p.None:
		return ""
	case p.Said != "":
		return p.Said
	}
	return number(p.Value) + unit
}

// Aim is where the target stands along the axis.
func (c Chart) Aim() string { return percent(c.Target.Value / c.end()) }

// Many says whether there is more than one series to be told apart.
func (c Chart) Many() bool { return len(c.Series) > 1 }

// Lies says whether the chart is of lying bars.
func (c Chart) Lies() bool { return c.Kind == Bars || c.Kind == Stacked }

// Stacks says whether the parts of a label share one bar.
func (c Chart) Stacks() bool { return c.Kind == Stacked }

// Ends writes the end of the axis.
func (c Chart) Ends() string { return number(c.end()) + c.Unit }

// trace is one drawn line: its path in a box of 100 by 100, and its marks.
type trace struct {
	N     int
	Name  string
	Path  string
	Below string // the closed path of an area
	Marks []mark
}

// mark is a point of a line, or a word below it.
type mark struct {
	X, Y, Anchor string
	Text         string
	Spare        bool // left out where there is little room
}

// across is the place of label i from left to right, between 0 and 1.
func (c Chart) across(i int) float64 { return over(i, len(c.Labels)) }

func over(i, n int) float64 {
	if n < 2 {
		return 0.5
	}
	return float64(i) / float64(n-1)
}

// Traces are the lines of the chart.
func (c Chart) Traces() []trace {
	end := c.end()
	out := make([]trace, 0, len(c.Series))
	for s, series := range c.Series {
		t := trace{N: s + 1, Name: series.Name}
		points := make([]Point, len(c.Labels))
		for i := range c.Labels {
			points[i] = c.at(s, i)
			if !points[i].None {
				t.Marks = append(t.Marks, mark{X: percent(c.across(i)), Y: percent(1 - points[i].Value/end)})
			}
		}
		t.Path, t.Below = path100(points, end)
		if c.Kind != Area {
			t.Below = ""
		}
		out = append(out, t)
	}
	return out
}

// path100 draws points into a box of 100 by 100; no data breaks the line. The
// second path closes every piece down to the ground.
func path100(points []Point, end float64) (line, below string) {
	start := -1
	place := func(i int, share float64) string {
		return number(over(i, len(points))*100) + " " + number((1-min(max(share, 0), 1))*100)
	}
	for i, p := range points {
		if p.None {
			start = -1
			continue
		}
		if start < 0 {
			start = i
			line += "M" + place(i, p.Value/end)
			below += "M" + place(i, 0) + "L" + place(i, p.Value/end)
		} else {
			line += "L" + place(i, p.Value/end)
			below += "L" + place(i, p.Value/end)
		}
		if i+1 == len(points) || points[i+1].None {
			below += "L" + place(i, 0) + "Z"
		}
	}
	return line, below
}

// Ticks are the words below a line: at most six, the last one always. Of five or
// six a narrow screen shows every second one.
func (c Chart) Ticks() []mark {
	n := len(c.Labels)
	step := 1
	if n > 6 {
		step = (n + 3) / 4
	}
	var out []mark
	for i, label := range c.Labels {
		if step > 1 && (n-1-i)%step != 0 {
			continue
		}
		m := mark{X: percent(c.across(i)), Text: label, Anchor: "middle", Spare: step == 1 && n > 4 && (n-1-i)%2 != 0}
		switch {
		case n > 1 && i == 0:
			m.Anchor = "start"
		case n > 1 && i == n-1:
			m.Anchor = "end"
		}
		out = append(out, m)
	}
	return out
}

// Levels are the lines across: the ground, the middle and the end of the axis.
func (c Chart) Levels() []mark {
	end := c.end()
	return []mark{{Y: percent(0), Text: number(end) + c.Unit}, {Y: percent(0.5), Text: number(end/2) + c.Unit}, {Y: percent(1), Text: "0"}}
}

// Height is where the target lies from top to bottom.
func (c Chart) Height() string { return percent(1 - c.Target.Value/c.end()) }

// Drawn is the line of a spark in a box of 100 by 100.
func (s Spark) Drawn() string {
	most := 0.0
	for _, p := range s.Points {
		if !p.None && !math.IsNaN(p.Value) {
			most = max(most, p.Value)
		}
	}
	line, _ := path100(s.Points, nice(most))
	return line
}

// Cells are the numbers of the chart as a table: a row for each label.
func (c Chart) Cells() [][]Point {
	out := make([][]Point, len(c.Labels))
	for i := range c.Labels {
		for s := range c.Series {
			out[i] = append(out[i], c.at(s, i))
		}
	}
	return out
}

// Link is where label i leads, "" where nowhere.
func (c Chart) Link(i int) string {
	if i < len(c.Links) {
		return c.Links[i]
	}
	return ""
}

// Writes is a point in words, "" for no data.
func (c Chart) Writes(p Point) string { return p.written(c.Unit) }
