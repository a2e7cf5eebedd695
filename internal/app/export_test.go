package app

import (
	"context"

	"linli/internal/kit/clock"
)

// FillDemoRefused fills a demo and gives the steps that were refused.
func (h *House) FillDemoRefused(ctx context.Context, hand *clock.Hand, until clock.Instant, seed uint64) ([]error, error) {
	return h.fillDemo(ctx, hand, until, seed)
}

// CheckDemo names the matters of the demo that no list gives to a unit, and
// those whose other or helping unit could not stand there.
func (h *House) CheckDemo(ctx context.Context) (bad []string, err error) {
	files, err := h.Editions.Files(ctx, h.Editions.Current())
	if err != nil {
		return nil, err
	}
	f := &filling{House: h, hand: clock.NewHand(h.Clock.Now()), items: map[[2]string]string{}}
	if f.script, err = readDemo(files); err != nil {
		return nil, err
	}
	for _, m := range append(f.script.matters["matters"], f.script.matters["findings"]...) {
		for _, place := range m.In {
			r := &run{matter: &m, community: place}
			name := m.Class + " in " + place
			lead, _, err := f.itemOf(ctx, r)
			if err != nil || lead == "" {
				bad = append(bad, name+": nobody leads")
			}
			if m.Other == lead || m.Helper == lead {
				bad = append(bad, name+": "+lead+" leads itself")
			}
			if m.Other == "" {
				continue
			}
			if _, err := f.anyItemOf(ctx, m.Other, place); err != nil {
				bad = append(bad, name+": "+m.Other+" leads nothing there")
			}
			if _, err := f.unitMember(ctx, m.Helper, "handler", "clerk"); err != nil {
				bad = append(bad, name+": nobody works in "+m.Helper)
			}
		}
	}
	return bad, nil
}
