// Package caseworktest lets a room's test run the shipped procedures without the
// rooms above that offer their checks, effects and facts.
package caseworktest

import (
	"context"

	"linli/catalog"
	"linli/internal/casework"
	"linli/internal/procedure"
)

// Pass offers every check, effect and fact that a shipped procedure names: checks
// and effects that let everything pass, facts that are 0. What a test needs for
// real it offers afterwards, which takes the place of these.
func Pass(cases *casework.Service) {
	pass := func(context.Context, *casework.Moment) error { return nil }
	nothing := func(context.Context, *casework.Moment) (any, error) { return int64(0), nil }
	procedures, _ := procedure.Load(catalog.Files, procedure.Names{}) // problems are refused when the catalogue is published
	for _, p := range procedures {
		for _, a := range p.Acts {
			for _, name := range a.Check {
				cases.RegisterCheck(name, pass)
			}
			for _, name := range a.Effect {
				cases.RegisterEffect(name, pass)
			}
			for _, d := range a.Decides {
				for _, from := range d.Facts {
					if p.Field(from) == nil {
						cases.RegisterFact(from, nothing)
					}
				}
			}
		}
	}
}
