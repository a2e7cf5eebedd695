package procedure

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"linli/internal/edition"
	"linli/internal/kit/fault"
	"linli/internal/law"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

// Names are the names that the roof registered, for the checker of files.
type Names struct {
	Checks, Effects []string
	Posts           []string // kinds of post
	Forbidden       []string // words that no field may carry (catalog/rights/forbidden.yaml)
	Facts           []string // fact readers for decision rules
	Law             *law.Decisions
}

// GuardValues gives every field its zero value, so that a guard is typed when
// it is loaded and never meets a missing name.
func (p *Procedure) GuardValues() map[string]any {
	env := map[string]any{"state": "", "done": []string{}}
	for _, f := range p.Form {
		switch f.Type {
		case "number", "money":
			env[f.Name] = 0
		case "yes":
			env[f.Name] = false
		case "choices", "units", "photos", "files", "recording":
			env[f.Name] = []string{}
		default:
			env[f.Name] = ""
		}
	}
	return env
}

// Holds runs an expression over values, the state and the acts done; without one it
// holds.
func (p *Procedure) Holds(program *vm.Program, values Values, state string, done []string) (bool, error) {
	if program == nil {
		return true, nil
	}
	env := p.GuardValues()
	values.Into(env)
	env["state"], env["done"] = state, done
	holds, err := expr.Run(program, env)
	if err != nil {
		return false, fault.New(fault.Internal, "internal").Because(err)
	}
	return holds == true, nil
}

func (p *Procedure) compileGuards() (problems []edition.Problem) {
	compile := func(what, text string, line int) *vm.Program {
		if text == "" {
			return nil
		}
		program, err := expr.Compile(text, expr.Env(p.GuardValues()), expr.AsBool())
		if err != nil {
			problems = append(problems, edition.Problem{File: p.File, Line: line, Text: fmt.Sprintf("%s: %v", what, strings.SplitN(err.Error(), "\n", 2)[0])})
		}
		return program
	}
	for _, a := range p.Acts {
		for _, o := range a.Opens {
			o.When = compile("opens of "+a.Name, o.WhenText, o.Line)
		}
		if a.Guard = compile("guard of "+a.Name, a.GuardText, a.Line); a.Guard != nil {
			a.GuardWaits = slices.ContainsFunc(a.Fill, func(f Fill) bool { return regexp.MustCompile(`\b` + f.Field + `\b`).MatchString(a.GuardText) })
		}
	}
	return problems
}

// checker gathers problems of one procedure.
type checker struct {
	p        *Procedure
	all      Procedures
	names    Names
	problems []edition.Problem
}

func (c *checker) bad(line int, format string, args ...any) {
	c.problems = append(c.problems, edition.Problem{File: c.p.File, Line: line, Text: fmt.Sprintf(format, args...)})
}

// check finds what a county's official could get wrong in a file.
func (p *Procedure) check(all Procedures, names Names) []edition.Problem {
	c := &checker{p: p, all: all, names: names}
	if len(p.Openings()) == 0 {
		c.bad(1, "no act opens a case (one without from)")
	}
	if p.Subject != "" && p.Field(p.Subject) == nil {
		c.bad(1, "subject: no field %q", p.Subject)
	}
	if p.Area != "" && p.Field(p.Area) == nil {
		c.bad(1, "area: no field %q", p.Area)
	}
	for _, f := range p.Form {
		if forbiddenField(f, names.Forbidden) {
			c.bad(f.Line, "field %q: Linli keeps no religion, political attitude, petition history or labels of people", f.Name)
		}
	}
	for _, a := range p.Acts {
		c.act(a)
	}
	for _, k := range p.Clocks {
		c.clock(k)
	}
	for _, s := range p.Schedules {
		c.schedule(s)
	}
	c.spelling()
	c.reach()
	c.downward()
	return c.problems
}

// nameForm keeps names readable in leaves, addresses and columns; what begins
// with "_" belongs to the engine.
var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,47}$`)

// spelling refuses names of fields, states, clocks and acts in another form.
func (c *checker) spelling() {
	see := func(line int, name string) {
		if !nameForm.MatchString(name) {
			c.bad(line, "the name %q: small letters, digits, _ and - are allowed, beginning with a letter", name)
		}
	}
	for _, f := range c.p.Form {
		see(f.Line, f.Name)
		if f.Name == "state" || f.Name == "done" {
			c.bad(f.Line, "field %q: a guard means by it where the case stands, or what was done", f.Name)
		}
	}
	for _, s := range c.p.States {
		see(s.Line, s.Name)
	}
	for _, k := range c.p.Clocks {
		see(k.Line, k.Name)
	}
	for _, a := range c.p.Acts {
		see(a.Line, a.Name)
	}
	for _, s := range c.p.Schedules {
		see(s.Line, s.Name)
	}
}

func (c *checker) act(a *Act) {
	for _, s := range slices.Concat(a.From, []string{a.To}, a.MayLead) {
		if s != "" && c.p.State(s) == nil {
			c.bad(a.Line, "%s: unknown state %q", a.Name, s)
		}
	}
	if len(a.MayLead) > 0 && len(a.Effect) == 0 {
		c.bad(a.Line, "%s: may_lead needs an effect that leads there", a.Name)
	}
	if a.Opening() && a.To == "" {
		c.bad(a.Line, "%s opens a case and must say to", a.Name)
	}
	if a.Quiet && (a.To != "" || a.Holder != "" || len(a.Opens) > 0) {
		c.bad(a.Line, "%s is quiet: it cannot change state or holder or open a child", a.Name)
	}
	if a.Counted && !a.Quiet {
		c.bad(a.Line, "%s is counted: it must be quiet", a.Name)
	}
	if a.WithParent && !a.Child {
		c.bad(a.Line, "%s is done with the parent: its who must be child", a.Name)
	}
	if len(a.Who) == 0 && !a.Clock && !a.Child && !a.Leader {
		c.bad(a.Line, "%s: nobody may do it", a.Name)
	}
	for _, r := range a.Who {
		if r.Name == "party" {
			if _, ok := c.p.Parties[r.As]; !ok {
				c.bad(a.Line, "%s: no party %q", a.Name, r.As)
			}
		} else if r.As != "" && !slices.Contains(c.names.Posts, r.As) {
			c.bad(a.Line, "%s: unknown kind of post %q", a.Name, r.As)
		}
		if r.Of != "" && c.p.Field(r.Of) == nil {
			c.bad(a.Line, "%s: no field %q", a.Name, r.Of)
		}
	}
	for _, n := range a.NotBy {
		if act := c.p.Act(n); act != nil && act.Quiet {
			// A quiet act leaves no doer on the case: the line would keep nobody out.
			c.bad(a.Line, "%s: not_by names the quiet act %q, which nobody is held to; a check must look who did it", a.Name, n)
		}
		if !strings.HasPrefix(n, "parent.") && !strings.HasPrefix(n, "leader.") && c.p.Act(n) == nil {
			c.bad(a.Line, "%s: not_by names no act %q", a.Name, n)
		}
	}
	c.actFields(a)
	c.actNames(a)
	c.actJoins(a)
	c.actFollows(a)
	c.actDecides(a)
}

func (c *checker) actFields(a *Act) {
	for _, f := range a.Fill {
		if def := c.p.Field(f.Field); def == nil {
			c.bad(a.Line, "%s: fill names no field %q", a.Name, f.Field)
		} else if def.Type == "decision" && (len(a.Who) > 0 || a.Clock) {
			c.bad(a.Line, "%s: nobody fills in %q; what the law says comes from decides", a.Name, f.Field)
		}
	}
	for _, f := range a.Publish {
		if field := c.p.Field(f); field == nil || field.Sealed {
			c.bad(a.Line, "%s: publish names no open field %q", a.Name, f)
		}
	}
	if of, ok := strings.CutPrefix(a.Holder, "unit of "); ok && c.p.Field(of) == nil {
		c.bad(a.Line, "%s: holder names no field %q", a.Name, of)
	} else if !ok && !slices.Contains([]string{"", "actor", "none", "unit", "leader"}, a.Holder) {
		c.bad(a.Line, "%s: holder is actor, none, unit, leader or \"unit of FIELD\", not %q", a.Name, a.Holder)
	}
	if a.Party != "" {
		if _, ok := c.p.Parties[a.Party]; !ok {
			c.bad(a.Line, "%s: no party %q", a.Name, a.Party)
		}
	}
	if a.Words["zh"] == "" || a.Words["en"] == "" {
		c.bad(a.Line, "%s: label needs zh and en", a.Name)
	}
}

// ChildrenOf reads children.done.PROCEDURE and children.none_open.PROCEDURE.
func ChildrenOf(check string) (procedure string, ok bool) {
	if of, ok := strings.CutPrefix(check, "children.done."); ok {
		return of, true
	}
	return strings.CutPrefix(check, "children.none_open.")
}

// EngineCheck knows the checks that the engine itself answers.
func EngineCheck(name string, p *Procedure) (known bool, problem string) {
	switch name {
	case "children.done", "children.none_open", "opinions.complete", "opinions.all_agree":
		return true, ""
	}
	if of, ok := ChildrenOf(name); ok {
		if !slices.ContainsFunc(p.Acts, func(a *Act) bool { return a.OpensCaseOf(of) }) {
			return true, "no act opens a case of " + strconv.Quote(of)
		}
		return true, ""
	}
	rest, ok := strings.CutPrefix(name, "clock.")
	if !ok {
		return false, ""
	}
	clk, what, _ := strings.Cut(rest, ".")
	if p.Clock(clk) == nil {
		return true, "no clock " + strconv.Quote(clk)
	}
	if !slices.Contains([]string{"running", "ended", "kept"}, what) {
		return true, "a clock is running, ended or kept, not " + strconv.Quote(what)
	}
	return true, ""
}

func (c *checker) actNames(a *Act) {
	for _, name := range a.Check {
		known, problem := EngineCheck(name, c.p)
		if problem != "" {
			c.bad(a.Line, "%s: check %s: %s", a.Name, name, problem)
		} else if !known && !slices.Contains(c.names.Checks, name) {
			c.bad(a.Line, "%s: unknown check %q", a.Name, name)
		}
	}
	for _, name := range a.Effect {
		if !EngineEffect(name, c.p) && !slices.Contains(c.names.Effects, name) {
			c.bad(a.Line, "%s: unknown effect %q", a.Name, name)
		}
	}
	for _, t := range a.Tells {
		role, isParty := strings.CutPrefix(t, "party ")
		of, isUnit := strings.CutPrefix(t, "unit of ")
		_, isArea := strings.CutPrefix(t, "area as ")
		switch {
		case isParty && len(c.p.Parties[role]) == 0:
			c.bad(a.Line, "%s: tells no party %q", a.Name, role)
		case isUnit && c.p.Field(of) == nil:
			c.bad(a.Line, "%s: tells no field %q", a.Name, of)
		case !isParty && !isUnit && !isArea && !slices.Contains([]string{"holder", "unit", "parent", "leader"}, t):
			c.bad(a.Line, "%s: tells is holder, unit, parent, leader, \"party ROLE\", \"unit of FIELD\" or \"area as POST\", not %q", a.Name, t)
		}
	}
}

func (c *checker) actJoins(a *Act) {
	for _, o := range a.Opens {
		child := c.all[o.Procedure]
		if child == nil {
			c.bad(o.Line, "%s opens an unknown procedure %q", a.Name, o.Procedure)
		} else if act := child.Act(o.Act); act == nil || !act.Opening() {
			c.bad(o.Line, "%s: %q does not open a case of %s", a.Name, o.Act, o.Procedure)
		} else {
			for to, from := range o.With {
				if child.Field(to) == nil || c.p.Field(from) == nil {
					c.bad(o.Line, "%s: with %s: %s names no field", a.Name, to, from)
				}
			}
		}
		if o.Unit != "" && o.Unit != "each" && o.Unit != "holder" && o.Unit != "above" && c.p.Field(o.Unit) == nil {
			c.bad(o.Line, "%s: opens unit names no field %q", a.Name, o.Unit)
		}
		if o.Each != "" && c.p.Field(o.Each) == nil {
			c.bad(o.Line, "%s: opens each names no field %q", a.Name, o.Each)
		}
	}
	if p := a.Performs; p != nil {
		for to, from := range p.With {
			if c.p.Field(from) == nil {
				c.bad(p.Line, "%s: performs with %s names no field %q", a.Name, to, from)
			}
		}
		c.performed(a)
	}
	if o := a.Opinion; o != nil {
		number, err := strconv.Atoi(o.Need)
		if o.Need != "all" && o.Need != "any" && (err != nil || number < 1 || number > len(a.Who)) {
			c.bad(a.Line, "%s: need is all, any or a number of the bodies in who, not %q", a.Name, o.Need)
		}
		for _, s := range []string{o.Then, o.Object} {
			if s != "" && c.p.State(s) == nil {
				c.bad(a.Line, "%s: opinion leads to an unknown state %q", a.Name, s)
			}
		}
	}
}

// performed looks up the parents that open this procedure, which must have the
// performed act and let a child do it.
func (c *checker) performed(a *Act) {
	found := false
	for _, parent := range c.all {
		for _, opener := range parent.Acts {
			if !opener.OpensCaseOf(c.p.Name) {
				continue
			}
			found = true
			if target := parent.Act(a.Performs.Act); target == nil || !target.Child {
				c.bad(a.Performs.Line, "%s performs %q, which is no act of %s that a child may do", a.Name, a.Performs.Act, parent.Name)
			}
		}
	}
	alone := slices.ContainsFunc(c.p.Acts, func(x *Act) bool { return x.Opening() && !x.Child })
	if !found && !alone { // what may stand by itself performs nothing there
		c.bad(a.Performs.Line, "%s performs an act of a parent, but no procedure opens %s", a.Name, c.p.Name)
	}
}

func (c *checker) clock(k *Clock) {
	for _, name := range append(slices.Clone(k.From), k.Until...) {
		if name != "opened" && c.p.Act(name) == nil {
			c.bad(k.Line, "clock %s names no act %q", k.Name, name)
		}
	}
	for _, s := range k.Pause {
		if c.p.State(s) == nil {
			c.bad(k.Line, "clock %s pauses in no state %q", k.Name, s)
		}
	}
	for _, f := range []string{k.Value, k.Back} {
		if f != "" && c.p.Field(f) == nil {
			c.bad(k.Line, "clock %s: no field %q", k.Name, f)
		}
	}
	for _, name := range append(slices.Clone(k.From), k.Until...) {
		if a := c.p.Act(name); a != nil && a.Quiet {
			c.bad(k.Line, "clock %s: %s is quiet and moves no clock", k.Name, name)
		}
	}
	if k.Perform != "" {
		if a := c.p.Act(k.Perform); a == nil || !a.Clock {
			c.bad(k.Line, "clock %s performs %q, which is no act that a clock may do", k.Name, k.Perform)
		}
	}
	if len(k.From) == 0 {
		c.bad(k.Line, "clock %s is started by nothing", k.Name)
	}
	if k.Kind == law.AtMost && len(k.Until) == 0 && k.Perform == "" {
		c.bad(k.Line, "clock %s: nobody ends it (until, or breach: perform ACT)", k.Name)
	}
}

// leadsTo lists the states an act can lead to from a state.
func (a *Act) leadsTo(from string) []string {
	out := []string{a.To}
	if a.To == "" {
		out[0] = from
	}
	if a.Opinion != nil {
		for _, s := range []string{a.Opinion.Then, a.Opinion.Object} {
			if s != "" {
				out = append(out, s)
			}
		}
	}
	out = append(out, a.MayLead...)
	for _, d := range a.Decides {
		for _, outcome := range slices.Sorted(maps.Keys(d.Leads)) {
			if !slices.Contains(out, d.Leads[outcome]) {
				out = append(out, d.Leads[outcome])
			}
		}
	}
	return out
}

// reach finds states that no act leads to and states without a way out.
func (c *checker) reach() {
	reached := map[string]bool{}
	var todo []string
	visit := func(s string) {
		if !reached[s] {
			reached[s] = true
			todo = append(todo, s)
		}
	}
	for _, a := range c.p.Openings() {
		for _, to := range a.leadsTo("") {
			visit(to)
		}
	}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		for _, a := range c.p.Acts {
			if slices.Contains(a.From, s) {
				for _, to := range a.leadsTo(s) {
					visit(to)
				}
			}
		}
	}
	for _, s := range c.p.States {
		if !reached[s.Name] {
			c.bad(s.Line, "state %s is never reached", s.Name)
		}
		out := false
		for _, a := range c.p.Acts {
			out = out || slices.Contains(a.From, s.Name) && slices.ContainsFunc(a.leadsTo(s.Name), func(to string) bool { return to != s.Name })
		}
		if !out && s.Kind != Final {
			c.bad(s.Line, "state %s has no way out", s.Name)
		}
		if out && s.Kind == Final {
			c.bad(s.Line, "state %s is final but has a way out; its kind is done", s.Name)
		}
	}
}

// downward: what puts work on a street or below must pass the door of
// admission where a receiver is first named (house rule).
func (c *checker) downward() {
	if !c.p.Downward {
		return
	}
	for _, a := range c.p.Acts {
		names := strings.HasPrefix(a.Holder, "unit of ") || slices.ContainsFunc(a.Opens, func(o *Opens) bool { return o.Each != "" })
		if names && !slices.Contains(a.Check, "coordination.admitted") {
			c.bad(a.Line, "%s names a receiver in a downward procedure and needs the check coordination.admitted", a.Name)
		}
	}
}

// forbiddenField finds fields that rank or label people (house rule, and the norms named in that file).
func forbiddenField(f *Field, words []string) bool {
	all := strings.ToLower(f.Name + " " + f.Label["zh"] + " " + f.Label["en"])
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(all, w) })
}

// Needed is how many bodies must agree.
func (a *Act) Needed() int {
	switch a.Opinion.Need {
	case "all":
		return len(a.Who)
	case "any":
		return 1
	}
	n, _ := strconv.Atoi(a.Opinion.Need) // checked when the file was loaded
	return n
}

// EngineEffect knows clock.NAME.extend.FIELD: the clock gets so many more of its
// units as the field says.
func EngineEffect(name string, p *Procedure) bool {
	parts := strings.Split(name, ".")
	return len(parts) == 4 && parts[0] == "clock" && parts[2] == "extend" && p.Clock(parts[1]) != nil && p.Field(parts[3]) != nil
}
