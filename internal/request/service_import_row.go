package request

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// order turns a row into an opening.
func (run *importing) order(ctx context.Context, row record) (order, error) {
	sum := sha256.Sum256([]byte(strings.Join(row.row, "\x1f")))
	o := order{line: row.line, sum: hex.EncodeToString(sum[:])}
	number := row.get(run.m.Number)
	if run.m.none(number) {
		return o, fault.New(fault.Invalid, "request.import_number").At(run.m.Number)
	}
	o.number = run.m.Prefix + number
	if first, twice := run.seen[o.number]; twice {
		return o, fault.New(fault.Invalid, "request.import_twice", "number", o.number, "line", first)
	}
	run.seen[o.number] = row.line
	said := row.get(run.m.Time.Column)
	at, err := time.ParseInLocation(run.m.Time.Layout, said, run.zone)
	if err != nil || clock.At(at) > run.now || clock.At(at) <= 0 {
		return o, fault.New(fault.Invalid, "request.import_time", "value", clip(said, 40)).At(run.m.Time.Column)
	}
	values := map[string]any{"channel": "import"}
	if err := run.fillOrder(ctx, row, values, &o); err != nil {
		return o, err
	}
	o.opening = casework.Opening{Procedure: Procedure, Act: "import", Values: values, Imported: true, Number: o.number, Recorded: clock.At(at)}
	return o, nil
}

func (run *importing) fillOrder(ctx context.Context, row record, values map[string]any, o *order) error {
	class, err := run.value(row, run.m.Class, "request.import_class", func(id string) bool { _, ok := run.classes.Class(id); return ok })
	if err != nil {
		return err
	}
	unit, err := run.value(row, run.m.Unit, "request.import_unit", func(id string) bool { return run.units[id] })
	if err != nil {
		return err
	}
	at, err := run.area(ctx, row)
	if err != nil {
		return err
	}
	o.note = at.note
	for name, v := range map[string]string{"class": class, "lead": unit} {
		if v != "" {
			values[name] = v
		}
	}
	if at.code != "" {
		values["place"] = map[string]any{"area": at.code}
	}
	title := ""
	for _, column := range run.m.Title {
		if v := row.get(column); !run.m.none(v) {
			title = v
			break
		}
	}
	if k, ok := run.classes.Class(class); ok && title == "" {
		title = k.Title.In("zh")
	}
	if title != "" {
		values["subject"] = clip(title, 60)
	}
	for _, v := range run.m.Verdict {
		if row.get(v.Column) == v.Equals {
			values["verdict"] = clip(v.Say, 100)
			break
		}
	}
	var kept []string
	for _, column := range run.m.Keep {
		if v := row.get(column); !run.m.none(v) {
			kept = append(kept, column+"="+v)
		}
	}
	values["source"] = clip(strings.Join(append([]string{run.m.Source}, kept...), "; "), 400)
	return nil
}

// value maps a column to an id that is known.
func (run *importing) value(row record, m valueMap, key string, known func(string) bool) (string, error) {
	raw := row.get(m.Column)
	if m.Column == "" || run.m.none(raw) {
		if m.Need {
			return "", fault.New(fault.Invalid, key, "value", raw).At(m.Column)
		}
		return "", nil
	}
	id, mapped := m.Values[raw]
	if !mapped {
		id = m.Prefix + raw
	}
	if !known(id) {
		return "", fault.New(fault.Invalid, key, "value", clip(raw, 40)).At(m.Column)
	}
	return id, nil
}

// area finds the area of a row: by code, else by names from the larger to the
// smaller. A smaller one that is not found leaves the larger, with a remark.
func (run *importing) area(ctx context.Context, row record) (foundArea, error) {
	m := run.m.Area
	key := row.get(m.Column)
	if code, mapped := m.Values[key]; mapped {
		key = code
	} else if run.m.none(key) {
		key = ""
	}
	var names []string
	if key == "" {
		for _, column := range m.Names {
			if v := row.get(column); !run.m.none(v) {
				names = append(names, v)
			}
		}
	}
	cache := key + "\x1f" + strings.Join(names, "\x1f")
	if found, known := run.areas[cache]; known {
		return found, run.need(found, names)
	}
	found, err := run.findArea(ctx, key, names)
	if err != nil {
		return found, err
	}
	run.areas[cache] = found
	return found, run.need(found, names)
}

func (run *importing) need(found foundArea, names []string) error {
	if run.m.Area.Need && (found.code == "" || found.note != nil || len(names) == 0 && run.m.Area.Column == "") {
		return fault.New(fault.Invalid, "request.import_area", "value", strings.Join(names, " "))
	}
	return nil
}

func (run *importing) findArea(ctx context.Context, code string, names []string) (foundArea, error) {
	if code != "" {
		_, err := run.Areas.Get(ctx, code)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
			return foundArea{}, fault.New(fault.Invalid, "request.import_area", "value", clip(code, 40))
		}
		return foundArea{code: code}, err
	}
	at := run.m.Area.Under
	if at == "" {
		at = run.root
	}
	for _, name := range names {
		children, err := run.Areas.Children(ctx, at)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return foundArea{}, err
		}
		next := byName(children, name)
		if next == "" {
			return foundArea{code: at, note: fault.New(fault.Invalid, "request.import_area", "value", clip(name, 40))}, nil
		}
		at = next
	}
	return foundArea{code: at}, nil
}

// byName finds the area that bears a name, or the only one whose name begins
// with it: tables write out more of a community's name than people do.
func byName(areas []area.Area, name string) string {
	found := ""
	for _, a := range areas {
		if a.Name == name {
			return a.Code
		}
		if strings.HasPrefix(a.Name, name) {
			if found != "" {
				return ""
			}
			found = a.Code
		}
	}
	return found
}
