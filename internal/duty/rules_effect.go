package duty

import (
	"fmt"
	"strings"

	"linli/internal/kit/clock"
)

// mostIDBefore leaves room behind an id for the day on which a version ended.
const mostIDBefore = 25

// early says what of a draft would hold before it was published: a version whose
// day is yesterday or earlier, or an item set back. Nobody can have followed what
// was not yet said; what stood there before and stays is left alone.
func early(old List, known bool, now List, today clock.Day) []Remark {
	var bad []Remark
	if now.From < today && (!known || now.From != old.From || now.Version != old.Version) {
		bad = append(bad, remark(now.File, 1, "from", "past", "day", now.From.String(), "today", today.String()))
	}
	for _, i := range now.Items {
		if i.From != 0 && i.From < today && i.From != old.item(i.ID).From {
			bad = append(bad, remark(now.File, i.FileLine, "from", "past", "day", i.From.String(), "today", today.String()))
		}
	}
	return bad
}

// succession is what becomes of the version that holds until a new one does.
type succession struct {
	from  string // the id under which it stands now, to be taken away; "" where none does
	until List   // how it stands then; without id where nothing is left of it
}

// makesWay ends the version in force on the day before the new one begins, so that
// until then it holds, and no day has two lists or none. A new version of what was
// announced and has not begun ends the same earlier one anew.
func (c *Catalogue) makesWay(now List, today clock.Day) succession {
	var s succession
	for _, l := range c.Lists {
		if strings.HasPrefix(l.ID, endedID(now.ID)) && l.Area == now.Area && l.Until >= today {
			s = succession{from: l.ID, until: l}
		}
	}
	if old, known := c.List(now.ID); s.from == "" && known && now.From > today && old.Area == now.Area && old.Holds(old.Area, today) {
		s.until = old
	}
	if s.until.ID == "" {
		return s
	}
	if s.until.Until = now.From - 1; s.until.Until < s.until.From {
		s.until = List{}
		return s
	}
	y, m, day := s.until.Until.Date()
	s.until.ID = endedID(now.ID) + fmt.Sprintf("%04d%02d%02d", y, m, day)
	return s
}

// endedID is how the ids of ended versions of a list begin.
func endedID(id string) string { return id[:min(len(id), mostIDBefore)] + "-until-" }
