package desk

import (
	"linli/internal/casework"
	"linli/internal/procedure"
	"reflect"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/web"
)

// repair draws the forms of annulment and erasure for who may.
func (d *drawing) repair(out *caseView, v *casework.View, t trial) error {
	subject := v.Case.Subject(v.Parent, nil)
	may := map[string]bool{}
	for _, right := range []string{"annul", "erase", "move"} {
		relations, err := d.Right(d.ctx, right)
		if err != nil {
			return err
		}
		may[right] = identity.Holds(relations, d.who, subject)
	}
	reason := web.Field{Name: "_reason", Label: d.say("reason"), Type: "lines", Required: true, Max: 500, Rows: 2}
	add := func(act, id string, fields []web.Field, text string) {
		form := web.Form{ID: id, Submit: d.say("act." + act), Danger: true, Fields: append(fields, reason)}
		key := freshKey()
		open := t.act == act
		if open {
			key = t.typed.Get("_key")
			for i := range form.Fields {
				form.Fields[i].Value = any(t.typed.Get(form.Fields[i].Name))
				if form.Fields[i].Type == "choices" {
					form.Fields[i].Value = t.typed[form.Fields[i].Name]
				}
			}
		}
		form.Hidden = []web.Option{{Label: "_key", Value: key}, {Label: "_act", Value: act}}
		d.bind(&form, v)
		if open && t.err != nil && !fault.Is(t.err, fault.Stale) {
			d.mark(&form, t.err)
		}
		out.Repair = append(out.Repair, web.Confirm{Summary: d.say("act." + act), Text: text, Danger: true, Open: open, Form: form})
	}
	if last := lastAct(v); last != nil && may["annul"] && (last.Person == "" || last.Person != d.who.Person) {
		add(casework.ActAnnul, "do-annul", nil, d.say("annul.text", "act", last.Words))
	}
	if may["erase"] {
		if options := d.erasable(v); len(options) > 0 {
			add(casework.ActErase, "do-erase", []web.Field{{Name: "_fields", Label: d.say("erase.fields"), Type: "choices", Required: true, Options: options}}, d.say("erase.text"))
		}
	}
	if newer, err := d.newer(v); err != nil {
		return err
	} else if newer && may["move"] {
		add(casework.ActMove, "do-move", nil, d.moveText(v))
	}
	return nil
}

// newer reports whether the edition in force says something else about the
// case's procedure than the one it goes by.
func (d *drawing) newer(v *casework.View) (bool, error) {
	now := d.Editions.Current()
	if v.Case.Edition == now || v.Case.Kind == procedure.Final {
		return false, nil
	}
	p, err := d.ProcedureAt(d.ctx, v.Procedure.Name, now)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return !reflect.DeepEqual(toProcedure(p), toProcedure(v.Procedure)), nil
}

// moveText says what moving does, and whether somebody asked for it already.
func (d *drawing) moveText(v *casework.View) string {
	for _, e := range v.Timeline {
		if e.Act == casework.ActMoveAsk && e.Delta.MoveTo == d.Editions.Current() {
			return d.say("move.asked")
		}
	}
	return d.say("move.text")
}

// lastAct is the act an annulment would take back, nil where there is none.
func lastAct(v *casework.View) *casework.Entry {
	for i, e := range v.Timeline {
		if e.ID == v.Case.LastAct && e.Delta.Opened == nil && !strings.HasPrefix(e.Act, "_") && len(e.Delta.Children) == 0 && e.Role != "child" && !e.Delta.Publish {
			return &v.Timeline[i]
		}
	}
	return nil
}

// erasable are the fields of which any act still holds a value.
func (d *drawing) erasable(v *casework.View) []web.Option {
	var out []web.Option
	for _, def := range v.Procedure.Form {
		if slices.ContainsFunc(v.Timeline, func(e casework.Entry) bool {
			k, had := e.Body[def.Name]
			return had && k.Gone == "" && string(k.Value) != "null"
		}) {
			out = append(out, web.Option{Value: def.Name, Label: def.Label.In(d.lang)})
		}
	}
	return out
}
