package finance

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"linli/internal/kit/sheet"
)

// headWithin is how far down the head of a table is sought.
const headWithin = 30

// fewestFound is how many columns a row must name to be a head.
const fewestFound = 3

// longestHead bounds what is kept of a head's cell.
const longestHead = 40

// found is what the top of a table tells.
type found struct {
	Mapping
	Titles []string // the texts above the head
}

// top reads the first rows of a table.
func top(t *sheet.Table) ([]sheet.Row, error) {
	var rows []sheet.Row
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		if row.Number > headWithin+3 {
			break
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// head seeks the head of a table among its first rows: the row that names most
// columns, together with the one below it where a head is two rows high.
func (c *Catalogue) head(name string, rows []sheet.Row) (found, bool) {
	best, most := -1, 0
	for i, row := range rows {
		if row.Number > headWithin {
			break
		}
		if n := len(c.columnsOf(row)); n > most {
			best, most = i, n
		}
	}
	f := found{Mapping: Mapping{Sheet: name}}
	if best < 0 || most < fewestFound {
		for _, row := range rows {
			f.Titles = append(f.Titles, texts(row)...)
		}
		return f, false
	}
	at := rows[best]
	f.Head, f.Data = at.Number, at.Number+1
	heads := make([]string, len(at.Cells))
	for i, cell := range at.Cells {
		heads[i] = cell.Text
	}
	if best+1 < len(rows) && c.second(at, rows[best+1]) {
		f.Data = rows[best+1].Number + 1
		for i, cell := range rows[best+1].Cells {
			for len(heads) <= i {
				heads = append(heads, "")
			}
			if cell.Kind == sheet.Text {
				heads[i] = cell.Text
			}
		}
	}
	for i := range heads {
		heads[i] = cut(strings.Join(strings.Fields(heads[i]), " "), longestHead)
	}
	f.Heads, f.Columns = heads, c.guess(heads)
	for _, row := range rows[:best] {
		f.Titles = append(f.Titles, texts(row)...)
	}
	f.Samples = samples(rows, f.Data, len(heads))
	f.Account = c.accountOf(name, f.Titles)
	return f, true
}

// columnsOf are the columns that a row names.
func (c *Catalogue) columnsOf(row sheet.Row) map[string]bool {
	out := map[string]bool{}
	for _, cell := range row.Cells {
		if cell.Kind == sheet.Text && len(cell.Text) <= 4*longestHead {
			if id := c.byColumn[plain(cell.Text)]; id != "" {
				out[id] = true
			}
		}
	}
	return out
}

// second says whether a row below a head belongs to it: it names columns under
// cells of the head that are merged or empty, and holds no number.
func (c *Catalogue) second(head, below sheet.Row) bool {
	if below.Number != head.Number+1 {
		return false
	}
	named := 0
	for i, cell := range below.Cells {
		switch {
		case cell.Kind == sheet.Blank:
		case cell.Kind != sheet.Text:
			return false
		case c.byColumn[plain(cell.Text)] != "" && (head.At(i).Kind == sheet.Blank || head.At(i).Merge != nil):
			named++
		}
	}
	return named > 0
}

// guess gives each field the first column that is called so; a head that only
// holds such a word counts where none is called exactly so.
func (c *Catalogue) guess(heads []string) map[string]int {
	out := map[string]int{}
	taken := map[int]bool{}
	for i, h := range heads {
		if id := c.byColumn[plain(h)]; id != "" {
			if _, had := out[id]; !had {
				out[id], taken[i] = i, true
			}
		}
	}
	for i, h := range heads {
		key := plain(h)
		if taken[i] || key == "" {
			continue
		}
		for _, t := range c.Columns {
			if _, had := out[t.ID]; had || t.ID == "month" || t.ID == "dom" {
				continue
			}
			if slices.ContainsFunc(t.Words, func(w string) bool { return strings.Contains(key, plain(w)) }) {
				out[t.ID], taken[i] = i, true
				break
			}
		}
	}
	return out
}

// accountOf is the account that a table's name or what stands above its head
// names, "" where neither does.
func (c *Catalogue) accountOf(name string, titles []string) string {
	for _, s := range append([]string{name}, titles...) {
		key, best, length := plain(s), "", 0
		for w, id := range c.byAccount {
			if strings.Contains(key, w) && len(w) > length {
				best, length = id, len(w)
			}
		}
		if best != "" {
			return best
		}
	}
	return ""
}

func texts(row sheet.Row) (out []string) {
	for _, cell := range row.Cells {
		if cell.Kind == sheet.Text {
			out = append(out, cell.Text)
		}
	}
	return out
}

// samples is the first value of every column below a head.
func samples(rows []sheet.Row, from, n int) []string {
	out := make([]string, n)
	for _, row := range rows {
		if row.Number < from {
			continue
		}
		for i := range out {
			if out[i] == "" {
				out[i] = cut(row.At(i).Text, longestHead)
			}
		}
	}
	return out
}

// cut keeps at most so many characters.
func cut(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most])
	}
	return s
}

// complete says which required columns a mapping lacks.
func (c *Catalogue) lacking(m Mapping) []string {
	var out []string
	for _, name := range c.Required {
		if _, ok := m.Columns[name]; !ok {
			out = append(out, name)
		}
	}
	_, day := m.Columns["day"]
	_, month := m.Columns["month"]
	_, dom := m.Columns["dom"]
	if !day && !(month && dom) {
		out = append(out, "day")
	}
	if _, ok := m.Columns["account"]; !ok && m.Account == "" {
		out = append(out, "account")
	}
	return out
}

// shape is what a head is remembered by: its words, whatever their order.
func shape(m Mapping) string {
	var list []string
	for _, h := range m.Heads {
		if h = plain(h); h != "" {
			list = append(list, h)
		}
	}
	slices.Sort(list)
	sum := sha256.Sum256([]byte(strings.Join(list, "\n")))
	return hex.EncodeToString(sum[:16])
}

// learnt is a mapping as it is remembered: by the words of the head, not by the
// places of the columns. account is kept with the table's name.
type learnt struct {
	Fields   map[string]string `json:"fields"`   // plain head -> field
	Accounts map[string]string `json:"accounts"` // plain name of a table -> account
}

func learn(list []Mapping) map[string]learnt {
	out := map[string]learnt{}
	for _, m := range list {
		if m.Skip {
			continue
		}
		key := shape(m)
		l, ok := out[key]
		if !ok {
			l = learnt{Fields: map[string]string{}, Accounts: map[string]string{}}
		}
		for field, at := range m.Columns {
			if at < len(m.Heads) {
				l.Fields[plain(m.Heads[at])] = field
			}
		}
		if m.Account != "" {
			l.Accounts[plain(m.Sheet)] = m.Account
		}
		out[key] = l
	}
	return out
}

// apply fills a mapping with what was learnt; false where it does not say all.
func (c *Catalogue) apply(l learnt, m *Mapping) bool {
	m.Columns = map[string]int{}
	for at, h := range m.Heads {
		if field := l.Fields[plain(h)]; field != "" {
			if _, had := m.Columns[field]; !had {
				m.Columns[field] = at
			}
		}
	}
	if account, ok := l.Accounts[plain(m.Sheet)]; ok {
		m.Account = account
	}
	return len(c.lacking(*m)) == 0
}
