package publicity

import (
	"linli/internal/kit/privacy"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/kit/clock"
	"linli/internal/procedure"
)

// Why a request is on no public page; "" where it may be on one.
const (
	hideOther     = "other"     // no request
	hideSealed    = "sealed"    // sealed from some unit
	hideComplaint = "complaint" // about a unit or its people
	hideWithdrawn = "withdrawn"
	hideJoined    = "joined"    // handled with another, which is public instead
	hideClass     = "class"     // the catalogue names its class
	hideRefusal   = "refusal"   // closed as an emergency or a secret
	hideEmergency = "emergency" // may be about a person in danger
)

const communityDigits = 12

// hidden says why the public may know nothing of a case. up are its class and
// those above it; calls the emergency numbers that its words ask for.
func (p *Privacy) hidden(c *casework.Case, up []duty.Class, calls []string) string {
	about, _ := c.Values["about_unit"].(bool)
	flagged, _ := c.Values["emergency"].(bool)
	_, erased := c.Values["words"].(casework.Gone)
	switch {
	case c.Procedure != Procedure:
		return hideOther
	case c.Sealed != "":
		return hideSealed
	case about || c.Values["complained"] != nil:
		return hideComplaint
	case c.State == "withdrawn":
		return hideWithdrawn
	case c.Leader != "":
		return hideJoined
	case slices.Contains(p.Refusals, c.Values.Text("intake_kind")):
		return hideRefusal
	}
	for _, k := range up {
		if k.AboutUnit || slices.Contains(p.Never, k.ID) {
			return hideClass
		}
		calls = append(slices.Clone(calls), k.Emergency...)
	}
	// Nobody is left to say what a flagged request was about where class or words are missing.
	if flagged && (len(up) == 0 || erased || slices.ContainsFunc(calls, func(n string) bool { return slices.Contains(p.Calls, n) })) {
		return hideEmergency
	}
	return ""
}

// fold reads of a case and its acts what everybody may know.
func fold(c *casework.Case, proc *procedure.Procedure, acts []casework.Entry, why string) line {
	l := line{Case: c.ID, Acts: c.Acts, Shown: why == "", Class: c.Class, Area: communityOf(c), State: c.State, Kind: c.Kind, Edition: c.Edition,
		Unit: c.Unit, Opened: c.Opened, Imported: c.Imported, Solved: c.Values.Text("solved"), Satisfied: c.Values.Text("satisfied")}
	if c.Kind == procedure.Done || c.Kind == procedure.Final {
		l.Settled = settled(acts)
	}
	for _, e := range acts {
		if e.Act == actVoice && !e.Annulled {
			l.Voices++
		}
	}
	l.Release, l.Digest, l.Released = standing(acts)
	l.Asks = proc.Act(ActRelease) != nil && (c.Values.Text("words") != "" || len(photosOf(acts)) > 0)
	return l
}

// settled is when the case came into the state that ended it.
func settled(acts []casework.Entry) (at clock.Instant) {
	for _, e := range acts {
		if !e.Annulled && !e.Delta.Quiet && e.From != e.To && (e.Delta.Kind == procedure.Done || e.Delta.Kind == procedure.Final) && (at == 0 || e.Delta.Kind == procedure.Done) {
			at = e.Happened
		}
	}
	return at
}

// standing is the copy that is public by the acts: that of the last release
// which was not taken back.
func standing(acts []casework.Entry) (id, digest string, at clock.Instant) {
	for _, e := range acts {
		switch {
		case e.Annulled:
		case e.Act == ActRelease:
			id, digest, _ = strings.Cut(e.Values.Text("copy"), " ")
			at = e.Recorded
		case e.Act == ActUnrelease || e.Act == casework.ActErase:
			id, digest, at = "", "", 0
		}
	}
	return id, digest, at
}

// communityOf is where a case lies, no nearer than its community.
func communityOf(c *casework.Case) string {
	code := c.Area
	if place, ok := c.Values["place"].(procedure.Place); ok && place.Area != "" {
		code = place.Area
	}
	return code[:min(len(code), communityDigits)]
}

// textFields are the values of public acts that can be released, and which of
// them are the office's own words.
var textFields = map[string]bool{"words": false, "details": false, "supplement": false, "comment": false, "answer": true}

// usedFirst are proposed for release; the others a person may add.
var usedFirst = []string{"title", "words", "answer"}

// sources are the texts of a case that could be released, in the order of its acts.
func sources(c *casework.Case, proc *procedure.Procedure, acts []casework.Entry) []Source {
	var out []Source
	if c.Title != "" {
		out = append(out, Source{Key: "title", Field: "title", Text: c.Title})
	}
	for _, e := range acts {
		if !e.Public || e.Annulled {
			continue
		}
		for _, f := range proc.Form {
			office, known := textFields[f.Name]
			said, is := e.Values[f.Name].(string)
			if !known || !is || f.Sealed || strings.TrimSpace(said) == "" {
				continue
			}
			out = append(out, Source{Key: e.ID + "." + f.Name, Act: e.ID, Field: f.Name, Text: said, Label: map[string]string(f.Label), Office: office})
		}
	}
	if place, ok := c.Values["place"].(procedure.Place); ok && place.Words != "" {
		out = append(out, Source{Key: "place", Field: "place", Text: place.Words})
	}
	return out
}

// photosOf are the photos of a case that could be released.
func photosOf(acts []casework.Entry) []SourcePhoto {
	var out []SourcePhoto
	for _, e := range acts {
		if !e.Public || e.Annulled {
			continue
		}
		for _, id := range e.Values.List("photos") {
			if !slices.ContainsFunc(out, func(p SourcePhoto) bool { return p.Blob == id }) {
				out = append(out, SourcePhoto{Blob: id, Act: e.ID, Words: map[string]string(e.Words)})
			}
		}
	}
	return out
}

// proposal is the draft from which a person starts: the main texts, everything
// struck that the privacy check finds, no photo, no exact place.
func (p *Privacy) proposal(texts []Source) Draft {
	d := Draft{Texts: map[string]DraftText{}, Photos: map[string]DraftPhoto{}, Level: LevelCommunity}
	for _, s := range texts {
		t := DraftText{Use: slices.Contains(usedFirst, s.Field)}
		for _, f := range p.findings(s) {
			t.Marks = append(t.Marks, privacy.Mark{From: f.From, To: f.To})
		}
		d.Texts[s.Key] = t
	}
	return d
}

// findings are those of a text; a fixed line in the office's own words is no
// finding.
func (p *Privacy) findings(s Source) []privacy.Finding {
	return slices.DeleteFunc(p.Find(s.Text), func(f privacy.Finding) bool { return s.Office && f.Line })
}

// open are the hard findings that a draft leaves in clear: in the text where the
// marks do not cover them, and in what comes out.
func (p *Privacy) open(s Source, marks []privacy.Mark) []privacy.Finding {
	length := len([]rune(s.Text))
	var out []privacy.Finding
	for _, f := range p.findings(s) {
		if f.Hard && !privacy.Covers(marks, f, length) {
			out = append(out, f)
		}
	}
	if len(out) > 0 {
		return out
	}
	left := s
	left.Text = privacy.Strike(s.Text, marks)
	return slices.DeleteFunc(p.findings(left), func(f privacy.Finding) bool { return !f.Hard })
}
