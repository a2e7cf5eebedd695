package law

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Decide evaluates a rule of the edition in force; see Decisions.Decide. The
// answer carries its sentence in both languages.
func (s *Service) Decide(ctx context.Context, book *text.Book, rule string, at clock.Day, region string, facts map[string]any) (Decision, error) {
	d, _, err := s.decisions.Now(ctx)
	if err != nil {
		return Decision{}, err
	}
	return d.Explain(book, rule, at, region, facts)
}

// Explain decides like Decide, with the sentence in both languages.
func (d *Decisions) Explain(book *text.Book, rule string, at clock.Day, region string, facts map[string]any) (Decision, error) {
	x, err := d.Decide(rule, at, region, facts)
	if err != nil {
		return x, err
	}
	x.Because = map[string]string{"zh": d.Because(book, text.Chinese, x, at), "en": d.Because(book, text.English, x, at)}
	return x, nil
}

// TryCommand is "linli law try": it prints the answer of a rule as JSON.
type TryCommand struct {
	At     string `placeholder:"DATE" help:"Day of the act; the rule valid on it is used. Default: today."`
	Region string `placeholder:"CODE" help:"Area code of a region whose stricter rules count as well."`
	Rule   string `arg:"" help:"Name of the rule, for instance vc.election.turnout; see linli law list."`
	Facts  string `arg:"" type:"path" help:"File with the facts as a JSON object; - reads them from standard input."`

	Clock clock.Clock `kong:"-"` // tells today; nil is the machine's
}

// Run prints {"rule", "at", "outcome", "article", "compared", "because"}. Whatever
// the outcome, it is an answer; a missing or impossible fact is an error.
func (c TryCommand) Run(out io.Writer, files fs.FS) error {
	now := c.Clock
	if now == nil {
		now = &clock.Wall{}
	}
	at, err := now.Now().Day(), error(nil)
	if c.At != "" {
		if at, err = clock.ParseDay(c.At); err != nil {
			return fault.New(fault.Invalid, "law.start", "day", c.At).At("at")
		}
	}
	facts, err := c.facts()
	if err != nil {
		return err
	}
	d, err := ParseDecisions(files)
	if err != nil {
		return err
	}
	book, err := text.Load(files)
	if err != nil {
		return err
	}
	x, err := d.Explain(book, c.Rule, at, c.Region, facts)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return enc.Encode(x)
}

func (c TryCommand) facts() (map[string]any, error) {
	in := io.Reader(os.Stdin)
	if c.Facts != "-" {
		f, err := os.Open(c.Facts)
		if err != nil {
			return nil, fault.New(fault.Invalid, "law.facts", "detail", err.Error()).At("facts")
		}
		defer f.Close()
		in = f
	}
	return ReadFacts(in)
}

// ReadFacts reads one JSON object of facts; numbers keep the form in which they
// were written, so that 500.0 is no count. Fault: law.facts.
func ReadFacts(in io.Reader) (map[string]any, error) {
	bad := func(detail string) error {
		return fault.New(fault.Invalid, "law.facts", "detail", detail).At("facts")
	}
	dec := json.NewDecoder(io.LimitReader(in, 1<<20))
	dec.UseNumber()
	var facts map[string]any
	if err := dec.Decode(&facts); err != nil {
		return nil, bad(err.Error())
	}
	if facts == nil {
		return nil, bad("null")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, bad("more than one value")
	}
	return facts, nil
}

// ListCommand is "linli law list": every rule with its norm and first day.
type ListCommand struct{}

// Run prints one line per rule, with its title in lang.
func (c ListCommand) Run(out io.Writer, files fs.FS, lang string) error {
	d, err := ParseDecisions(files)
	if err != nil {
		return err
	}
	for _, r := range d.rules {
		region := ""
		if r.Region != "" {
			region = " [" + r.Region + "]"
		}
		if _, err := fmt.Fprintf(out, "%s%s\t%s %s\t%s\t%s\n", r.Name, region, r.Norm, r.Article, r.From, r.Title.In(lang)); err != nil {
			return err
		}
	}
	return nil
}

// ShowCommand is "linli law show": one rule as docs/law.md has it.
type ShowCommand struct {
	Rule string `arg:"" help:"Name of the rule."`
}

// Run prints the rule. Fault: NotFound law.no_rule.
func (c ShowCommand) Run(out io.Writer, files fs.FS) error {
	d, err := ParseDecisions(files)
	if err != nil {
		return err
	}
	book, err := text.Load(files)
	if err != nil {
		return err
	}
	shown := false
	for _, r := range d.rules {
		if r.Name == c.Rule {
			shown = true
			if _, err := io.WriteString(out, d.section(book, r)); err != nil {
				return err
			}
		}
	}
	if !shown {
		return fault.New(fault.NotFound, "law.no_rule", "rule", c.Rule).At("rule")
	}
	return nil
}

// Document is docs/law.md: every rule as a table that a township's lawyer reads.
func (d *Decisions) Document(book *text.Book) string {
	var b strings.Builder
	b.WriteString(book.Say(text.Chinese, "law.document.head", nil) + "\n\n" + book.Say(text.English, "law.document.head", nil) + "\n")
	norm := ""
	for _, r := range d.rules {
		if r.Norm != norm {
			norm = r.Norm
			b.WriteString("\n## " + norm + "\n")
		}
		b.WriteString("\n" + d.section(book, r))
	}
	return b.String()
}

// section is one rule: facts, comparisons, outcomes, in both languages.
func (d *Decisions) section(book *text.Book, r Rule) string {
	both := func(key string, args map[string]any) string {
		return book.Say(text.Chinese, "law.document."+key, args) + " · " + book.Say(text.English, "law.document."+key, args)
	}
	pair := func(w text.Words) string { return w.In(text.Chinese) + " · " + w.In(text.English) }
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s\n\n", r.Name, pair(r.Title))
	verified := both("verified."+r.Verified, nil)
	fmt.Fprintf(&b, "%s %s；%s；%s\n\n", r.Norm, r.Article, both("from", map[string]any{"day": r.From}), verified)
	b.WriteString("| " + both("fact", nil) + " | | " + both("of", nil) + " |\n|---|---|---|\n")
	for _, f := range r.Facts {
		of := f.Of
		if v := f.values(); len(v) > 0 {
			of = strings.Join(v, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, pair(f.Title), of)
	}
	b.WriteString("\n")
	for _, s := range r.Steps {
		fmt.Fprintf(&b, "- %s → %s: %s\n", both("unless", nil), pairOutcome(book, s.Outcome), s.formula())
	}
	for _, c := range r.Cases {
		fmt.Fprintf(&b, "- `%s` = %s → %s: %s\n", r.Choose, strings.Join(c.When, ", "), pairOutcome(book, r.Outcomes[0]), c.formula())
	}
	if len(r.Group.List) > 0 {
		fmt.Fprintf(&b, "- %s: %s\n", pairOutcome(book, r.Outcomes[0]), r.Group.formula())
	}
	if len(r.Number) > 0 {
		fmt.Fprintf(&b, "- = %s\n", strings.Join(r.Number, " + "))
	} else {
		fmt.Fprintf(&b, "- %s: %s\n", both("else", nil), pairOutcome(book, r.Outcomes[1]))
	}
	if n := r.Note.In(text.Chinese); n != "" {
		fmt.Fprintf(&b, "\n%s\n", pair(r.Note))
	}
	return b.String()
}

func pairOutcome(book *text.Book, outcome string) string {
	return book.Say(text.Chinese, "law.outcome."+outcome, nil) + " `" + outcome + "`"
}

// formula writes a group as one compares on paper.
func (g Group) formula() string {
	join := " **and** "
	if g.Any {
		join = " **or** "
	}
	var parts []string
	for _, c := range g.List {
		right := c.Right
		if c.Share.Den > 1 {
			right = strconv.FormatInt(c.Share.Num, 10) + "/" + strconv.FormatInt(c.Share.Den, 10) + " × " + c.Right
		}
		parts = append(parts, "`"+c.Left+" "+c.Operator+" "+right+"`")
	}
	return strings.Join(parts, join)
}
