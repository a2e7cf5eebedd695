package duty

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/area"
	"linli/internal/kit/clock"
	"linli/internal/kit/text"
)

// rawList is a duty list as its file writes it.
type rawList struct {
	ID       string                `yaml:"id"`
	Title    text.Words            `yaml:"title"`
	Area     string                `yaml:"area"`
	Version  string                `yaml:"version,omitempty"`
	From     string                `yaml:"from"`
	Until    string                `yaml:"until,omitempty"`
	Example  bool                  `yaml:"example,omitempty"`
	Remedies map[string]text.Words `yaml:"remedies,omitempty"`
	Items    []rawItem             `yaml:"items"`
}

type rawItem struct {
	ID       string     `yaml:"id"`
	Kind     string     `yaml:"kind"`
	Title    text.Words `yaml:"title"`
	Line     string     `yaml:"line,omitempty"`
	Classes  []string   `yaml:"classes,flow"`
	Lead     rawRole    `yaml:"lead"`
	Helpers  []rawRole  `yaml:"helpers,omitempty"`
	Limit    string     `yaml:"limit,omitempty"`
	Basis    string     `yaml:"basis,omitempty"`
	Remedy   []string   `yaml:"remedy,omitempty,flow"`
	Support  text.Words `yaml:"support,omitempty"`
	Boundary text.Words `yaml:"boundary,omitempty"`
	Way      text.Words `yaml:"way,omitempty"`
	From     string     `yaml:"from,omitempty"`
	Until    string     `yaml:"until,omitempty"`
}

type rawRole struct {
	Unit     string `yaml:"unit,omitempty"`
	Function string `yaml:"function,omitempty"`
	Level    string `yaml:"level,omitempty"`
}

// list takes a list over and says what is wrong with it.
func (c *Catalogue) list(d *document, raw rawList) List {
	l := List{ID: raw.ID, Title: raw.Title, Area: raw.Area, Version: raw.Version, Example: raw.Example, Remedies: raw.Remedies, File: d.file}
	l.From = d.day(raw.From, true, "from")
	l.Until = d.day(raw.Until, false, "until")
	c.checkHead(d, l)
	seen := map[string]int{}
	for i, r := range raw.Items {
		where := []any{"items", i}
		item := c.item(d, r, where, l)
		if first := seen[item.ID]; first > 0 {
			d.say(item.FileLine, "id", "twice", "id", item.ID, "other", first)
			continue
		}
		seen[item.ID] = item.FileLine
		l.Items = append(l.Items, item)
	}
	return l
}

func (c *Catalogue) checkHead(d *document, l List) {
	if !goodID.MatchString(l.ID) {
		d.say(d.line("id"), "id", "bad_id", "id", l.ID)
	}
	if l.Title["zh"] == "" {
		d.say(d.line("title"), "title", "no_title", "id", l.ID)
	}
	if area.LevelOf(l.Area) == area.NoLevel {
		d.say(d.line("area"), "area", "bad_area", "area", l.Area)
	}
	if l.Until != 0 && l.Until < l.From {
		d.say(d.line("until"), "until", "bad_day", "day", l.Until.String())
	}
	for key, w := range l.Remedies {
		if w["zh"] == "" {
			d.say(d.line("remedies", key), "remedies", "no_title", "id", key)
		}
	}
}

func (d *document) day(s string, must bool, path ...any) clock.Day {
	if s == "" && !must {
		return 0
	}
	day, err := clock.ParseDay(s)
	if err != nil {
		column, _ := path[len(path)-1].(string)
		d.say(d.line(path...), column, "bad_day", "day", s)
	}
	return day
}

func (c *Catalogue) item(d *document, r rawItem, where []any, l List) Item {
	at := func(key string) int { return d.line(append(slices.Clone(where), key)...) }
	item := Item{
		ID: r.ID, Kind: r.Kind, Title: r.Title, Classes: r.Classes, Lead: Role(r.Lead), Basis: r.Basis,
		Remedy: r.Remedy, Support: r.Support, Boundary: r.Boundary, Way: r.Way, Line: r.Line, FileLine: d.line(where...),
	}
	for _, h := range r.Helpers {
		item.Helpers = append(item.Helpers, Role(h))
	}
	item.From = d.day(r.From, false, append(slices.Clone(where), "from")...)
	item.Until = d.day(r.Until, false, append(slices.Clone(where), "until")...)
	var err error
	if item.Limit, err = c.words.limit(r.Limit); err != nil {
		d.say(at("limit"), "limit", "bad_limit", "limit", r.Limit)
	}
	for _, bad := range c.checkItem(item, l.Remedies) {
		bad.File, bad.Line = d.file, at(bad.Column)
		d.bad = append(d.bad, bad)
	}
	return item
}

var goodItem = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$`)

// checkItem says what is wrong with an item, by column.
func (c *Catalogue) checkItem(i Item, remedies map[string]text.Words) []Remark {
	var bad []Remark
	say := func(column, what string, args ...any) { bad = append(bad, remark("", 0, column, what, args...)) }
	if _, class := c.Classes.byID[i.ID]; class || !goodItem.MatchString(i.ID) {
		say("id", "bad_id", "id", i.ID)
	}
	if !slices.Contains(ItemKinds(), i.Kind) {
		say("kind", "bad_item_kind", "kind", i.Kind)
	}
	if i.Title["zh"] == "" {
		say("title", "no_title", "id", i.ID)
	}
	if len(i.Classes) == 0 && i.Kind == Department { // it stands in the list to be found by them; other items also where no resident asks
		say("classes", "no_class", "id", i.ID)
	}
	for _, id := range i.Classes {
		if _, known := c.Classes.byID[id]; !known {
			say("classes", "unknown_class", "class", id)
		}
	}
	bad = append(bad, c.checkRole("lead", i.Lead)...)
	for _, h := range i.Helpers {
		bad = append(bad, c.checkRole("helpers", h)...)
	}
	for _, key := range i.Remedy {
		if _, known := remedies[key]; !known {
			say("remedy", "unknown_remedy", "remedy", key)
		}
	}
	if i.Until != 0 && i.Until < i.From {
		say("until", "bad_day", "day", i.Until.String())
	}
	if i.Kind == Cooperating && (i.Support["zh"] == "" || i.Boundary["zh"] == "") {
		say("support", "no_support", "id", i.ID)
	}
	return append(bad, c.checkLead(i)...)
}

// checkLead refuses a lead that the norms forbid, as far as the list itself says who it is.
func (c *Catalogue) checkLead(i Item) []Remark {
	var bad []Remark
	say := func(column, what, norm string, args ...any) {
		bad = append(bad, remark("", 0, column, what, append(args, "id", i.ID, "norm", norm)...))
	}
	if i.Line != "" && !slices.ContainsFunc(c.Forbidden.Lines, func(f ForbiddenLine) bool { return f.ID == i.Line }) {
		bad = append(bad, remark("", 0, "line", "unknown_line", "line", i.Line))
	}
	community, street := c.ledBy(i.Lead, LevelCommunity), c.ledBy(i.Lead, LevelStreet)
	switch {
	case i.Line != "" && (community || i.Kind == Community):
		say("lead", "forbidden_lead", c.Forbidden.Norm)
	case community && i.Kind != Community:
		say("lead", "not_community", c.Forbidden.CommunityNorm)
	case street && i.Kind != Basic && i.Kind != Community:
		say("lead", "not_street", c.Forbidden.TownshipNorm)
	}
	return bad
}

// ledBy says whether the role names a unit of that level by itself.
func (c *Catalogue) ledBy(r Role, level string) bool {
	if r.Level != "" {
		return r.Level == level
	}
	f, _ := c.Function(r.Function)
	if level == LevelStreet {
		return slices.Contains(f.Kinds, "street")
	}
	return slices.Contains(f.Kinds, "community") || slices.Contains(f.Kinds, "village")
}

func (c *Catalogue) checkRole(column string, r Role) []Remark {
	var bad []Remark
	if (r.Unit == "") == (r.Function == "") {
		return []Remark{remark("", 0, column, "no_role", "role", r.String())}
	}
	if _, known := c.Function(r.Function); r.Function != "" && !known {
		bad = append(bad, remark("", 0, column, "unknown_function", "function", r.Function))
	}
	if r.Level != "" && (r.Unit != "" || !slices.Contains(Levels(), r.Level)) {
		bad = append(bad, remark("", 0, column, "unknown_level", "level", r.Level))
	}
	return bad
}

var (
	limitForm = regexp.MustCompile(`^([0-9]{1,3})\s*(\D+)$`)
	errLimit  = errors.New("not a limit")
	mostOf    = map[string]int{"hour": 720, "day": 180, "workday": 120, "month": 12}
)

// limit reads "5 workday" and what the words of tables allow; "" is no limit.
func (w words) limit(s string) (Limit, error) {
	s = text.Fold(strings.TrimSpace(s))
	if s == "" {
		return Limit{}, nil
	}
	m := limitForm.FindStringSubmatch(s)
	if m == nil {
		return Limit{}, errLimit
	}
	unit, known := w.units[strings.TrimSpace(m[2])]
	n, _ := strconv.Atoi(m[1])
	if !known || n < 1 || n > mostOf[unit] {
		return Limit{}, errLimit
	}
	return Limit{n, unit}, nil
}

// YAML writes the list in the form of the catalogue.
func (l List) YAML() ([]byte, error) {
	raw := rawList{ID: l.ID, Title: l.Title, Area: l.Area, Version: l.Version, From: l.From.String(), Until: dayText(l.Until), Example: l.Example, Remedies: l.Remedies}
	for _, i := range l.Items {
		r := rawItem{
			ID: i.ID, Kind: i.Kind, Title: i.Title, Line: i.Line, Classes: i.Classes, Lead: rawRole(i.Lead), Limit: i.Limit.String(),
			Basis: i.Basis, Remedy: i.Remedy, Support: i.Support, Boundary: i.Boundary, Way: i.Way, From: dayText(i.From), Until: dayText(i.Until),
		}
		for _, h := range i.Helpers {
			r.Helpers = append(r.Helpers, rawRole(h))
		}
		raw.Items = append(raw.Items, r)
	}
	return yaml.Marshal(raw)
}

func dayText(d clock.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// within says whether a place lies in an area: by prefix of codes.
func within(place, top string) bool { return area.Under(place, top) }
