package evaluation

import (
	"slices"
	"strconv"

	"linli/web"
)

const (
	mostSeries = 4
	mostBars   = 12
)

// charts draw the rows: over months a line of counts and one of shares, else bars
// of what came in. Only indicators that the catalogue marks are drawn.
func (d *drawing) charts(indicators []Indicator, rows []Row, f Filter, by By) (out []web.Chart) {
	var counts, shares []Indicator
	for _, i := range indicators {
		switch {
		case !i.Chart:
		case i.Rate() && len(shares) < mostSeries:
			shares = append(shares, i)
		case !i.Rate() && len(counts) < mostSeries:
			counts = append(counts, i)
		}
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return by == ByMonth && (r.Key == Earlier || r.Key == Later) })
	if by == ByMonth {
		slices.Reverse(rows) // from left to right
		if len(rows) < 2 {
			return nil
		}
		return append(out, d.chart("counts", web.Line, counts, rows, f, by), d.chart("shares", web.Line, shares, rows, f, by))
	}
	if len(rows) < 2 || len(counts) == 0 {
		return nil
	}
	return append(out, d.chart("counts", web.Bars, counts[:1], rows[:min(len(rows), mostBars)], f, by))
}

func (d *drawing) chart(id string, kind web.ChartKind, list []Indicator, rows []Row, f Filter, by By) web.Chart {
	c := web.Chart{ID: "chart-" + id, Kind: kind, Title: d.say("chart." + id), Head: d.say("row." + string(by))}
	if kind == web.Bars {
		c.Title = list[0].Words().In(d.lang)
	}
	if id == "shares" {
		c.Unit, c.Most = "%", 100
	}
	for _, row := range rows {
		label := d.rowName(by, row.Key, f)
		if month, err := strconv.Atoi(row.Key); err == nil && by == ByMonth { // several stand side by side on a phone
			label = d.say("month_tick", "year", month/100%100, "month", month%100)
		}
		c.Labels, c.Links = append(c.Labels, label), append(c.Links, d.deeper(f, by, row.Key))
	}
	for _, i := range list {
		s := web.Series{Name: i.Words().In(d.lang)}
		for _, row := range rows {
			s.Points = append(s.Points, d.point(i, row.Sums[i.ID]))
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// point is one figure of a chart: a share of few cases is none.
func (d *drawing) point(i Indicator, s Sum) web.Point {
	switch {
	case !i.Rate():
		return web.Point{Value: float64(s.N), Said: strconv.FormatInt(s.N, 10)}
	case s.Of < d.list.Fewest:
		return web.Point{None: true}
	}
	return web.Point{Value: float64(s.N) * 100 / float64(s.Of), Said: Percent(s) + " (" + fraction(s) + ")"}
}
