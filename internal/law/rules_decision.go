package law

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// mostCount keeps products of counts and thresholds far from overflow.
const mostCount = math.MaxInt64 / 1000

// known are the facts of one decision, as numbers and words.
type known struct {
	numbers map[string]int64
	words   map[string]string
}

// Decide evaluates a rule on a day: the national rule, and with a region what the
// packs of that region and of those it lies in add. Facts come as in JSON: whole
// numbers (json.Number, int or int64), booleans, strings, lists, maps. Faults:
// NotFound law.no_rule; Invalid law.not_yet (no rule of that name was valid on the
// day), law.fact_missing, law.fact_unknown, law.fact_kind, law.fact_part,
// law.fact_nothing, each at the fact.
func (d *Decisions) Decide(name string, at clock.Day, region string, facts map[string]any) (Decision, error) {
	rule, valid := d.find(name, at, "")
	if !valid {
		newest, exists := d.newest(name)
		if !exists {
			return Decision{}, fault.New(fault.NotFound, "law.no_rule", "rule", name).At("rule")
		}
		return Decision{}, fault.New(fault.Invalid, "law.not_yet", "rule", name, "from", newest.From).At("at")
	}
	k, err := rule.read(facts)
	if err != nil {
		return Decision{}, err
	}
	out := Decision{Rule: name, At: at.String(), Article: rule.Norm + " " + rule.Article, Compared: []Compared{}}
	if len(rule.Number) > 0 {
		out.Outcome = rule.sum(k)
		return out, nil
	}
	holds, article := rule.evaluate(k, &out)
	if region != "" {
		for n := 2; n <= len(region); n++ {
			pack, tightened := d.find(name, at, region[:n])
			if !tightened {
				continue
			}
			if ok := pack.Group.compare(k, &out); holds && !ok {
				holds, article, out.Outcome = false, pack.Norm+" "+pack.Article, nil
			}
		}
	}
	if out.Outcome == nil {
		out.Outcome = rule.Outcomes[0]
		if !holds {
			out.Outcome = rule.Outcomes[1]
		}
	}
	out.Article = article
	return out, nil
}

// evaluate makes every comparison, also where an earlier one decides, and gives
// the article that the outcome rests on.
func (r Rule) evaluate(k known, out *Decision) (holds bool, article string) {
	article = r.Norm + " " + r.Article
	stopped := false
	for _, s := range r.Steps {
		if !s.compare(k, out) && !stopped {
			stopped, out.Outcome = true, s.Outcome
			if s.Article != "" {
				article = r.Norm + " " + s.Article
			}
		}
	}
	group := r.Group
	for _, c := range r.Cases {
		if slices.Contains(c.When, k.words[r.Choose]) {
			group = c.Group
		}
	}
	return group.compare(k, out) && !stopped, article
}

// compare makes the comparisons of a group. Where one of several ways suffices, a
// way whose whole is 0 is left out and never holds.
func (g Group) compare(k known, out *Decision) bool {
	holds := !g.Any
	for _, c := range g.List {
		right := k.value(c.Right)
		if g.Any && right == 0 && c.Operator != "=" {
			continue
		}
		x := Compared{Left: k.value(c.Left) * c.Share.Den, Operator: c.Operator, Right: right * c.Share.Num, of: c}
		x.Holds = stands(x.Left, x.Operator, x.Right)
		out.Compared = append(out.Compared, x)
		if g.Any {
			holds = holds || x.Holds
		} else {
			holds = holds && x.Holds
		}
	}
	return holds
}

func stands(left int64, operator string, right int64) bool {
	switch operator {
	case ">":
		return left > right
	case ">=":
		return left >= right
	case "<":
		return left < right
	case "<=":
		return left <= right
	}
	return left == right
}

// value is a side of a comparison as a number.
func (k known) value(side string) int64 {
	if n, err := strconv.ParseInt(side, 10, 64); err == nil {
		return n
	}
	if name, word, is := strings.Cut(side, " is "); is {
		if k.words[name] == word {
			return 1
		}
		return 0
	}
	return k.numbers[side]
}

// sum is the outcome of a rule that answers with a number.
func (r Rule) sum(k known) (total int64) {
	for _, part := range r.Number {
		switch {
		case strings.HasPrefix(part, "length of "):
			total += k.numbers["length of "+strings.TrimPrefix(part, "length of ")]
		case strings.HasPrefix(part, "one if "):
			if k.numbers[strings.TrimPrefix(part, "one if ")] > 0 {
				total++
			}
		default:
			total += k.numbers[part]
		}
	}
	return total
}

// read takes the facts in and refuses what cannot be: a missing or unknown one, a
// negative, a part larger than its whole, nothing but zeros.
func (r Rule) read(facts map[string]any) (known, error) {
	k := known{numbers: map[string]int64{}, words: map[string]string{}}
	for name := range facts {
		if _, asked := r.fact(name); !asked {
			return k, fault.New(fault.Invalid, "law.fact_unknown", "rule", r.Name, "fact", name).At(name)
		}
	}
	counts, zeros := 0, 0
	for _, f := range r.Facts {
		raw, given := facts[f.Name]
		if !given || raw == nil {
			return k, fault.New(fault.Invalid, "law.fact_missing", "rule", r.Name, "fact", f.Name).At(f.Name)
		}
		if !f.take(raw, &k, r) {
			return k, fault.New(fault.Invalid, "law.fact_kind", "rule", r.Name, "fact", f.Name).At(f.Name)
		}
		if (f.Kind == FactCount || f.Kind == FactList) && !f.Zero {
			counts++
			if k.numbers[f.Name] == 0 && k.numbers["length of "+f.Name] == 0 {
				zeros++
			}
		}
	}
	for _, f := range r.Facts {
		if f.Of != "" && k.numbers[f.Name] > k.numbers[f.Of] {
			return k, fault.New(fault.Invalid, "law.fact_part", "rule", r.Name, "fact", f.Name, "whole", f.Of).At(f.Name)
		}
	}
	if counts > 0 && zeros == counts {
		return k, fault.New(fault.Invalid, "law.fact_nothing", "rule", r.Name).At(r.Facts[0].Name)
	}
	return k, nil
}

// take reads one fact; false where it is not of its kind.
func (f Fact) take(raw any, k *known, r Rule) bool {
	switch f.Kind {
	case FactCount:
		n, ok := whole(raw)
		k.numbers[f.Name] = n
		return ok
	case FactYes:
		b, ok := raw.(bool)
		k.numbers[f.Name] = number(b)
		return ok
	case FactReason:
		if b, ok := raw.(bool); ok {
			k.numbers[f.Name] = number(b)
			return true
		}
		s, ok := raw.(string)
		k.numbers[f.Name] = number(strings.TrimSpace(s) != "")
		return ok
	case FactWord:
		s, ok := raw.(string)
		if n, isNumber := whole(raw); isNumber && n >= 1 && int(n) <= len(f.Words) {
			s, ok = f.Words[n-1], true
		}
		k.words[f.Name] = s
		return ok && slices.Contains(f.Words, s)
	case FactNumber:
		n, ok := whole(raw)
		k.numbers[f.Name], k.words[f.Name] = n, strconv.FormatInt(n, 10)
		return ok && slices.Contains(f.Ints, n)
	case FactList:
		list, ok := raw.([]any)
		for _, one := range list {
			n, isNumber := whole(one)
			ok = ok && isNumber && n >= 1
		}
		k.numbers["length of "+f.Name] = int64(len(list))
		return ok
	case FactVerdicts:
		run, ok := longest(raw, r.Run)
		k.numbers[r.Run.Name] = run
		return ok
	}
	return false
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// whole reads an integer of 0 or more; 3.0 and 1e3 are none.
func whole(raw any) (int64, bool) {
	switch n := raw.(type) {
	case json.Number:
		v, err := strconv.ParseInt(n.String(), 10, 64)
		return v, err == nil && v >= 0 && v <= mostCount
	case int:
		return int64(n), n >= 0 && n <= mostCount
	case int64:
		return n, n >= 0 && n <= mostCount
	}
	return 0, false
}

// longest is the longest run of a word among the verdicts in the order of their
// years.
func longest(raw any, run *Run) (most int64, ok bool) {
	verdicts, ok := raw.(map[string]any)
	if !ok || len(verdicts) == 0 {
		return 0, false
	}
	var years []int
	for y := range verdicts {
		n, err := strconv.Atoi(y)
		if err != nil || len(y) != 4 {
			return 0, false
		}
		years = append(years, n)
	}
	slices.Sort(years)
	now := int64(0)
	for _, y := range years {
		switch verdicts[strconv.Itoa(y)] {
		case run.Word:
			now++
		case "competent":
			now = 0
		default:
			return 0, false
		}
		most = max(most, now)
	}
	return most, true
}

// Because is the sentence that explains a decision in one language: every number
// with the threshold it was held against, the outcome, and the article.
func (d *Decisions) Because(book *text.Book, lang string, x Decision, at clock.Day) string {
	rule, known := d.find(x.Rule, at, "")
	if !known {
		return ""
	}
	say := func(key string, args map[string]any) string { return book.Say(lang, "law.because."+key, args) }
	var parts []string
	for _, c := range x.Compared {
		args := map[string]any{"left": rule.sideName(book, c.of.Left, lang), "n": c.Left / c.of.Share.Den, "right": rule.sideName(book, c.of.Right, lang),
			"m": c.Right / c.of.Share.Num, "word": say("word."+operatorName[c.Operator], nil), "share": strconv.FormatInt(c.of.Share.Num, 10) + "/" + strconv.FormatInt(c.of.Share.Den, 10)}
		key := "count"
		_, isNumber := strconv.ParseInt(c.of.Right, 10, 64)
		switch {
		case c.Operator == "=" && isNumber == nil:
			key = "yes"
			args["right"] = say("is_"+strconv.FormatInt(c.Left, 10), nil)
		case isNumber == nil:
			key = "number"
		case c.of.Share.Den > 1:
			key = "share"
		}
		verdict := "met"
		if !c.Holds {
			verdict = "not_met"
		}
		args["verdict"] = say(verdict, nil)
		parts = append(parts, say(key, args))
	}
	outcome := ""
	if s, is := x.Outcome.(string); is {
		outcome = book.Say(lang, "law.outcome."+s, nil)
	} else if n, is := x.Outcome.(int64); is {
		outcome = strconv.FormatInt(n, 10)
	}
	return say("sentence", map[string]any{"title": rule.Title.In(lang), "parts": strings.Join(parts, say("and", nil)), "outcome": outcome, "article": x.Article})
}

var operatorName = map[string]string{">": "more", ">=": "at_least", "<": "fewer", "<=": "at_most", "=": "equal"}

// sideName is a side of a comparison in words.
func (r Rule) sideName(book *text.Book, side, lang string) string {
	if r.Run != nil && side == r.Run.Name {
		return r.Run.Title.In(lang)
	}
	name, word, is := strings.Cut(side, " is ")
	f, known := r.fact(name)
	switch {
	case !known:
		return side
	case is:
		return book.Say(lang, "law.because.named", map[string]any{"fact": f.Title.In(lang), "value": book.Say(lang, "law.because.value."+word, nil)})
	}
	return f.Title.In(lang)
}
