package finance

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"hash"
	"io"
	"strconv"

	"linli/web"
)

// print writes a book as the text that is hashed and that anybody can download:
// one line for each entry, then one for each account. The fingerprint is the
// SHA-256 of exactly these bytes, so that it is checked with any hashing program.
type printer struct {
	csv *csv.Writer
	n   int
}

// format names the text; another form would be another name.
const format = "linli-accounts/1"

func newPrinter(w io.Writer, village string, p Period) *printer {
	out := &printer{csv: csv.NewWriter(w)}
	_ = out.csv.Write([]string{format, village, string(p)}) // an error stays with the writer
	return out
}

func (p *printer) line(l Line) {
	p.n++
	_ = p.csv.Write([]string{strconv.Itoa(l.N), l.Day.String(), l.Voucher, l.Account, l.Category, web.Money(l.Income), web.Money(l.Expenditure), web.Money(l.Balance), l.Post, l.Summary})
}

// end writes the accounts and gives the first error.
func (p *printer) end(s Sums) error {
	for _, a := range s.Accounts {
		_ = p.csv.Write([]string{"account", a.ID, web.Money(a.Opening), web.Money(a.In), web.Money(a.Out), web.Money(a.Closing)})
	}
	p.csv.Flush()
	return p.csv.Error()
}

// marker hashes a book's text without holding it.
type marker struct {
	*printer
	sum hash.Hash
}

func newMarker(village string, p Period) *marker {
	sum := sha256.New()
	return &marker{newPrinter(sum, village, p), sum}
}

func (m *marker) digest(s Sums) (string, error) {
	if err := m.end(s); err != nil {
		return "", err
	}
	return hex.EncodeToString(m.sum.Sum(nil)), nil
}
