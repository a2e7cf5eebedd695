package desk

import (
	"encoding/json"
	"linli/internal/casework"
	"linli/internal/procedure"
	"slices"
	"strings"

	"linli/web"
)

// timeline is what the asker may see of the acts: a party sees the public ones.
func (d *drawing) timeline(v *casework.View) []casework.Entry {
	if !v.Party {
		return v.Timeline
	}
	public := map[string]bool{}
	for _, e := range v.Timeline {
		if e.Public {
			public[e.ID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(v.Timeline), func(e casework.Entry) bool {
		return !e.Public && !public[e.Annuls] && e.Act != casework.ActErase
	})
}

// events draws the timeline, the newest first.
func (d *drawing) events(v *casework.View, timeline []casework.Entry) []event {
	out := make([]event, 0, len(timeline))
	for _, e := range timeline {
		out = append(out, d.event(v, e))
	}
	slices.Reverse(out)
	return out
}

func (d *drawing) event(v *casework.View, e casework.Entry) event {
	p := v.Procedure
	ev := event{ID: e.ID, At: e.Happened, Title: e.Words.In(d.lang), By: d.by(v, e), Annulled: e.Annulled, Leaf: e.Leaf, Proof: "/proof/" + e.ID}
	if e.Leaf == "" {
		ev.Proof = ""
	}
	if ev.Title == "" {
		ev.Title = d.say("act." + e.Act)
	}
	if e.Later() {
		ev.Entered = e.Recorded
	}
	if e.From != e.To && p.State(e.To) != nil {
		s := p.State(e.To)
		ev.To = &web.Tag{Text: s.Words.In(d.lang), Tone: kindTone(s.Kind)}
	}
	for _, def := range p.Form {
		value, had := e.Values[def.Name]
		if !had {
			continue
		}
		f := web.Fact{Name: def.Label.In(d.lang), Value: d.shown(def, value)}
		if gone, erased := value.(casework.Gone); erased {
			f.Value = d.erasedBy(v, gone.By)
		}
		if files := d.files(e.CaseID, def, value); len(files) > 0 {
			ev.Files = append(ev.Files, files...)
			continue
		}
		ev.Facts = append(ev.Facts, f)
	}
	ev.Facts = append(ev.Facts, d.verdicts(p, e)...)
	ev.Notes = d.notes(v, e)
	switch {
	case e.Act == casework.ActWarn:
		ev.Tone = web.Warning
	case e.Act == casework.ActBreach:
		ev.Tone = web.Bad
	case e.Annulled || e.Annuls != "" || e.Erases != "" || e.Act == casework.ActRecount:
		ev.Tone = web.Quiet
	}
	return ev
}

// by says who did an act: to staff person and unit, to a party the unit.
func (d *drawing) by(v *casework.View, e casework.Entry) string {
	switch e.Role {
	case "clock":
		return d.say("by.clock")
	case "leader":
		return d.say("by.leader")
	case "":
	case "child":
		if e.Person == "" {
			return d.say("by.clock")
		}
	default:
		if e.Post == "" {
			return v.Procedure.Parties[e.Role].In(d.lang)
		}
	}
	var parts []string
	if e.Unit != "" {
		parts = append(parts, d.unit(e.Unit))
	}
	if name := d.people[e.Person]; name != "" && !v.Party {
		if absent := d.people[e.Delta.For]; absent != "" {
			name = d.say("by.deputy", "who", name, "absent", absent)
		}
		parts = append(parts, name)
	}
	who := strings.Join(parts, " · ")
	if who == "" {
		if opened := v.Procedure.Act(e.Act); opened != nil && opened.Party != "" {
			return v.Procedure.Parties[opened.Party].In(d.lang)
		}
		return d.say("by.nobody")
	}
	if e.Behalf != "" {
		return d.say("by.behalf", "who", who, "role", v.Procedure.Parties[e.Behalf])
	}
	return who
}

func (d *drawing) erasedBy(v *casework.View, id string) string {
	for _, e := range v.Timeline {
		if e.ID == id {
			return d.say("erased_by", "when", e.Recorded)
		}
	}
	return d.say("erased")
}

// verdicts are the words of bodies that an act brought.
func (d *drawing) verdicts(p *procedure.Procedure, e casework.Entry) []web.Fact {
	act := p.Act(e.Act)
	if act == nil || act.Opinion == nil {
		return nil
	}
	var out []web.Fact
	for i, r := range act.Who {
		if s, ok := e.Values[casework.OpinionOf(act.Name, i)].(string); ok {
			out = append(out, web.Fact{Name: d.body(r), Value: d.say("verdict." + s)})
		}
	}
	return out
}

// reasonOf is the reason that an act of the engine was given.
func reasonOf(e casework.Entry) (reason string) {
	if json.Unmarshal(e.Body[procedure.ReasonField].Value, &reason) != nil {
		return ""
	}
	return reason
}

// notes tell what an act did beyond its values.
func (d *drawing) notes(v *casework.View, e casework.Entry) []string {
	var out []string
	if reason := reasonOf(e); reason != "" && (!v.Party || e.Annuls != "") {
		out = append(out, d.say("because", "reason", reason))
	}
	if e.Act == casework.ActHanding && !v.Party && e.Delta.Person != nil {
		if to := d.people[*e.Delta.Person]; to != "" {
			out = append(out, d.say("handed_to", "who", to))
		} else {
			out = append(out, d.say("handed_back"))
		}
	}
	for _, what := range e.Delta.Effects {
		if k := v.Procedure.Clock(strings.TrimLeft(what, "+-=~!?")); k != nil && !v.Party {
			for mark, key := range map[byte]string{'=': "paused", '~': "resumed", '!': "breached", '?': "warned"} {
				if strings.IndexByte(what, mark) >= 0 {
					out = append(out, d.say("clock.did_"+key, "clock", k.Words))
				}
			}
		}
	}
	if e.Delta.Escalated != nil && *e.Delta.Escalated != "" && !v.Party {
		out = append(out, d.say("told_above", "unit", d.unit(*e.Delta.Escalated)))
	}
	if e.Delta.Publish {
		out = append(out, d.say("published_then"))
	}
	return out
}
