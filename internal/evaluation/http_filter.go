package evaluation

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/web"
)

// usualMonths is how many months are shown where none are chosen.
const usualMonths = 12

// filter reads the address. Without months the last twelve are meant; empty ones
// are open.
func (d *drawing) filter(q url.Values) (Filter, By, error) {
	f := Filter{Procedure: q.Get("procedure"), Area: q.Get("area"), Unit: q.Get("unit"), Class: q.Get("class"), Channel: q.Get("channel"), Here: q.Get("here") != ""}
	if f.Procedure == "" && len(d.list.Indicators) > 0 {
		f.Procedure = d.list.Indicators[0].Procedure
	}
	by := By(q.Get("by"))
	if by == "" {
		by = ByMonth
	}
	if !slices.Contains(ways, by) {
		return f, ByMonth, fault.New(fault.Invalid, "evaluation.by").At("by")
	}
	err := d.monthsIn(q, &f)
	return f, by, err
}

// monthsIn reads the months of an address into a filter.
func (d *drawing) monthsIn(q url.Values, f *Filter) error {
	if !q.Has("from") && !q.Has("to") {
		f.From, f.To = nextMonth(d.today(), 1-usualMonths), d.today()
	}
	for name, into := range map[string]*int{"from": &f.From, "to": &f.To, "month": &f.Month, "before": &f.Before, "after_month": &f.After} {
		raw := q.Get(name)
		if raw == "" {
			continue
		}
		month, ok := ParseMonth(raw)
		if !ok {
			return fault.New(fault.Invalid, "evaluation.month").At(name)
		}
		*into = month
	}
	return nil
}

// marked tells whether a fault belongs to a field of the form.
func marked(err error, form web.Form) bool {
	f := fault.Of(err)
	return f.Kind == fault.Invalid && slices.ContainsFunc(form.Fields, func(x web.Field) bool { return x.Name == f.Field })
}

// form draws the filters with what is chosen.
func (d *drawing) form(sc scope, f Filter, by By) web.Form {
	form := web.Form{Action: "/figures", Method: "get", ID: "filter", Submit: d.say("apply"), Hidden: []web.Option{{Label: "by", Value: string(by)}}}
	add := func(name, kind, value string, required bool, options []web.Option) {
		form.Fields = append(form.Fields, web.Field{Name: name, Label: d.say("filter." + name), Type: kind, Value: value, Options: options, Required: required})
	}
	var procedures []web.Option
	for _, name := range d.list.Procedures() {
		procedures = append(procedures, web.Option{Value: name, Label: d.procedure(name)})
	}
	if len(procedures) > 1 {
		add("procedure", "choice", f.Procedure, true, procedures)
	}
	add("area", "unit", f.Area, false, d.areaOptions(sc, f.Area))
	add("unit", "unit", f.Unit, false, d.unitOptions(sc))
	add("class", "unit", f.Class, false, d.classOptions())
	add("channel", "unit", f.Channel, false, d.channelOptions(f.Procedure))
	add("from", "month", monthOr(f.From), false, nil)
	add("to", "month", monthOr(f.To), false, nil)
	var sorts []web.Option
	for _, i := range d.list.Of(f.Procedure) {
		sorts = append(sorts, web.Option{Value: i.ID, Label: i.Words().In(d.lang)})
	}
	add("sort", "unit", d.r.URL.Query().Get("sort"), false, sorts)
	return form
}

// chosen says in words what the figures are of.
func (d *drawing) chosen(f Filter) (out []web.Tag) {
	add := func(s string) { out = append(out, web.Tag{Text: s, Tone: web.Quiet}) }
	add(d.procedure(f.Procedure))
	add(d.months(f))
	switch {
	case f.Month != 0:
		add(d.monthSaid(f.Month))
	case f.Before != 0:
		add(d.say("earlier"))
	case f.After != 0:
		add(d.say("later"))
	}
	for _, x := range []struct {
		by  By
		key string
	}{{ByArea, f.Area}, {ByUnit, f.Unit}, {ByClass, f.Class}, {ByChannel, f.Channel}} {
		if x.key != "" {
			add(d.named(x.by, strings.TrimPrefix(x.key, Nobody)))
		}
	}
	return out
}

// active are the filters in force, each with the page without it.
func (d *drawing) active(f Filter, by By) (out []web.NavItem) {
	add := func(words string, without Filter) {
		out = append(out, web.NavItem{Text: words, Href: "/figures?" + address(without, by).Encode()})
	}
	if f.From != 0 || f.To != 0 {
		without := f
		without.From, without.To = 0, 0
		add(d.months(f), without)
	}
	for _, x := range []struct {
		by   By
		key  string
		drop func(*Filter)
	}{
		{ByArea, f.Area, func(f *Filter) { f.Area, f.Here = "", false }}, {ByUnit, f.Unit, func(f *Filter) { f.Unit = "" }},
		{ByClass, f.Class, func(f *Filter) { f.Class = "" }}, {ByChannel, f.Channel, func(f *Filter) { f.Channel = "" }},
	} {
		if x.key != "" {
			without := f
			x.drop(&without)
			add(d.named(x.by, strings.TrimPrefix(x.key, Nobody)), without)
		}
	}
	return out
}

// months says which months are chosen.
func (d *drawing) months(f Filter) string {
	switch {
	case f.From != 0 && f.To != 0:
		return d.say("months", "from", d.monthSaid(f.From), "to", d.monthSaid(f.To))
	case f.From != 0:
		return d.say("months_from", "from", d.monthSaid(f.From))
	case f.To != 0:
		return d.say("months_to", "to", d.monthSaid(f.To))
	}
	return d.say("months_all")
}

// names knows what units, classes, areas and channels are called.
type names struct {
	s     *Service
	ctx   context.Context
	lang  string
	words func(key string, args ...any) string

	units    map[string]string
	unitAt   map[string]int
	unitTree []identity.Unit
	classes  *duty.Classes
	classAt  map[string]int
	areas    map[string]string
	channels map[string]string
	order    []string // of channels
}

func (n *names) load(ctx context.Context, s *Service, lang string, say func(string, ...any) string) error {
	*n = names{s: s, ctx: ctx, lang: lang, words: say, units: map[string]string{}, unitAt: map[string]int{}, classAt: map[string]int{}, areas: map[string]string{}, channels: map[string]string{}}
	var err error
	if n.unitTree, err = s.people.Units(ctx); err != nil {
		return err
	}
	for i, u := range n.unitTree {
		n.units[u.ID], n.unitAt[u.ID] = u.Words().In(lang), i
	}
	if s.duty != nil {
		c, _, err := s.duty.Catalogue(ctx)
		if err != nil {
			return err
		}
		n.classes = c.Classes
		for i, x := range c.Classes.All() {
			n.classAt[x.ID] = i
		}
	}
	all, err := s.cases.Procedures(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		if f := p.Field(channelField); f != nil {
			for _, o := range f.Options {
				if _, had := n.channels[o.Value]; !had {
					n.order = append(n.order, o.Value)
				}
				n.channels[o.Value] = o.Label.In(lang)
			}
		}
	}
	return nil
}

func (n *names) procedure(name string) string {
	p, err := n.s.cases.Procedure(n.ctx, name)
	if err != nil {
		return name
	}
	return p.Title.In(n.lang)
}

func (n *names) area(code string) string {
	if name, ok := n.areas[code]; ok {
		return name
	}
	name := code
	if n.s.areas != nil {
		if a, err := n.s.areas.Get(n.ctx, code); err == nil {
			name = text.Words{"zh": a.Name, "en": a.NameEn}.In(n.lang)
		}
	}
	n.areas[code] = name
	return name
}

func (n *names) class(id string) string {
	if n.classes != nil {
		if c, ok := n.classes.Class(id); ok {
			return c.Title.In(n.lang)
		}
	}
	return id
}

// rowName is what a row is called in a table: an area that stands no closer than
// what the table divides says so.
func (n *names) rowName(by By, key string, f Filter) string {
	if by == ByArea && key != "" && len(key) < below(len(f.Area)) {
		return n.words("here", "area", n.area(key))
	}
	return n.named(by, key)
}

// monthSaid is a month as people write it.
func (n *names) monthSaid(month int) string {
	return n.words("month_of", "year", month/100, "month", month%100)
}

// named is what a thing is called.
func (n *names) named(by By, key string) string {
	if key == "" {
		return n.words("without." + string(by))
	}
	switch by {
	case ByMonth:
		if key == Earlier || key == Later {
			return n.words(key)
		}
		month, _ := strconv.Atoi(key)
		return n.monthSaid(month)
	case ByArea:
		return n.area(key)
	case ByUnit, ByOther:
		return cmp.Or(n.units[key], key)
	case ByClass:
		return n.class(key)
	}
	return cmp.Or(n.channels[key], key)
}

// grouped adds the classes of a group up, where no class is chosen, or those
// right below the chosen one.
func (n *names) grouped(rows []Row, f Filter, by By) []Row {
	if by != ByClass || n.classes == nil {
		return rows
	}
	var out []Row
	at := map[string]int{}
	for _, r := range rows {
		key := r.Key
		if up := n.classes.Up(key); len(up) > 0 {
			key = up[len(up)-1]
			if i := slices.Index(up, f.Class); i > 0 {
				key = up[i-1]
			} else if i == 0 {
				key = up[0]
			}
		}
		i, had := at[key]
		if !had {
			at[key] = len(out)
			out = append(out, Row{Key: key, Sums: map[string]Sum{}})
			i = len(out) - 1
		}
		for indicator, s := range r.Sums {
			out[i].Sums[indicator] = out[i].Sums[indicator].plus(s)
		}
	}
	return out
}

// ordered sorts rows in the order of their kind: months the newest first, areas
// by code, units and classes as in their tree. Only where the reader asks for it
// does an indicator decide.
func (d *drawing) ordered(rows []Row, f Filter, by By, sort string) []Row {
	place := func(key string) int {
		switch {
		case key == "":
			return 1 << 30
		case by == ByUnit:
			return d.unitAt[key]
		case by == ByClass:
			return d.classAt[key]
		case by == ByChannel:
			return slices.Index(d.order, key)
		}
		return 0
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		if by == ByMonth {
			return cmp.Compare(monthRank(b.Key), monthRank(a.Key))
		}
		return cmp.Or(cmp.Compare(place(a.Key), place(b.Key)), cmp.Compare(a.Key, b.Key))
	})
	if i, ok := d.list.Find(sort); ok && i.Procedure == f.Procedure {
		slices.SortStableFunc(rows, func(a, b Row) int { return -compare(i, a.Sums[i.ID], b.Sums[i.ID]) })
	}
	return rows
}

func monthRank(key string) int {
	switch key {
	case Earlier:
		return 0
	case Later:
		return 1 << 30
	}
	month, _ := strconv.Atoi(key)
	return month
}

// areaOptions are the actor's areas down to the communities, and the one chosen.
func (d *drawing) areaOptions(sc scope, chosen string) (out []web.Option) {
	tops := sc.tops
	if len(tops) == 0 {
		for _, u := range sc.units {
			if u.Area != "" {
				tops = append(tops, u.Area)
			}
		}
		tops = outermost(tops)
	}
	for _, top := range tops {
		d.areasBelow(top, 0, &out)
	}
	if chosen != "" && !slices.ContainsFunc(out, func(o web.Option) bool { return o.Value == chosen }) {
		out = append(out, web.Option{Value: chosen, Label: d.named(ByArea, strings.TrimPrefix(chosen, Nobody))})
	}
	return out
}

// mostOptions bounds a list to choose from.
const mostOptions = 600

func (d *drawing) areasBelow(code string, depth int, out *[]web.Option) {
	if len(*out) >= mostOptions || len(code) > communityDigits || d.s.areas == nil {
		return
	}
	*out = append(*out, web.Option{Value: code, Label: indent(depth) + d.area(code)})
	if len(code) == communityDigits {
		return
	}
	children, err := d.s.areas.Children(d.ctx, code)
	if err != nil {
		return
	}
	for _, c := range children {
		d.areas[c.Code] = text.Words{"zh": c.Name, "en": c.NameEn}.In(d.lang)
		d.areasBelow(c.Code, depth+1, out)
	}
}

// indent shows the depth of an option in a list that knows no tree.
func indent(depth int) string { return strings.Repeat("\u3000", depth) }

func (d *drawing) unitOptions(sc scope) (out []web.Option) {
	least := 0
	for i, u := range sc.units {
		if depth := strings.Count(u.Path, "/"); i == 0 || depth < least {
			least = depth
		}
	}
	now := d.clk.Now()
	for _, u := range sc.units {
		if u.Open(now) && len(out) < mostOptions {
			out = append(out, web.Option{Value: u.ID, Label: indent(strings.Count(u.Path, "/")-least) + u.Words().In(d.lang)})
		}
	}
	if sc.whole {
		out = append(out, web.Option{Value: Nobody, Label: d.named(ByUnit, "")})
	}
	return out
}

func (d *drawing) classOptions() (out []web.Option) {
	if d.classes == nil {
		return nil
	}
	for _, c := range d.classes.All() {
		out = append(out, web.Option{Value: c.ID, Label: indent(len(d.classes.Up(c.ID))-1) + c.Title.In(d.lang)})
	}
	return append(out, web.Option{Value: Nobody, Label: d.named(ByClass, "")})
}

func (d *drawing) channelOptions(procedure string) (out []web.Option) {
	p, err := d.cases.Procedure(d.ctx, procedure)
	if err != nil {
		return nil
	}
	if f := p.Field(channelField); f != nil {
		for _, o := range f.Options {
			out = append(out, web.Option{Value: o.Value, Label: o.Label.In(d.lang)})
		}
	}
	return out
}
