package request

import (
	"context"
	"slices"

	"linli/internal/casework"
	"linli/internal/kit/fault"
)

// mergers are the kinds of post that may give a case to another unit's leading
// case; a handler merges only what the own unit holds.
var mergers = []string{"dispatcher", "intake", "leader"}

// sameMatter holds where two requests may be handled as one: neither is a
// complaint about a unit, nobody hands a case over by merging it, and nobody's
// date becomes later by it.
func (s *Service) sameMatter(_ context.Context, m *casework.Moment) error {
	lead := m.Leader
	about, _ := lead.Values["about_unit"].(bool)
	switch {
	case about || yes(m, "about_unit"):
		return fault.New(fault.Unmet, "casework.follow_sealed").At("leading")
	case !slices.Contains(mergers, m.Post.Kind) && lead.Unit != m.Case.Unit:
		return fault.New(fault.Unmet, "request.merge_unit").At("leading")
	case later(lead, m.Case):
		return fault.New(fault.Unmet, "request.merge_later", "number", lead.Number).At("leading")
	}
	return nil
}

// later reports whether a case that is being handled would wait longer with the
// leading one than alone.
func later(lead, c *casework.Case) bool {
	own, theirs := c.Clocks()["handle"], lead.Clocks()["handle"]
	if !own.Live() || own.Duty == 0 {
		return false
	}
	return !theirs.Live() || theirs.Duty > own.Duty
}
