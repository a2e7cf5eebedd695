package finance

import (
	"context"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/sheet"
	"linli/internal/kit/text"
)

// Brought is a workbook as a bookkeeper brings it.
type Brought struct {
	Village string
	Period  Period
	Name    string // of the file
	Data    []byte
	Holder  string // whose the bank accounts are: collective, committee, township or person
	Target  Target // a case whose book it takes the place of; empty opens a case
}

// Holders are whose a bank account may be; a person's is refused.
var Holders = []string{"collective", "committee", "township", "person"}

const holderPerson = "person"

// media by which a workbook is kept; what it is the reader finds out itself.
const media = "application/octet-stream"

// limits of a workbook of accounts.
var limits = sheet.Limits{Rows: 100_000, Columns: 64, Sheets: 30}

// Bring keeps a workbook and looks for its heads. Where the village's workbooks
// have been read before it is checked at once; else a person says what its columns
// are (Confirm). Faults: Forbidden, Invalid at a field, sheet.…, finance.no_head,
// finance.personal.
func (s *Service) Bring(ctx context.Context, a identity.Actor, in Brought) (Book, error) {
	cat, err := s.catalogue(ctx)
	if err != nil {
		return Book{}, err
	}
	if err := s.mayBring(ctx, a, cat, &in); err != nil {
		return Book{}, err
	}
	list, err := s.tables(cat, in.Data)
	if err != nil {
		return Book{}, fault.Of(err).At("workbook")
	}
	known, err := s.mappings(ctx, in.Village)
	if err != nil {
		return Book{}, err
	}
	b := Book{ID: db.NewID(s.Clock.Now()), Village: in.Village, Period: in.Period, State: Fresh, Person: a.Person, Name: cut(in.Name, 120), Target: in.Target, Recorded: s.Clock.Now()}
	all := true
	for _, m := range list {
		l, met := known[shape(m)]
		all = met && cat.apply(l, &m) && all
		b.Mapping = append(b.Mapping, m)
	}
	kept, err := s.Blobs.Put(ctx, in.Data, media)
	if err != nil {
		return Book{}, err
	}
	b.File = kept.ID
	if err := s.putBook(ctx, b); err != nil {
		return Book{}, err
	}
	if !all {
		return b, nil
	}
	return s.check(ctx, cat, b, in.Data)
}

// mayBring refuses who keeps no books there, a period that is not over, and an
// account that is a person's.
func (s *Service) mayBring(ctx context.Context, a identity.Actor, cat *Catalogue, in *Brought) error {
	if in.Target.Case != "" {
		c, _, err := s.Cases.Seen(ctx, a, in.Target.Case)
		if err != nil {
			return err
		}
		period, err := ParsePeriod(c.Values.Text("period"))
		if err != nil || c.Procedure != Procedure || !slices.Contains([]string{actReplace, actCorrect, actRecorrect}, in.Target.Act) {
			return fault.New(fault.Invalid, "finance.no_target").At("case")
		}
		in.Village, in.Period, in.Target.Case = c.Values.Text("village"), period, c.ID
	}
	keeps, err := s.mayKeep(ctx, a, in.Village)
	if err != nil {
		return err
	}
	_, last := in.Period.Span()
	switch {
	case len(in.Village) < 12:
		return fault.New(fault.Invalid, "finance.village").At("village")
	case !keeps:
		return fault.New(fault.Forbidden, "finance.not_keeper").At("village")
	case !slices.Contains(Holders, in.Holder):
		return fault.New(fault.Invalid, "finance.holder").At("holder")
	case in.Holder == holderPerson:
		return fault.New(fault.Unmet, "finance.personal").At("holder").Under(cat.Personal.Norm)
	case last >= s.Clock.Now().Day():
		return fault.New(fault.Unmet, "finance.not_over", "last", last).At("period")
	}
	return nil
}

// tables finds the heads of a workbook's tables; those without one are left out.
func (s *Service) tables(cat *Catalogue, data []byte) ([]Mapping, error) {
	list, err := sheet.ReadBytes(data, limits)
	if err != nil {
		return nil, err
	}
	var out []Mapping
	for i := range list {
		rows, err := top(&list[i])
		if err != nil {
			return nil, err
		}
		f, ok := cat.head(list[i].Name, rows)
		if !ok {
			continue
		}
		for _, title := range append([]string{list[i].Name}, f.Titles...) {
			if cat.personal(title) {
				return nil, fault.New(fault.Unmet, "finance.personal_named", "words", cut(title, longestHead)).Under(cat.Personal.Norm)
			}
			if slices.ContainsFunc(cat.Units, func(u string) bool { return contains(title, u) }) {
				return nil, fault.New(fault.Invalid, "finance.unit", "words", cut(title, longestHead))
			}
		}
		out = append(out, f.Mapping)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "finance.no_head")
	}
	return out, nil
}

// Own is a book that no case holds yet, for who brought it. Fault: NotFound.
func (s *Service) Own(ctx context.Context, a identity.Actor, id string) (Book, error) {
	b, err := s.bookByID(ctx, s.DB.Reader(), id)
	if err == nil && (b.Person != a.Person || a.Person == "") {
		err = noBook()
	}
	return b, err
}

// Confirm notes what a workbook's columns are, remembers it for the village, and
// checks the workbook. Faults: NotFound, Conflict, finance.lacking.
func (s *Service) Confirm(ctx context.Context, a identity.Actor, id string, list []Mapping) (Book, error) {
	b, err := s.Own(ctx, a, id)
	if err != nil {
		return b, err
	}
	if b.State == Bound {
		return b, fault.New(fault.Conflict, "finance.bound")
	}
	cat, err := s.catalogue(ctx)
	if err != nil {
		return b, err
	}
	used := 0
	for _, m := range list {
		if m.Skip {
			continue
		}
		used++
		if missing := cat.lacking(m); len(missing) > 0 {
			t, _ := cat.Columns.get(missing[0])
			return b, fault.New(fault.Invalid, "finance.lacking", "table", m.Sheet, "column", t.Title()).At("columns")
		}
	}
	if used == 0 {
		return b, fault.New(fault.Invalid, "finance.no_table").At("columns")
	}
	b.Mapping = list
	if err := s.keepMappings(ctx, b.Village, a.Person, learn(list), s.Clock.Now()); err != nil {
		return b, err
	}
	data, _, err := s.Blobs.Get(ctx, b.File)
	if err != nil {
		return b, err
	}
	return s.check(ctx, cat, b, data)
}

// check reads a workbook by its mappings: first it is only looked at, and where
// nothing is wrong it is read once more and its lines are stored.
func (s *Service) check(ctx context.Context, cat *Catalogue, b Book, data []byte) (Book, error) {
	g := ground{period: b.Period}
	var err error
	if g.previous, err = s.previous(ctx, b.Village, b.Period); err != nil {
		return b, err
	}
	if g.private, err = s.private(ctx); err != nil {
		return b, err
	}
	mark := newMarker(b.Village, b.Period)
	k := newChecker(cat, g, func(l Line) error {
		mark.line(l)
		return nil
	})
	if err := k.read(data, b.Mapping); err != nil {
		return b, err
	}
	b.Sums = k.finish()
	b.Lines, b.Report, b.State = k.n, k.report, Refused
	if k.report.Errors > 0 {
		return b, s.putBook(ctx, b)
	}
	if b.Digest, err = mark.digest(b.Sums); err != nil {
		return b, err
	}
	if err := s.forgetLines(ctx, b.ID); err != nil {
		return b, err
	}
	w := &writer{s: s, ctx: ctx, book: b.ID}
	again := newChecker(cat, ground{period: b.Period, previous: g.previous}, w.line)
	if err := again.read(data, b.Mapping); err != nil {
		return b, err
	}
	if err := w.flush(); err != nil {
		return b, err
	}
	b.State = Ready
	return b, s.putBook(ctx, b)
}

// read gives the tables of a workbook to a checker.
func (k *checker) read(data []byte, list []Mapping) error {
	tables, err := sheet.ReadBytes(data, limits)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Skip {
			continue
		}
		for at := range tables {
			if tables[at].Name == list[i].Sheet {
				if err := k.table(&tables[at], &list[i]); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// Submit gives a checked book to its case: it opens one, or takes the place of the
// book of the case for which it was brought. reason is asked for by a correction.
func (s *Service) Submit(ctx context.Context, a identity.Actor, id, reason, key string) (casework.Receipt, error) {
	b, err := s.Own(ctx, a, id)
	if err != nil {
		return casework.Receipt{}, err
	}
	if b.State != Ready {
		return casework.Receipt{}, fault.New(fault.Unmet, "finance.not_ready")
	}
	values := map[string]any{"book": b.ID, "lines": b.Lines, "fingerprint": b.Digest, "income": b.Sums.In, "expenditure": b.Sums.Out,
		"opening": total(b, func(x Sum) int64 { return x.Opening }), "closing": total(b, func(x Sum) int64 { return x.Closing })}
	if b.Target.Case == "" {
		if values["subject"], err = s.subject(ctx, b); err != nil {
			return casework.Receipt{}, err
		}
		values["village"], values["period"] = b.Village, string(b.Period)
		return s.Cases.Open(ctx, a, casework.Opening{Procedure: Procedure, Act: actImport, Values: values, Key: key})
	}
	if b.Target.Act != actReplace {
		values["reason"] = reason
	}
	return s.Cases.Do(ctx, a, casework.Asking{Case: b.Target.Case, Act: b.Target.Act, Values: values, Key: key})
}

func total(b Book, of func(Sum) int64) (n int64) {
	for _, x := range b.Sums.Accounts {
		n += of(x)
	}
	return n
}

// subject is what a book's case is called.
func (s *Service) subject(ctx context.Context, b Book) (string, error) {
	name, err := s.Place(ctx, b.Village, text.Chinese)
	say := func(key string, args ...any) string { return s.Book().Say(text.Chinese, "finance."+key, named(args)) }
	return say("book.title", "village", name, "period", b.Period.Words(say)), err
}

// named are arguments by their names.
func named(args []any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		out[args[i].(string)] = args[i+1]
	}
	return out
}
