package show

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/procedure"
	"linli/internal/request"
)

// overdueRequest is what a plan calls a request whose limit is over.
const overdueRequest = "overdue"

// filled are the values of a step, with the days that count from then and the
// numbers of the cases that it names.
func (f *Show) filled(ctx context.Context, s MatterStep, by identity.Actor, ids map[string]string) (map[string]any, error) {
	if len(s.Days)+len(s.Numbers) == 0 {
		return s.Values, nil
	}
	values := map[string]any{}
	maps.Copy(values, s.Values)
	for field, days := range s.Days {
		values[field] = (f.Clock.Now().Day() + clock.Day(days)).String()
	}
	for field, name := range s.Numbers {
		number, err := f.numberOf(ctx, by, name, ids)
		if err != nil {
			return nil, err
		}
		values[field] = number
	}
	return values, nil
}

// numberOf is the number of a case of the plan, or of the request that is overdue
// the longest of those that somebody may see.
func (f *Show) numberOf(ctx context.Context, by identity.Actor, name string, ids map[string]string) (string, error) {
	if name != overdueRequest {
		c, _, err := f.Cases.Seen(ctx, identity.SystemActor(), ids[name])
		if err != nil {
			return "", err
		}
		return c.Number, nil
	}
	rows, _, err := f.Cases.List(ctx, by, casework.Filter{Procedure: request.Procedure, Kind: procedure.Open, Due: "overdue", Limit: 20})
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(rows, func(r casework.Row) bool { return r.Unit != "" })
	if i < 0 {
		return "", fmt.Errorf("no request is overdue")
	}
	return rows[i].Number, nil
}
