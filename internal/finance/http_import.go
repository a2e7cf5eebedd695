package finance

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/sheet"
	"linli/web"
)

// newPage asks for a workbook.
type newPage struct {
	Title, Lead string
	Notices     []web.Notice
	Form        web.Form
	Columns     web.Table
}

func (e *edge) getNew(w http.ResponseWriter, r *http.Request) {
	p, err := e.newPage(r, r.URL.Query())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "finance/new", p)
}

func (e *edge) newPage(r *http.Request, typed url.Values) (*newPage, error) {
	ctx, a := r.Context(), actor(r)
	cat, err := e.catalogue(ctx)
	if err != nil {
		return nil, err
	}
	p := &newPage{Title: e.say(r, "new.title"), Lead: e.say(r, "new.lead"), Columns: e.columnsTable(r, cat)}
	p.Form = web.Form{ID: "bring", Action: "/accounts/new", Submit: e.say(r, "new.submit"), Cancel: web.NavItem{Href: "/books"}}
	if target := typed.Get("case"); target != "" {
		c, _, err := e.Cases.Seen(ctx, a, target)
		if err != nil {
			return nil, err
		}
		p.Title = e.say(r, "new.again", "subject", c.Title)
		p.Form.Hidden = append(p.Form.Hidden, web.Option{Label: "case", Value: c.ID}, web.Option{Label: "act", Value: typed.Get("act")})
		p.Form.Cancel.Href = "/cases/" + c.ID
	} else if err := e.askWhere(r, p, typed); err != nil {
		return nil, err
	}
	holder := web.Field{Name: "holder", Label: e.say(r, "holder"), Help: e.say(r, "holder.help", "norm", cat.Personal.Norm), Type: "choice", Required: true, Value: typed.Get("holder")}
	for _, h := range Holders {
		holder.Options = append(holder.Options, web.Option{Value: h, Label: e.say(r, "holder."+h)})
	}
	p.Form.Fields = append(p.Form.Fields, holder,
		web.Field{Name: "workbook", Label: e.say(r, "workbook"), Help: e.say(r, "workbook.help"), Type: "files", Required: true, Max: 1})
	return p, nil
}

// askWhere asks for village and period where no case says them.
func (e *edge) askWhere(r *http.Request, p *newPage, typed url.Values) error {
	codes, err := e.villages(r.Context(), actor(r))
	if err != nil {
		return err
	}
	if len(codes) == 0 {
		return fault.New(fault.Forbidden, "finance.not_keeper")
	}
	village := web.Field{Name: "village", Label: e.say(r, "village"), Type: "area", Required: true, Value: typed.Get("village")}
	for _, code := range codes {
		name, err := e.place(r, code)
		if err != nil {
			return err
		}
		village.Options = append(village.Options, web.Option{Value: code, Label: name})
	}
	if len(codes) == 1 {
		village.Value = codes[0]
	}
	period := web.Field{Name: "period", Label: e.say(r, "period"), Type: "area", Required: true, Value: typed.Get("period")}
	quarters, months := periodsBack(e.Clock.Now().Day())
	for group, list := range map[string][]Period{"period.quarters": quarters, "period.months": months} {
		for _, one := range list {
			if _, last := one.Span(); last < e.Clock.Now().Day() {
				period.Options = append(period.Options, web.Option{Value: string(one), Label: one.Words(e.sayer(r)), Group: e.say(r, group)})
			}
		}
	}
	grouped(period.Options)
	p.Form.Fields = append(p.Form.Fields, village, period)
	return nil
}

// grouped puts quarters before months, as the form shows them.
func grouped(list []web.Option) {
	at := 0
	for i, o := range list {
		if strings.Contains(o.Value, "Q") {
			one := list[i]
			copy(list[at+1:i+1], list[at:i])
			list[at] = one
			at++
		}
	}
}

// columnsTable tells what the room knows columns by.
func (e *edge) columnsTable(r *http.Request, cat *Catalogue) web.Table {
	t := web.Table{Caption: e.say(r, "new.columns"), Columns: []web.Column{{Text: e.say(r, "column")}, {Text: e.say(r, "column.words")}}}
	for _, c := range cat.Columns {
		t.Rows = append(t.Rows, []web.Cell{{Text: c.Title().In(lang(r))}, {Text: strings.Join(c.Words, e.say(r, "comma"))}})
	}
	return t
}

func (e *edge) postNew(w http.ResponseWriter, r *http.Request) {
	in, err := brought(r)
	var b Book
	if err == nil {
		b, err = e.Bring(r.Context(), actor(r), in)
	}
	if err == nil {
		http.Redirect(w, r, "/accounts/imports/"+b.ID, http.StatusSeeOther)
		return
	}
	if !shown(err) {
		httpx.Fail(w, r, err)
		return
	}
	p, wrong := e.newPage(r, r.PostForm)
	if wrong != nil {
		httpx.Fail(w, r, wrong)
		return
	}
	e.rd.Page(w, r, e.mark(r, &p.Form, err), "finance/new", p)
}

// brought reads the form with its one file.
func brought(r *http.Request) (in Brought, err error) {
	if err := r.ParseMultipartForm(4 << 20); err != nil {
		return in, httpx.BodyFault(err)
	}
	in = Brought{Village: r.PostForm.Get("village"), Holder: r.PostForm.Get("holder"), Target: Target{Case: r.PostForm.Get("case"), Act: r.PostForm.Get("act")}}
	if in.Target.Case == "" {
		if in.Period, err = ParsePeriod(r.PostForm.Get("period")); err != nil {
			return in, err
		}
	}
	file, head, err := r.FormFile("workbook")
	if err != nil {
		return in, fault.New(fault.Invalid, "finance.no_workbook").At("workbook")
	}
	defer file.Close()
	in.Name = head.Filename
	if in.Data, err = io.ReadAll(io.LimitReader(file, sheet.Usual.Bytes+1)); err != nil {
		return in, httpx.BodyFault(err)
	}
	return in, nil
}

// importPage is a brought workbook on its way: its columns, what was found, and
// where it goes.
type importPage struct {
	Title     string
	Steps     []web.Step
	Notices   []web.Notice
	Columns   *web.Form
	Errors    *web.Table
	Notes     *web.Table
	Sums      *web.Table
	Submit    *web.Form
	Links     []web.NavItem
	Again     *web.Confirm
	Catalogue *Catalogue
}

func (e *edge) getImport(w http.ResponseWriter, r *http.Request) {
	e.drawImport(w, r, nil, nil)
}

func (e *edge) drawImport(w http.ResponseWriter, r *http.Request, typed []Mapping, wrong error) {
	b, err := e.Own(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if b.State == Bound {
		http.Redirect(w, r, "/cases/"+b.Case, http.StatusSeeOther)
		return
	}
	p, err := e.importPage(r, b, typed)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	status := http.StatusOK
	if wrong != nil {
		form := p.Columns
		if p.Submit != nil && typed == nil {
			form = p.Submit
		}
		status = e.mark(r, form, wrong)
	}
	e.rd.Page(w, r, status, "finance/import", p)
}

func (e *edge) importPage(r *http.Request, b Book, typed []Mapping) (*importPage, error) {
	cat, err := e.catalogue(r.Context())
	if err != nil {
		return nil, err
	}
	title, err := e.bookName(r, b)
	if err != nil {
		return nil, err
	}
	p := &importPage{Title: title}
	if typed != nil {
		b.Mapping = typed
	}
	columns := e.columnsForm(r, cat, b)
	switch b.State {
	case Fresh:
		p.Columns = &columns
		p.Notices = append(p.Notices, web.Notice{Tone: web.Info, Title: e.say(r, "columns.title", "file", b.Name), Text: e.say(r, "columns.text")})
	case Refused:
		p.Notices = append(p.Notices, web.Notice{Tone: web.Bad, Title: e.say(r, "refused.title", "n", b.Report.Errors), Text: e.say(r, "refused.text"),
			Links: []web.NavItem{{Href: "/accounts/imports/" + b.ID + "/report", Text: e.say(r, "report.download")}, {Href: again(b), Text: e.say(r, "refused.again")}}})
		p.Columns = &columns
	case Ready:
		p.Notices = append(p.Notices, web.Notice{Tone: web.Good, Title: e.say(r, "ready.title", "n", b.Lines), Text: e.say(r, "ready.text")})
		p.Sums = e.sumsTable(r, cat, b)
		submit := web.Form{ID: "submit", Action: "/accounts/imports/" + b.ID + "/submit", Key: seal.Token(), Submit: e.say(r, "ready.submit"), Cancel: web.NavItem{Href: again(b), Text: e.say(r, "refused.again")}}
		if b.Target.Act == actCorrect || b.Target.Act == actRecorrect {
			submit.Fields = append(submit.Fields, web.Field{Name: "reason", Label: e.say(r, "reason"), Help: e.say(r, "reason.help"), Type: "lines", Required: true, Max: 500, Value: r.PostForm.Get("reason")})
		}
		p.Submit = &submit
	}
	p.Errors, p.Notes = e.reportTable(r, cat, b, true), e.reportTable(r, cat, b, false)
	return p, nil
}

// again is where another workbook is brought for the same village and period.
func again(b Book) string {
	q := url.Values{}
	if b.Target.Case != "" {
		q.Set("case", b.Target.Case)
		q.Set("act", b.Target.Act)
	} else {
		q.Set("village", b.Village)
		q.Set("period", string(b.Period))
	}
	return "/accounts/new?" + q.Encode()
}

// columnsForm asks what the columns of each table are.
func (e *edge) columnsForm(r *http.Request, cat *Catalogue, b Book) web.Form {
	form := web.Form{ID: "columns", Action: "/accounts/imports/" + b.ID + "/columns", Submit: e.say(r, "columns.submit")}
	choices := append([]web.Option{{Value: "-", Label: e.say(r, "columns.unused")}}, optionsOf(r, cat.Columns)...)
	for i, m := range b.Mapping {
		name := func(s string) string { return "t" + strconv.Itoa(i) + "." + s }
		table := m.Sheet
		if table == "" {
			table = b.Name
		}
		if len(b.Mapping) > 1 {
			form.Fields = append(form.Fields, web.Field{Name: name("skip"), Label: e.say(r, "columns.skip", "table", table), Type: "yes", Value: m.Skip})
		}
		form.Fields = append(form.Fields, web.Field{Name: name("account"), Label: e.say(r, "columns.account", "table", table), Help: e.say(r, "columns.account.help"), Type: "area",
			Value: m.Account, Options: optionsOf(r, cat.Accounts)})
		for at, head := range m.Heads {
			if head == "" {
				continue
			}
			f := web.Field{Name: name(strconv.Itoa(at)), Type: "area", Required: true, Value: "-", Options: choices,
				Label: e.say(r, "columns.one", "table", table, "column", sheet.ColumnName(at), "head", head)}
			if at < len(m.Samples) && m.Samples[at] != "" {
				f.Help = e.say(r, "columns.sample", "value", m.Samples[at])
			}
			for field, to := range m.Columns {
				if to == at {
					f.Value = field
				}
			}
			form.Fields = append(form.Fields, f)
		}
	}
	return form
}

func (e *edge) postColumns(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, httpx.BodyLimit)
	err := r.ParseForm()
	if err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	b, err := e.Own(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	cat, err := e.catalogue(r.Context())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	list, err := chosen(r, cat, b)
	if err == nil {
		_, err = e.Confirm(r.Context(), actor(r), b.ID, list)
	}
	switch {
	case err == nil:
		http.Redirect(w, r, "/accounts/imports/"+b.ID, http.StatusSeeOther)
	case !shown(err):
		httpx.Fail(w, r, err)
	default:
		e.drawImport(w, r, list, err)
	}
}

// chosen reads the form of the columns over the tables as they were found.
func chosen(r *http.Request, cat *Catalogue, b Book) ([]Mapping, error) {
	var out []Mapping
	for i, m := range b.Mapping {
		name := func(s string) string { return "t" + strconv.Itoa(i) + "." + s }
		m.Skip = r.PostForm.Get(name("skip")) == "yes"
		m.Account = r.PostForm.Get(name("account"))
		if _, known := cat.Accounts.get(m.Account); m.Account != "" && !known {
			return b.Mapping, fault.New(fault.Invalid, "finance.account").At(name("account"))
		}
		m.Columns = map[string]int{}
		for at := range m.Heads {
			field := r.PostForm.Get(name(strconv.Itoa(at)))
			if field == "" || field == "-" {
				continue
			}
			if _, known := cat.Columns.get(field); !known {
				return b.Mapping, fault.New(fault.Invalid, "finance.column").At(name(strconv.Itoa(at)))
			}
			if _, twice := m.Columns[field]; twice {
				return append(out, b.Mapping[i:]...), fault.New(fault.Invalid, "finance.column_twice").At(name(strconv.Itoa(at)))
			}
			m.Columns[field] = at
		}
		out = append(out, m)
	}
	return out, nil
}

func (e *edge) postSubmit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, httpx.BodyLimit)
	if err := r.ParseForm(); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	ctx, a := r.Context(), actor(r)
	b, err := e.Own(ctx, a, r.PathValue("id"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if b.State == Bound {
		http.Redirect(w, r, "/cases/"+b.Case, http.StatusSeeOther)
		return
	}
	receipt, err := e.Submit(ctx, a, b.ID, r.PostForm.Get("reason"), r.PostForm.Get("key"))
	switch {
	case err == nil:
		http.Redirect(w, r, "/cases/"+receipt.Case, http.StatusSeeOther)
	case !shown(err):
		httpx.Fail(w, r, err)
	default:
		e.drawImport(w, r, nil, err)
	}
}

// getReport gives the check report as a workbook.
func (e *edge) getReport(w http.ResponseWriter, r *http.Request) {
	b, err := e.Own(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	cat, err := e.catalogue(r.Context())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	title, err := e.bookName(r, b)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	var rows [][]any
	for _, x := range b.Report.Entries {
		kind := "report.note"
		if x.Error {
			kind = "report.error"
		}
		rows = append(rows, []any{e.say(r, kind), x.Sheet, rowNumber(x), x.Column, e.entryWords(r, cat, x), x.Norm})
	}
	book := sheet.Book{Title: title, Created: e.Clock.Now(), Sheets: []sheet.Sheet{{Name: e.say(r, "report.title"), Rows: sheet.List(rows),
		Notes: []string{title, e.say(r, "report.of", "file", b.Name, "errors", b.Report.Errors, "notes", b.Report.Notes, "rows", b.Report.Rows)},
		Columns: []sheet.Column{{Head: e.say(r, "report.kind"), Width: 10}, {Head: e.say(r, "report.table"), Width: 16}, {Head: e.say(r, "report.row"), Kind: sheet.Number, Width: 8},
			{Head: e.say(r, "report.column"), Width: 8}, {Head: e.say(r, "report.what"), Width: 80}, {Head: e.say(r, "report.norm"), Width: 24}}}}}
	giveBook(w, r, "report-"+string(b.Period), book)
}

func rowNumber(x Entry) any {
	if x.Row == 0 {
		return nil
	}
	return x.Row
}

// giveBook sends a workbook.
func giveBook(w http.ResponseWriter, r *http.Request, name string, book sheet.Book) {
	var out bytes.Buffer
	if err := sheet.Write(&out, book); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.xlsx"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(out.Bytes()) // a reader who went away needs no answer
}
