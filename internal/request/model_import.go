package request

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"linli/internal/kit/fault"
)

// Map says how the columns of a CSV of orders are read; docs/import.md explains
// every key.
type Map struct {
	Source  string    `yaml:"source"`  // what the file is called in the record of the source
	Prefix  string    `yaml:"prefix"`  // put before every number, so that two sources cannot clash
	Missing []string  `yaml:"missing"` // values that mean "none"
	Zone    string    `yaml:"zone"`    // of times without one; "" is China
	Number  string    `yaml:"number"`
	Time    timeMap   `yaml:"recorded"`
	Title   []string  `yaml:"title"` // columns; the first with a value is the title
	Class   valueMap  `yaml:"class"`
	Area    areaMap   `yaml:"area"`
	Unit    valueMap  `yaml:"unit"`
	Verdict []verdict `yaml:"verdict"` // the first that fits
	Keep    []string  `yaml:"keep"`    // columns kept as the record of the source
}

// timeMap is a column with a time and its layout as Go writes it.
type timeMap struct {
	Column string `yaml:"column"`
	Layout string `yaml:"layout"`
}

// valueMap turns a column into an id: by a table, else with a prefix.
type valueMap struct {
	Column string            `yaml:"column"`
	Prefix string            `yaml:"prefix"`
	Values map[string]string `yaml:"values"`
	Need   bool              `yaml:"required"`
}

// areaMap finds an area: by a code or a table of codes, else by names from the
// larger to the smaller under a code.
type areaMap struct {
	Column string            `yaml:"column"`
	Values map[string]string `yaml:"values"`
	Under  string            `yaml:"under"`
	Names  []string          `yaml:"names"`
	Need   bool              `yaml:"required"`
}

// verdict is what the source said of an order, by the value of a column.
type verdict struct {
	Column string `yaml:"column"`
	Equals string `yaml:"equals"`
	Say    string `yaml:"say"`
}

// ParseMap reads a column map. Fault: Invalid request.import_map.
func ParseMap(raw []byte) (Map, error) {
	var m Map
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil && !errors.Is(err, io.EOF) {
		return m, fault.New(fault.Invalid, "request.import_map", "detail", err.Error())
	}
	switch {
	case m.Number == "":
		return m, fault.New(fault.Invalid, "request.import_map", "detail", "number").At("number")
	case m.Time.Column == "" || m.Time.Layout == "":
		return m, fault.New(fault.Invalid, "request.import_map", "detail", "recorded").At("recorded")
	case m.Source == "":
		return m, fault.New(fault.Invalid, "request.import_map", "detail", "source").At("source")
	}
	if m.Zone == "" {
		m.Zone = "Asia/Shanghai"
	}
	if _, err := m.zone(); err != nil {
		return m, fault.New(fault.Invalid, "request.import_map", "detail", err.Error()).At("zone")
	}
	return m, nil
}

// zone of times that name none. China has no summer time, so its zone needs no
// table of zones on the machine.
func (m Map) zone() (*time.Location, error) {
	if m.Zone == "Asia/Shanghai" {
		return time.FixedZone("CST", 8*3600), nil
	}
	return time.LoadLocation(m.Zone)
}

// none says whether a value means that there is none.
func (m Map) none(v string) bool {
	if v == "" {
		return true
	}
	for _, x := range m.Missing {
		if x == v {
			return true
		}
	}
	return false
}

// columns are all columns that the map names.
func (m Map) columns() []string {
	all := append([]string{m.Number, m.Time.Column, m.Class.Column, m.Area.Column, m.Unit.Column}, m.Title...)
	all = append(append(all, m.Area.Names...), m.Keep...)
	for _, v := range m.Verdict {
		all = append(all, v.Column)
	}
	out := all[:0]
	for _, c := range all {
		if strings.TrimSpace(c) != "" {
			out = append(out, c)
		}
	}
	return out
}

// ImportReport says what an import did. The same file twice gives Same only.
type ImportReport struct {
	Read    int // rows looked at
	Added   int
	Same    int
	BadRows int
	Bad     []BadRow // the first 1,000
	Notes   []BadRow // went in, but with something left out; the first 1,000
}

// BadRow is a row that was refused, or taken with a remark, and why.
type BadRow struct {
	Line   int // line of the file, from 1
	Number string
	Fault  *fault.Fault
}

// mostKept bounds the rows that a report names.
const mostKept = 1000

func (r *ImportReport) refuse(line int, number string, err error) {
	r.BadRows++
	if len(r.Bad) < mostKept {
		r.Bad = append(r.Bad, BadRow{line, number, fault.Of(err)})
	}
}
