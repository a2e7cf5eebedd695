package procedure

import (
	"maps"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"
)

// decides reads one decision rule of an act, or a list of them.
func (n *node) decides(v *yaml.Node) (out []*Decides) {
	for _, one := range several(v) {
		k := n.keys(one, decidesKeys)
		d := &Decides{Facts: n.with(k["facts"]), Keeps: n.text(k["keeps"]), Needs: n.list(k["needs"]), Leads: n.with(k["leads"]), Line: one.Line}
		if rule := k["rule"]; rule != nil && rule.Kind == yaml.MappingNode {
			choose := n.keys(rule, ruleKeys)
			d.By, d.Of = n.text(choose["field"]), n.with(choose["of"])
		} else {
			d.Rule = n.text(rule)
		}
		out = append(out, d)
	}
	return out
}

// actDecides holds an act's decision rules to the law and the form: that each rule
// exists, that every fact it asks for has a source, and that its outcomes are the
// ones the act speaks of.
func (c *checker) actDecides(a *Act) {
	for _, d := range a.Decides {
		if f := c.p.Field(d.Keeps); f == nil || f.Type != "decision" || f.Sealed {
			c.bad(d.Line, "%s: keeps names no open field of type decision: %q", a.Name, d.Keeps)
		}
		if a.Quiet {
			c.bad(d.Line, "%s is quiet: it changes no value and decides nothing", a.Name)
		}
		for outcome, to := range d.Leads {
			if c.p.State(to) == nil {
				c.bad(d.Line, "%s: %s leads to an unknown state %q", a.Name, outcome, to)
			}
		}
		rules := []string{d.Rule}
		if d.By != "" {
			c.chosenBy(a, d)
			rules = slices.Sorted(maps.Values(d.Of))
		}
		for _, rule := range slices.Compact(rules) {
			c.decidesBy(a, d, rule)
		}
	}
}

// chosenBy: the field that chooses the rule names one for each of its options, so
// that no value slips through without a word.
func (c *checker) chosenBy(a *Act, d *Decides) {
	f := c.p.Field(d.By)
	if f == nil || f.Type != "choice" {
		c.bad(d.Line, "%s: the rule is chosen by a field of type choice, not by %q", a.Name, d.By)
		return
	}
	for _, o := range f.Options {
		if _, named := d.Of[o.Value]; !named {
			c.bad(d.Line, "%s: no rule is named for %s %q (\"\" says that none applies)", a.Name, d.By, o.Value)
		}
	}
}

func (c *checker) decidesBy(a *Act, d *Decides, rule string) {
	if c.names.Law == nil || rule == "" && d.By != "" {
		return
	}
	facts, known := c.names.Law.Asks(rule)
	if !known {
		c.bad(d.Line, "%s: the law has no rule %q", a.Name, rule)
		return
	}
	for _, f := range facts {
		from := d.Source(f.Name)
		if c.p.Field(from) == nil && !slices.Contains(c.names.Facts, from) {
			c.bad(d.Line, "%s: %s asks for %q, which is no field and no fact that a room knows: %q", a.Name, rule, f.Name, from)
		}
	}
	ends := c.names.Law.Ends(rule)
	for _, word := range append(slices.Clone(d.Needs), slices.Collect(maps.Keys(d.Leads))...) {
		if !slices.Contains(ends, word) && d.By == "" {
			c.bad(d.Line, "%s: %s never ends with %q (it ends with %v)", a.Name, rule, word, ends)
		}
	}
	for _, end := range ends {
		if len(d.Leads) > 0 && d.Leads[end] == "" && !(len(d.Needs) > 0 && !slices.Contains(d.Needs, end)) {
			c.bad(d.Line, "%s: %s can end with %q, for which leads names no state", a.Name, rule, end)
		}
	}
	if len(d.Needs) > 0 && !slices.ContainsFunc(ends, func(e string) bool { return slices.Contains(d.Needs, e) }) {
		c.bad(d.Line, "%s: %s ends with none of %v", a.Name, rule, d.Needs)
	}
}

// keepsDeciding reports whether a local file's act is still judged by the same rules.
func (a *Act) keepsDeciding(l *Act) bool {
	plain := func(list []*Decides) (out []Decides) {
		for _, d := range list {
			one := *d
			one.Line = 0
			out = append(out, one)
		}
		return out
	}
	return reflect.DeepEqual(plain(a.Decides), plain(l.Decides))
}
