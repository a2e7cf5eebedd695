package show

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"linli/internal/ballot"
	"linli/internal/casework"
	"linli/internal/finance"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/selfrule"
)

// VillagePlan is the money, the contracts and the rules of villages.
type VillagePlan struct {
	Books     []BookPlan     `yaml:"books"`
	Contracts []ContractPlan `yaml:"contracts"`
	Rules     []RulePlan     `yaml:"rules"`
}

// BookPlan is a quarter's accounts, and what is asked about them.
type BookPlan struct {
	Village   string         `yaml:"village"`
	By        string         `yaml:"by"`
	Signs     string         `yaml:"signs"`
	Approves  string         `yaml:"approves"`
	Ago       Ago            `yaml:"ago"`
	File      string         `yaml:"file"`
	Table     string         `yaml:"table"`
	Questions []QuestionPlan `yaml:"questions"`
}

// QuestionPlan is a question about a line; one without answer still waits.
type QuestionPlan struct {
	Line     int    `yaml:"line"`
	Ago      Ago    `yaml:"ago"`
	Words    string `yaml:"words"`
	By       string `yaml:"by"`
	Answered Ago    `yaml:"answered"`
	Answer   string `yaml:"answer"`
}

// ContractPlan is a contract: when it was entered, began (before the end of the
// demo) and ends (after it).
type ContractPlan struct {
	Ago    Ago            `yaml:"ago"`
	By     string         `yaml:"by"`
	Passes string         `yaml:"passes"`
	Begins Ago            `yaml:"begins"`
	Ends   Ago            `yaml:"ends"`
	Values map[string]any `yaml:"values"`
}

// RulePlan is a village's rules on their way: a first text that is sent back, the
// text that the meeting decides, filing.
type RulePlan struct {
	Village  string   `yaml:"village"`
	Clerks   []string `yaml:"clerks"`
	Chair    string   `yaml:"chair"`
	Guide    string   `yaml:"guide"`
	Ago      Ago      `yaml:"ago"`
	Subject  string   `yaml:"subject"`
	Text     string   `yaml:"text"`
	Before   string   `yaml:"before"`
	SentBack string   `yaml:"sent_back"`
	Receipt  string   `yaml:"receipt"`
	Present  int      `yaml:"present"`
	Votes    []int    `yaml:"votes"`
	Roll     string   `yaml:"roll"`
}

// adder takes one scene.
type adder func(at clock.Instant, what string, play func(ctx context.Context) error)

// village adds the scenes of a plan.
func (f *Show) village(p VillagePlan, add adder) {
	for _, b := range p.Books {
		f.books(b, add)
	}
	for _, c := range p.Contracts {
		add(f.Until.Add(-time.Duration(c.Ago)), "contract", func(ctx context.Context) error { return f.contract(ctx, c) })
	}
	for _, r := range p.Rules {
		f.rules(r, add)
	}
}

// act has somebody act on a case.
func (f *Show) act(ctx context.Context, who, id, act string, values map[string]any) error {
	by, err := f.People.Actor(ctx, who)
	if err == nil {
		_, err = f.Cases.Do(ctx, by, casework.Asking{Case: id, Act: act, Values: values})
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", act, err)
	}
	return err
}

// settled is how long a quarter has been over when its books are shown.
const settled = 40 * 24 * time.Hour

// books brings a quarter's accounts, has them signed and posted, and lets
// residents ask.
func (f *Show) books(p BookPlan, add adder) {
	y, m, _ := f.Until.Add(-settled).Day().Date()
	last := time.Date(y, (m-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, -1, 0) // last month of the quarter before
	period := finance.Period(fmt.Sprintf("%dQ%d", last.Year(), (int(last.Month())+2)/3))
	table := strings.NewReplacer("{1}", last.AddDate(0, -2, 0).Format("2006-01"), "{2}", last.AddDate(0, -1, 0).Format("2006-01"), "{3}", last.Format("2006-01")).Replace(p.Table)
	at := f.Until.Add(-time.Duration(p.Ago))
	var book finance.Book
	var id string
	add(at.Add(-26*time.Hour), "books of "+p.Village, func(ctx context.Context) error {
		by, err := f.People.Actor(ctx, p.By)
		if err != nil {
			return err
		}
		book, err = f.Books.Bring(ctx, by, finance.Brought{Village: p.Village, Period: period, Name: p.File, Data: []byte(table), Holder: "committee"})
		if err == nil && book.State == finance.Fresh {
			book, err = f.Books.Confirm(ctx, by, book.ID, book.Mapping)
		}
		if err != nil {
			return err
		}
		got, err := f.Books.Submit(ctx, by, book.ID, "", "")
		if err != nil {
			return fmt.Errorf("%w %+v", err, book.Report.Entries)
		}
		id = got.Case
		return nil
	})
	add(at.Add(-4*time.Hour), "books signed", func(ctx context.Context) error { return f.act(ctx, p.Signs, id, "cosign", nil) })
	add(at.Add(-time.Hour), "books approved", func(ctx context.Context) error { return f.act(ctx, p.Approves, id, "approve", nil) })
	add(at, "books posted", func(ctx context.Context) error { return f.act(ctx, p.Approves, id, "post", nil) })
	for _, q := range p.Questions {
		asked := new(string)
		add(f.Until.Add(-time.Duration(q.Ago)), "question about a line", func(ctx context.Context) error {
			got, err := f.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: finance.Question, Act: "ask", Values: map[string]any{"book": book.ID, "line": q.Line, "question": q.Words}})
			*asked = got.Case
			return err
		})
		if q.Answer != "" {
			add(f.Until.Add(-time.Duration(q.Answered)), "answer about a line", func(ctx context.Context) error {
				return f.act(ctx, q.By, *asked, "answer", map[string]any{"answer": q.Answer, "shown": true, "shown_question": q.Words})
			})
		}
	}
}

func (f *Show) contract(ctx context.Context, p ContractPlan) error {
	by, err := f.People.Actor(ctx, p.By)
	if err != nil {
		return err
	}
	values := maps.Clone(p.Values)
	values["begins"], values["ends"] = f.Until.Add(-time.Duration(p.Begins)).Day().String(), f.Until.Add(time.Duration(p.Ends)).Day().String()
	got, err := f.Cases.Open(ctx, by, casework.Opening{Procedure: "contract", Act: "enter", Values: values})
	if err != nil {
		return err
	}
	return f.act(ctx, p.Passes, got.Case, "publish", nil)
}

// fits are the points of a legality check where nothing is wrong.
var fits = map[string]any{"p_law": "fits", "p_person": "fits", "p_democracy": "fits", "p_property": "fits", "p_order": "fits", "p_party": "stands", "p_change": "lacks"}

// rules plays the way of a village's rules: drafted, sent back, checked, decided by
// the villagers' meeting, filed.
func (f *Show) rules(p RulePlan, add adder) {
	held := f.Until.Add(-time.Duration(p.Ago))
	var id string
	step := func(before time.Duration, what string, play func(ctx context.Context) error) {
		add(held.Add(-before), what+" of the rules of "+p.Village, play)
	}
	day := 24 * time.Hour
	step(30*day, "draft", func(ctx context.Context) error {
		by, err := f.People.Actor(ctx, p.Clerks[0])
		if err != nil {
			return err
		}
		if _, report, err := f.Ballot.Import(ctx, by, ballot.Importing{Area: p.Village, Body: ballot.VillageMeeting, File: "roll.csv", Data: []byte(p.Roll)}); err != nil {
			return fmt.Errorf("%w %+v", err, report.Bad)
		}
		got, err := f.Cases.Open(ctx, by, casework.Opening{Procedure: selfrule.Covenant, Act: "draft", Values: map[string]any{"village": p.Village, "kind": "village_rules", "subject": p.Subject, "text": p.Before}})
		if id = got.Case; err != nil {
			return err
		}
		return f.act(ctx, p.Clerks[0], id, "submit", nil)
	})
	step(26*day, "first check", func(ctx context.Context) error {
		return f.act(ctx, p.Guide, id, "send_back", map[string]any{"reason": p.SentBack, "p_property": "conflicts"})
	})
	step(20*day, "second draft", func(ctx context.Context) error {
		if err := f.act(ctx, p.Clerks[0], id, "edit", map[string]any{"text": p.Text}); err != nil {
			return err
		}
		return f.act(ctx, p.Clerks[0], id, "submit", nil)
	})
	step(17*day, "check", func(ctx context.Context) error { return f.act(ctx, p.Guide, id, "pass_check", fits) })
	step(13*day, "notice", func(ctx context.Context) error {
		return f.act(ctx, p.Clerks[0], id, "call_meeting", map[string]any{"body": "village_meeting", "matter": "covenant", "meeting_day": held.Day().String()})
	})
	step(0, "meeting", func(ctx context.Context) error { return f.decide(ctx, p, id) })
	step(-2*day, "filing", func(ctx context.Context) error { return f.act(ctx, p.Chair, id, "file", nil) })
	step(-5*day, "receipt", func(ctx context.Context) error {
		return f.act(ctx, p.Guide, id, "accept", map[string]any{"receipt": p.Receipt})
	})
}

// decide holds the meeting that a village's rules called.
func (f *Show) decide(ctx context.Context, p RulePlan, id string) error {
	v, err := f.Cases.Get(ctx, identity.SystemActor(), id)
	if err != nil {
		return err
	}
	for _, c := range v.Children {
		if c.Procedure == ballot.Meetings {
			return f.hold(ctx, MeetingPlan{Clerks: p.Clerks, Chair: p.Chair, Second: p.Clerks[0]}, Meeting{Present: p.Present, Votes: p.Votes}, c.ID)
		}
	}
	return nil
}
