package identity

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"linli/internal/kit/fault"
)

// BadRow is a row of an import that was not taken, and why.
type BadRow struct {
	Line  int    // line of the file, from 1
	ID    string // as written, "" where there is none
	Fault *fault.Fault
}

// Report says what an import did. The same file twice gives Same only.
type Report struct {
	Added, Changed, Moved, Same int
	Bad                         []BadRow
}

// Columns of the CSV of units; the first six are the usual ones, the header
// names which are there. id, name and kind must be.
var unitColumns = []string{"id", "parent", "name", "kind", "function", "area", "name_en", "owner", "commander"}

// mostUnits bounds one import.
const mostUnits = 50_000

// unitRow is one row as read.
type unitRow struct {
	line int
	has  map[string]bool // columns of the file: one that is not there leaves the unit's field alone
	unit Unit
}

// readUnitRows reads the CSV. Only a file that is no such CSV at all is an error;
// bad rows are collected.
func readUnitRows(r io.Reader) (rows []unitRow, bad []BadRow, err error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "identity.import_header", "columns", unitColumns).Because(err)
	}
	index, err := unitHeader(head)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for n := 0; ; n++ {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, bad, nil
		}
		if n >= mostUnits {
			return nil, nil, fault.New(fault.Invalid, "identity.import_large", "max", mostUnits)
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			bad = append(bad, BadRow{Line: broken.Line, Fault: fault.New(fault.Invalid, "identity.import_row").Because(err)})
			continue
		}
		if err != nil {
			return nil, nil, fault.New(fault.Invalid, "identity.import_unreadable").Because(err)
		}
		line, _ := in.FieldPos(0)
		row := unitRow{line: line, has: map[string]bool{}}
		for name, i := range index {
			if i < len(record) {
				row.has[name] = true
				row.unit.set(name, strings.TrimSpace(strings.ToValidUTF8(record[i], "\x00"))) // the zero byte is refused as a control
			}
		}
		switch {
		case row.unit.ID == "":
			bad = append(bad, BadRow{Line: line, Fault: fault.New(fault.Invalid, "identity.import_no_id").At("id")})
		case seen[row.unit.ID]:
			bad = append(bad, BadRow{Line: line, ID: row.unit.ID, Fault: fault.New(fault.Invalid, "identity.import_twice", "unit", row.unit.ID).At("id")})
		default:
			seen[row.unit.ID] = true
			rows = append(rows, row)
		}
	}
}

func unitHeader(head []string) (map[string]int, error) {
	index := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		if _, twice := index[name]; twice || !slices.Contains(unitColumns, name) {
			return nil, fault.New(fault.Invalid, "identity.import_column", "column", strings.ToValidUTF8(name, "?"), "columns", unitColumns)
		}
		index[name] = i
	}
	for _, need := range []string{"id", "name", "kind"} {
		if _, ok := index[need]; !ok {
			return nil, fault.New(fault.Invalid, "identity.import_header", "columns", unitColumns)
		}
	}
	return index, nil
}

func (u *Unit) set(column, value string) {
	switch column {
	case "id":
		u.ID = value
	case "parent":
		u.Parent = value
	case "name":
		u.Name = value
	case "kind":
		u.Kind = value
	case "function":
		u.Function = value
	case "area":
		u.Area = value
	case "name_en":
		u.NameEn = value
	case "owner":
		u.Owner = value
	case "commander":
		u.Commander = value
	}
}

// over lays the row's columns over a unit as it stands.
func (r unitRow) over(old Unit) Unit {
	u := old
	u.ID = r.unit.ID
	values := map[string]string{
		"parent": r.unit.Parent, "name": r.unit.Name, "kind": r.unit.Kind, "function": r.unit.Function, "area": r.unit.Area,
		"name_en": r.unit.NameEn, "owner": r.unit.Owner, "commander": r.unit.Commander,
	}
	for column, value := range values {
		if r.has[column] {
			u.set(column, value)
		}
	}
	return u
}

// inOrder sorts rows so that what another row stands under, belongs to or is
// commanded by comes before it, whatever their order in the file. In a circle one
// row comes before what it stands under and is refused for that.
func inOrder(rows []unitRow) []unitRow {
	at := map[string]int{}
	for i, r := range rows {
		at[r.unit.ID] = i
	}
	out := make([]unitRow, 0, len(rows))
	state := make([]byte, len(rows)) // 0 new, 1 under way, 2 placed
	// an own stack: a file may nest deeper than is good for the program's
	for start := range rows {
		stack := []int{start}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			if state[i] == 2 {
				stack = stack[:len(stack)-1]
				continue
			}
			if state[i] == 1 { // all it waits for has been placed, or waits for it
				state[i] = 2
				stack = stack[:len(stack)-1]
				out = append(out, rows[i])
				continue
			}
			state[i] = 1
			for _, id := range []string{rows[i].unit.Parent, rows[i].unit.Owner, rows[i].unit.Commander} {
				if j, ok := at[id]; ok && state[j] == 0 {
					stack = append(stack, j)
				}
			}
		}
	}
	return out
}
