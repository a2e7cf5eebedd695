package duty

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"path"
	"slices"
	"strings"

	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// Draft is a list that was read and checked, not yet in force.
type Draft struct {
	List       List
	Remarks    []Remark   // what is wrong, row by row; a draft with any cannot be published
	Difference Difference // against the list with the same id in force
	New        bool       // there is none
	Edition    int64      // the edition it was checked against
	Ends       *List      // the version that holds until this one does, where this one begins later
	YAML       []byte     // what Publish takes
}

// Ready says whether the draft may be published and would change something.
func (d Draft) Ready() bool { return len(d.Remarks) == 0 && (d.New || !d.Difference.Empty()) }

// Draft reads a list from YAML (the form of the catalogue) or from CSV or a
// workbook (items only; head gives the rest, and what it leaves out stays as in the
// list in force with the same id) and checks it against the edition in force. name tells the form by its
// ending. What is wrong inside is in Remarks; the faults are duty.format and
// duty.rights.
func (s *Service) Draft(ctx context.Context, name string, data []byte, head List) (Draft, error) {
	if !topAdministrator(identity.From(ctx)) {
		return Draft{}, fault.New(fault.Forbidden, "duty.rights")
	}
	cat, number, err := s.Catalogue(ctx)
	if err != nil {
		return Draft{}, err
	}
	d := Draft{Edition: number}
	switch strings.ToLower(path.Ext(name)) {
	case ".csv":
		d.List, d.Remarks = cat.ParseTable(name, bytes.NewReader(data), cat.headOf(head))
	case ".xlsx", ".xls":
		if d.List, d.Remarks, err = cat.ParseBook(name, data, cat.headOf(head)); err != nil {
			return d, fault.Of(err).At("file")
		}
	case ".yaml", ".yml":
		d.List, d.Remarks = cat.ParseList(name, data)
	default:
		return d, fault.New(fault.Invalid, "duty.format", "name", name).At("file")
	}
	return s.checked(cat, d)
}

// checked compares a draft with what is in force.
func (s *Service) checked(cat *Catalogue, d Draft) (_ Draft, err error) {
	old, known := cat.List(d.List.ID)
	d.New = !known
	d.Difference = Compare(old, d.List)
	today := s.clk.Now().Day()
	way := cat.makesWay(d.List, today)
	if way.until.ID != "" {
		d.Ends = &way.until
	}
	if len(d.Remarks) == 0 {
		d.Remarks = append(early(old, known, d.List, today), cat.clashes(d.List, way.from)...)
	}
	if len(d.Remarks) == 0 {
		d.YAML, err = d.List.YAML()
	}
	return d, err
}

// headOf completes the head of a table by the list in force with the same id:
// what was not said stays as it is.
func (c *Catalogue) headOf(head List) List {
	old, known := c.List(head.ID)
	if !known {
		return head
	}
	if head.Remedies == nil {
		head.Remedies = old.Remedies
	}
	if head.Title["zh"] == "" {
		head.Title = old.Title
	}
	head.Area, head.Version = cmp.Or(head.Area, old.Area), cmp.Or(head.Version, old.Version)
	head.From, head.Until = cmp.Or(head.From, old.From), cmp.Or(head.Until, old.Until)
	return head
}

// EditItem drafts the list in force with one item set as the columns say (see
// Columns), a new one where the id is not there, or without it where cells is nil.
// Who heads or leads the county may draft so as well; publishing is another matter.
// Faults: duty.rights, NotFound duty.no_list.
func (s *Service) EditItem(ctx context.Context, list, id string, cells map[string]string) (Draft, error) {
	if !mayDraft(identity.From(ctx)) {
		return Draft{}, fault.New(fault.Forbidden, "duty.rights")
	}
	cat, number, err := s.Catalogue(ctx)
	if err != nil {
		return Draft{}, err
	}
	old, known := cat.List(list)
	if !known {
		return Draft{}, fault.New(fault.NotFound, "duty.no_list", "id", list)
	}
	var table bytes.Buffer
	if err := old.without(id).WriteTable(&table); err != nil {
		return Draft{}, err
	}
	w := csv.NewWriter(&table)
	if cells != nil {
		row := make([]string, len(Columns()))
		for i, c := range Columns() {
			row[i] = strings.Join(strings.Fields(cells[c]), " ")
		}
		if err := w.Write(row); err != nil {
			return Draft{}, err
		}
		w.Flush()
	}
	d := Draft{Edition: number}
	d.List, d.Remarks = cat.ParseTable(list, bytes.NewReader(table.Bytes()), old)
	return s.checked(cat, d)
}

// without is the list without the item that is edited, which is written after it.
func (l List) without(id string) List {
	l.Items = slices.DeleteFunc(slices.Clone(l.Items), func(i Item) bool { return i.ID == id })
	return l
}

// ParseList reads one list in the form of the catalogue.
func (c *Catalogue) ParseList(name string, data []byte) (List, []Remark) {
	var raw rawList
	d := &document{file: name}
	if err := d.decode(data, &raw); err != nil {
		d.unreadable(err)
	}
	if d.root == nil || len(d.bad) > 0 {
		return List{}, d.bad
	}
	l := c.list(d, raw)
	if len(l.Items) == 0 && len(d.bad) == 0 {
		d.say(d.line("items"), "items", "no_rows")
	}
	return l, d.bad
}

// clashes are lists in force that would stand beside the new one; gone is one that
// makes way for it.
func (c *Catalogue) clashes(l List, gone string) []Remark {
	with := &Catalogue{Lists: []List{l}}
	for _, other := range c.Lists {
		if other.ID != l.ID && other.ID != gone {
			with.Lists = append(with.Lists, other)
		}
	}
	var mine []Remark
	for _, b := range with.overlaps() {
		if b.Args["id"] == l.ID || b.Args["other"] == l.ID {
			b.File = l.File
			mine = append(mine, b)
		}
	}
	return mine
}

// Publish puts a list in force as a new edition; base is the edition its draft
// was checked against, and another published meanwhile is edition.stale. The
// bytes are read and checked again: they came back from a browser. Faults:
// duty.rights, duty.problems, those of edition.PublishOn.
func (s *Service) Publish(ctx context.Context, base int64, yaml []byte, reason string) (edition.Edition, error) {
	d, err := s.Draft(ctx, "list.yaml", yaml, List{})
	if err != nil {
		return edition.Edition{}, err
	}
	if n := len(d.Remarks); n > 0 {
		return edition.Edition{}, fault.New(fault.Invalid, "duty.problems", "n", n, "line", d.Remarks[0].Line).At("file")
	}
	by := identity.From(ctx)
	who := by.Person
	if by.Kind == identity.System {
		who = edition.System
	}
	change := map[string][]byte{listFile(d.List.ID): d.YAML}
	if err := s.makeWay(ctx, d.List, change); err != nil {
		return edition.Edition{}, err
	}
	return s.editions.PublishOn(ctx, base, change, who, reason)
}

func listFile(id string) string { return listFolder + "/" + id + ".yaml" }

// makeWay adds what becomes of the version that holds until the new one does.
func (s *Service) makeWay(ctx context.Context, now List, change map[string][]byte) error {
	cat, _, err := s.Catalogue(ctx)
	if err != nil {
		return err
	}
	way := cat.makesWay(now, s.clk.Now().Day())
	if way.from != "" {
		change[listFile(way.from)] = nil
	}
	if way.until.ID != "" {
		change[listFile(way.until.ID)], err = way.until.YAML()
	}
	return err
}
