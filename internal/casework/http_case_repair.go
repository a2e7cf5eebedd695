package casework

import (
	"linli/internal/procedure"
	"reflect"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/web"
)

// repair draws the forms of annulment and erasure for who may.
func (d *drawing) repair(out *caseView, v *View, t trial) error {
	r, err := d.rules.At(d.ctx, d.Editions.Current())
	if err != nil {
		return err
	}
	subject := v.Case.Subject(v.Parent, nil)
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
	if last := lastAct(v); last != nil && identity.Holds(r.views["annul"], d.who, subject) && (last.Person == "" || last.Person != d.who.Person) {
		add(ActAnnul, "do-annul", nil, d.say("annul.text", "act", last.Words))
	}
	if identity.Holds(r.views["erase"], d.who, subject) {
		if options := d.erasable(v); len(options) > 0 {
			add(ActErase, "do-erase", []web.Field{{Name: "_fields", Label: d.say("erase.fields"), Type: "choices", Required: true, Options: options}}, d.say("erase.text"))
		}
	}
	if newer, err := d.newer(v); err != nil {
		return err
	} else if newer && identity.Holds(r.views["move"], d.who, subject) {
		add(ActMove, "do-move", nil, d.moveText(v))
	}
	return nil
}

// newer reports whether the edition in force says something else about the
// case's procedure than the one it goes by.
func (d *drawing) newer(v *View) (bool, error) {
	now := d.Editions.Current()
	if v.Case.Edition == now || v.Case.Kind == procedure.Final {
		return false, nil
	}
	r, err := d.rules.At(d.ctx, now)
	if err != nil {
		return false, err
	}
	p := r.procedures[v.Procedure.Name]
	return p != nil && !reflect.DeepEqual(toProcedure(p), toProcedure(v.Procedure)), nil
}

// moveText says what moving does, and whether somebody asked for it already.
func (d *drawing) moveText(v *View) string {
	for _, e := range v.Timeline {
		if e.Act == ActMoveAsk && e.Delta.MoveTo == d.Editions.Current() {
			return d.say("move.asked")
		}
	}
	return d.say("move.text")
}

// lastAct is the act an annulment would take back, nil where there is none.
func lastAct(v *View) *Entry {
	for i, e := range v.Timeline {
		if e.ID == v.Case.LastAct && e.Delta.Opened == nil && !strings.HasPrefix(e.Act, "_") && len(e.Delta.Children) == 0 && e.Role != "child" && !e.Delta.Publish {
			return &v.Timeline[i]
		}
	}
	return nil
}

// erasable are the fields of which any act still holds a value.
func (d *drawing) erasable(v *View) []web.Option {
	var out []web.Option
	for _, def := range v.Procedure.Form {
		if slices.ContainsFunc(v.Timeline, func(e Entry) bool {
			k, had := e.Body[def.Name]
			return had && k.Gone == "" && string(k.Value) != "null"
		}) {
			out = append(out, web.Option{Value: def.Name, Label: def.Label.In(d.lang)})
		}
	}
	return out
}
