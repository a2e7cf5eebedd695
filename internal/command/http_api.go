package command

import (
	"context"

	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// FiguresAnswer is what is going on in an area or unit.
type FiguresAnswer struct {
	Body struct {
		AsOf     string        `json:"as_of" doc:"The moment up to which is counted"`
		Received int           `json:"received_today"`
		Open     int           `json:"open"`
		Today    int           `json:"due_today" doc:"Due later today"`
		Overdue  int           `json:"overdue"`
		Decides  int           `json:"decisions" doc:"Wait for a decision"`
		Unplaced int           `json:"unplaced" doc:"Of these, the place is to be confirmed"`
		Areas    []FiguresPart `json:"areas" doc:"One step below"`
		Classes  []FiguresPart `json:"classes"`
		Rising   []FiguresRise `json:"rising"`
	}
}

// FiguresPart is the open cases of one area or class.
type FiguresPart struct {
	Key     string `json:"key"`
	Open    int    `json:"open"`
	Overdue int    `json:"overdue"`
}

// FiguresRise is a class of which more came than before.
type FiguresRise struct {
	Class string `json:"class"`
	Week  int    `json:"last_7_days"`
	Weeks int    `json:"four_weeks_before"`
}

func (e *edge) apiFigures(ctx context.Context, in *struct {
	Area string `query:"area" maxLength:"20" doc:"Code; without it and without unit what the caller's first post is over"`
	Unit string `query:"unit" maxLength:"64" doc:"Its cases and those of the units below it"`
}) (*FiguresAnswer, error) {
	a := identity.From(ctx)
	if !a.Known() {
		return nil, fault.New(fault.Forbidden, "httpx.sign_in")
	}
	sc, err := e.ScopeOf(ctx, a, in.Area, in.Unit)
	if err != nil {
		return nil, err
	}
	b, err := e.Board(ctx, a, sc, Filter{})
	if err != nil {
		return nil, err
	}
	out := &FiguresAnswer{}
	o, n := &out.Body, b.Total
	o.AsOf, o.Received, o.Open, o.Today, o.Overdue, o.Decides, o.Unplaced = b.State.AsOf.String(), n.Received, n.Open, n.Today, n.Overdue, n.Decides, n.Unplaced
	o.Areas, o.Classes, o.Rising = partsView(b.Areas), partsView(b.Classes), []FiguresRise{}
	for _, r := range b.Rises {
		o.Rising = append(o.Rising, FiguresRise(r))
	}
	return out, nil
}

func partsView(parts []Part) []FiguresPart {
	out := []FiguresPart{}
	for _, p := range parts {
		if p.Open > 0 {
			out = append(out, FiguresPart{p.Key, p.Open, p.Overdue})
		}
	}
	return out
}
