package request

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// ImportedClasses is the file of the catalogue that ImportClasses makes.
const ImportedClasses = "class/imported.yaml"

// ClassMap says how the columns of a table of classes are read, the widest level
// first.
type ClassMap struct {
	ID     string       `yaml:"id"` // of the group that holds them all
	Zh     string       `yaml:"zh"`
	En     string       `yaml:"en"`
	Levels []classLevel `yaml:"levels"`
}

type classLevel struct {
	ID     string `yaml:"id"`   // column
	Name   string `yaml:"name"` // column
	Prefix string `yaml:"prefix"`
}

// UnitMap says how the columns of a table of units are read; parent, kind and
// area are the same for all of them.
type UnitMap struct {
	ID     string `yaml:"id"`
	Name   string `yaml:"name"`
	Prefix string `yaml:"prefix"`
	Parent string `yaml:"parent"`
	Kind   string `yaml:"kind"`
	Area   string `yaml:"area"`
}

// ParseLists reads the map of classes or units. Fault: Invalid request.import_map.
func ParseLists[T ClassMap | UnitMap](raw []byte) (T, error) {
	var m T
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil {
		return m, fault.New(fault.Invalid, "request.import_map", "detail", err.Error())
	}
	return m, nil
}

// importedClass is a class as the file of the catalogue writes it.
type importedClass struct {
	ID      string           `yaml:"id"`
	Zh      string           `yaml:"zh"`
	En      string           `yaml:"en"`
	Words   []string         `yaml:"words,omitempty"`
	Classes []*importedClass `yaml:"classes,omitempty"`
}

// ImportClasses makes a table of classes the file class/imported.yaml of the
// catalogue and publishes it as an edition in the name of by. One id with two
// names keeps the first as its title and the other among its words. The same
// table twice publishes nothing. Faults: Forbidden, those of ParseMap and of
// edition.Publish.
func (s *Service) ImportClasses(ctx context.Context, by identity.Actor, m ClassMap, table io.Reader, reason string) (ImportReport, error) {
	var report ImportReport
	if by.Kind != identity.System && !by.Has("administrator") {
		return report, fault.New(fault.Forbidden, "request.import_right")
	}
	if m.ID == "" || m.Zh == "" || m.En == "" || len(m.Levels) == 0 {
		return report, fault.New(fault.Invalid, "request.import_map", "detail", "id, zh, en, levels")
	}
	root, err := readClasses(m, table, &report)
	if err != nil {
		return report, err
	}
	raw, err := yaml.Marshal(root)
	if err != nil {
		return report, err
	}
	person := by.Person
	if person == "" {
		person = edition.System
	}
	_, err = s.Editions.Publish(ctx, map[string][]byte{ImportedClasses: raw}, person, reason)
	var f *fault.Fault
	if errors.As(err, &f) && f.Key == "edition.nothing_changed" {
		report.Same, report.Added = report.Added, 0
		return report, nil
	}
	return report, err
}

func readClasses(m ClassMap, raw io.Reader, report *ImportReport) (*importedClass, error) {
	var need []string
	for _, l := range m.Levels {
		need = append(need, l.ID, l.Name)
	}
	t, err := openTable(raw, need)
	if err != nil {
		return nil, err
	}
	root := &importedClass{ID: m.ID, Zh: m.Zh, En: m.En}
	byID := map[string]*importedClass{}
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		report.Read++
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				return nil, err
			}
			report.refuse(row.line, "", err)
			continue
		}
		if !addClass(m, root, byID, row) {
			report.refuse(row.line, "", fault.New(fault.Invalid, "request.import_class", "value", clip(strings.Join(row.row, ","), 60)))
			continue
		}
		report.Added++
	}
}

// addClass puts one row into the tree.
func addClass(m ClassMap, root *importedClass, byID map[string]*importedClass, row record) bool {
	at := root
	for _, l := range m.Levels {
		id, name := row.get(l.ID), row.get(l.Name)
		if id == "" || name == "" || strings.Trim(strings.ToLower(id), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
		id = strings.ToLower(l.Prefix + id)
		k := byID[id]
		if k == nil {
			k = &importedClass{ID: id, Zh: name, En: name, Words: []string{name}}
			byID[id] = k
			at.Classes = append(at.Classes, k)
		} else if !slices.Contains(k.Words, name) {
			k.Words = append(k.Words, name)
		}
		at = k
	}
	return true
}

// ImportUnits takes in a table of units below one parent. An id that comes again
// with another name keeps the first. Faults: those of identity.ImportUnits.
func (s *Service) ImportUnits(ctx context.Context, by identity.Actor, m UnitMap, raw io.Reader) (identity.Report, error) {
	t, err := openTable(raw, []string{m.ID, m.Name})
	if err != nil {
		return identity.Report{}, err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write([]string{"id", "parent", "name", "kind", "area"}) // to memory
	seen := map[string]bool{}
	var bad []identity.BadRow
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				return identity.Report{}, err
			}
			bad = append(bad, identity.BadRow{Line: row.line, Fault: fault.Of(err)})
			continue
		}
		id := row.get(m.ID)
		if id == "" || id == "-" || seen[id] {
			continue
		}
		seen[id] = true
		_ = w.Write([]string{m.Prefix + id, m.Parent, row.get(m.Name), m.Kind, m.Area}) // to memory
	}
	w.Flush()
	report, err := s.People.ImportUnits(ctx, by, &out)
	report.Bad = append(report.Bad, bad...)
	return report, err
}
