package setup

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/sheet"
	"linli/internal/kit/text"
)

// mostUnzipped bounds a packed table: the whole country is some 30 MB.
const mostUnzipped = 128 << 20

// unzipped gives the bytes of a file that may be packed with gzip.
func unzipped(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return data, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fault.New(fault.Invalid, "setup.file_broken").At("file").Because(err)
	}
	out, err := io.ReadAll(io.LimitReader(z, mostUnzipped+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "setup.file_broken").At("file").Because(err)
	}
	if len(out) > mostUnzipped {
		return nil, fault.New(fault.Invalid, "setup.file_large", "most", mostUnzipped>>20).At("file")
	}
	return out, nil
}

// dictionary gathers the words of both languages for columns, kinds of unit,
// lines of work and posts.
func (s *Service) dictionary(ctx context.Context) (dictionary, error) {
	d := dictionary{units: map[string]string{}, people: map[string]string{}, kinds: map[string]string{}, functions: map[string]string{}, post: map[string]string{}}
	book := s.Book()
	both := func(key string) (out []string) {
		for _, lang := range text.Languages() {
			out = append(out, book.Say(lang, key, nil))
		}
		return out
	}
	for _, c := range unitColumns {
		learn(d.units, c, both("setup.column.unit."+c)...)
	}
	for _, c := range personColumns {
		learn(d.people, c, both("setup.column.person."+c)...)
	}
	for _, k := range identity.UnitKinds() {
		learn(d.kinds, k, both("identity.unit_kind."+k)...)
		for _, words := range both("setup.kind." + k) {
			learn(d.kinds, k, strings.Fields(words)...)
		}
	}
	for _, name := range append(both("setup.table.units"), "units") {
		d.unitTable = append(d.unitTable, text.Fold(name))
	}
	for _, name := range append(both("setup.table.people"), "people") {
		d.peopleTable = append(d.peopleTable, text.Fold(name))
	}
	cat, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return d, err
	}
	for _, f := range cat.Functions {
		learn(d.functions, f.ID, f.Title.In("zh-CN"), f.Title.In("en"))
	}
	rights, _, err := s.Rights.Now(ctx)
	for _, k := range rights.Kinds {
		learn(d.post, k.ID, k.Name.In("zh-CN"), k.Name.In("en"))
	}
	return d, err
}

// Template writes an empty workbook in a language, with what stands in the house
// already, so that it can be filled and sent back.
func (s *Service) Template(ctx context.Context, w io.Writer, lang string) error {
	root, err := s.root(ctx)
	if err != nil {
		return err
	}
	cat, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return err
	}
	rights, _, err := s.Rights.Now(ctx)
	if err != nil {
		return err
	}
	book := s.Book()
	said := func(key string) string { return book.Say(lang, "setup."+key, nil) }
	columns := func(which string, ids []string) (out []sheet.Column) {
		for _, id := range ids {
			out = append(out, sheet.Column{Head: said("column." + which + "." + id), Width: 20})
		}
		return out
	}
	units, err := s.People.Units(ctx)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, u := range units {
		f, _ := cat.Function(u.Function)
		rows = append(rows, []any{u.ID, u.Parent, u.Name, book.Say(lang, "identity.unit_kind."+u.Kind, nil), f.Title.In(lang), u.Area, u.NameEn, u.Owner, u.Commander})
	}
	var kinds, functions [][]any
	for _, k := range identity.UnitKinds() {
		kinds = append(kinds, []any{said("column.unit.kind"), book.Say(lang, "identity.unit_kind."+k, nil), ""})
	}
	for _, f := range cat.Functions {
		functions = append(functions, []any{said("column.unit.function"), f.Title.In(lang), ""})
	}
	words := append(kinds, functions...)
	for _, k := range rights.Kinds {
		words = append(words, []any{said("column.person.post"), k.Name.In(lang), k.For.In(lang)})
	}
	return sheet.Write(w, sheet.Book{Title: said("book.title"), Creator: root.Name, Created: s.Clock.Now(), Sheets: []sheet.Sheet{
		{Name: said("table.units"), Notes: []string{said("book.units")}, Columns: columns("unit", unitColumns), Rows: sheet.List(rows)},
		{Name: said("table.people"), Notes: []string{said("book.people")}, Columns: columns("person", personColumns), Rows: sheet.List(nil)},
		{Name: said("table.words"), Notes: []string{said("book.words")}, Rows: sheet.List(words),
			Columns: []sheet.Column{{Head: said("column.words.where"), Width: 16}, {Head: said("column.words.word"), Width: 24}, {Head: said("column.words.means"), Width: 60}}},
	}})
}

// read gives one posted file. Fault: Invalid setup.file_missing.
func read(open func(string) (io.ReadCloser, error), field string) ([]byte, error) {
	f, err := open(field)
	if err != nil {
		return nil, fault.New(fault.Invalid, "setup.file_missing").At(field)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err == nil && len(data) == 0 {
		err = errors.New("empty")
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "setup.file_missing").At(field).Because(err)
	}
	return data, nil
}
