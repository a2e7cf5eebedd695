package setup

import (
	"bytes"
	"encoding/csv"
	"strings"

	"linli/internal/kit/fault"
	"linli/internal/kit/sheet"
	"linli/internal/kit/text"
)

// Columns of the two tables of the workbook, by the names of the rooms below.
var (
	unitColumns   = []string{"id", "parent", "name", "kind", "function", "area", "name_en", "owner", "commander"}
	personColumns = []string{"name", "login", "unit", "post", "area"}
)

// dictionary turns what an office writes into what the house calls it. Keys are
// folded (text.Fold); the house's own ids are understood everywhere.
type dictionary struct {
	units, people          map[string]string // heads of the columns
	kinds, functions, post map[string]string
	unitTable, peopleTable []string // names of the tables
}

// learn adds words for an id.
func learn(to map[string]string, id string, words ...string) {
	for _, w := range append(words, id) {
		if f := text.Fold(w); f != "" {
			if _, taken := to[f]; !taken {
				to[f] = id
			}
		}
	}
}

// say gives the id for a word; a word that is not known is given back, so that
// the room below names it in its refusal.
func say(words map[string]string, s string) string {
	if id, ok := words[text.Fold(s)]; ok {
		return id
	}
	return strings.TrimSpace(s)
}

// Row is what became of one row, under the number that a person sees.
type Row struct {
	Number   int
	Name     string
	Login    string
	Password string // made, shown once
	Fault    *fault.Fault
}

// find gives the columns of a table by its first row that names those that must
// be there, and that row's number. Fault: setup.book_head with what is needed.
func find(t *sheet.Table, words map[string]string, must ...string) (at map[string]int, head int, err error) {
	for row, rowErr := range t.Rows() {
		if rowErr != nil {
			return nil, 0, rowErr
		}
		at = map[string]int{}
		for i, c := range row.Cells {
			if id, ok := words[text.Fold(c.Text)]; ok {
				if _, twice := at[id]; !twice {
					at[id] = i
				}
			}
		}
		if has(at, must) {
			return at, row.Number, nil
		}
		if row.Number > 20 {
			break
		}
	}
	return nil, 0, fault.New(fault.Invalid, "setup.book_head", "table", t.Name, "columns", must).At("file")
}

func has(at map[string]int, must []string) bool {
	for _, id := range must {
		if _, ok := at[id]; !ok {
			return false
		}
	}
	return true
}

// unitTable turns a table of units into the CSV that room identity reads, with
// the row's number for every line of it.
func unitTable(t *sheet.Table, d dictionary) (out []byte, numbers map[int]int, err error) {
	at, head, err := find(t, d.units, "id", "name", "kind")
	if err != nil {
		return nil, nil, err
	}
	var columns []string
	for _, c := range unitColumns {
		if _, ok := at[c]; ok {
			columns = append(columns, c)
		}
	}
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	if err := w.Write(columns); err != nil {
		return nil, nil, err
	}
	numbers = map[int]int{}
	line := 1
	for row, rowErr := range t.Rows() {
		if rowErr != nil {
			return nil, nil, rowErr
		}
		if row.Number <= head {
			continue
		}
		record := make([]string, len(columns))
		for i, c := range columns {
			record[i] = row.At(at[c]).Text
			switch c {
			case "kind":
				record[i] = say(d.kinds, record[i])
			case "function":
				record[i] = say(d.functions, record[i])
			}
			record[i] = strings.Join(strings.Fields(record[i]), " ") // one line per row
		}
		line++
		numbers[line] = row.Number
		if err := w.Write(record); err != nil {
			return nil, nil, err
		}
	}
	w.Flush()
	return buf.Bytes(), numbers, w.Error()
}

// person is one row of the table of people.
type person struct {
	Number                        int
	Name, Login, Unit, Post, Area string
}

func peopleTable(t *sheet.Table, d dictionary) (out []person, err error) {
	at, head, err := find(t, d.people, "name", "login", "unit", "post")
	if err != nil {
		return nil, err
	}
	for row, rowErr := range t.Rows() {
		if rowErr != nil {
			return nil, rowErr
		}
		if row.Number <= head {
			continue
		}
		if len(out) == mostPeople {
			return nil, fault.New(fault.Invalid, "setup.book_people", "most", mostPeople).At("file")
		}
		get := func(c string) string {
			i, ok := at[c]
			if !ok {
				return ""
			}
			return strings.TrimSpace(row.At(i).Text)
		}
		out = append(out, person{row.Number, get("name"), get("login"), get("unit"), say(d.post, get("post")), get("area")})
	}
	return out, nil
}

// countyPart keeps of a national table (CSV with a header, codes of any length)
// the county's own rows and the rows of the divisions above it.
func countyPart(table []byte, county string) []byte {
	var out bytes.Buffer
	first := true
	for line := range bytes.Lines(table) {
		if first || keeps(string(line), county) {
			out.Write(line)
		}
		first = false
	}
	return out.Bytes()
}

func keeps(line, county string) bool {
	for field := range strings.SplitSeq(strings.TrimRight(line, "\r\n"), ",") {
		f := strings.Trim(field, `" `)
		if f == "" || strings.Trim(f, "0123456789") != "" {
			continue
		}
		short := strings.TrimRight(f, "0")
		if strings.HasPrefix(f, county) || len(county) >= 2 && (short == strings.TrimRight(county[:2], "0") || len(county) >= 4 && short == strings.TrimRight(county[:4], "0")) {
			return true
		}
		return false // the first code of a row is its own
	}
	return false
}
