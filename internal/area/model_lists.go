package area

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"

	"linli/internal/kit/text"
)

// ListsFile is where the catalogue says how files about areas are read.
const ListsFile = "area/area.yaml"

// Lists say how files about areas are read: by which words columns, properties
// and kinds of grid are known, and how long a grid's code is.
type Lists struct {
	GridCodeDigits int                   `yaml:"grid_code_digits"`
	GridKinds      map[GridKind][]string `yaml:"grid_kinds"`
	Division       columnsOfDivision     `yaml:"division"`
	Nested         []columnsOfLevel      `yaml:"nested"`
	Grid           columnsOfGrid         `yaml:"grid"`
	Place          columnsOfPlace        `yaml:"place"`
	Road           columnsOfRoad         `yaml:"road"`
	RoadClasses    map[string][]string   `yaml:"road_classes"`
}

type columnsOfDivision struct {
	Code   []string `yaml:"code"`
	Name   []string `yaml:"name"`
	NameEn []string `yaml:"name_en"`
	Parent []string `yaml:"parent"`
}

type columnsOfLevel struct {
	Code []string `yaml:"code"`
	Name []string `yaml:"name"`
}

type columnsOfGrid struct {
	Code      []string `yaml:"code"`
	Community []string `yaml:"community"`
	Name      []string `yaml:"name"`
	NameEn    []string `yaml:"name_en"`
	Kind      []string `yaml:"kind"`
	Phone     []string `yaml:"phone"`
}

type columnsOfPlace struct {
	ID    []string `yaml:"id"`
	Name  []string `yaml:"name"`
	Lon   []string `yaml:"lon"`
	Lat   []string `yaml:"lat"`
	Datum []string `yaml:"datum"`
	Area  []string `yaml:"area"`
}

type columnsOfRoad struct {
	ID    []string `yaml:"id"`
	Name  []string `yaml:"name"`
	Class []string `yaml:"class"`
}

// ReadLists reads area/area.yaml of a catalogue and refuses unknown keys, a
// kind that the house does not know, and a code length that cannot be.
func ReadLists(files fs.FS) (Lists, error) {
	var l Lists
	raw, err := fs.ReadFile(files, ListsFile)
	if err != nil {
		return l, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&l); err != nil {
		return l, fmt.Errorf("%s: %w", ListsFile, err)
	}
	if l.GridCodeDigits < 13 || l.GridCodeDigits > mostDigits {
		return l, fmt.Errorf("%s: grid_code_digits must lie between 13 and %d, is %d", ListsFile, mostDigits, l.GridCodeDigits)
	}
	for kind := range l.GridKinds {
		if !slices.Contains([]GridKind{General, Special, Micro}, kind) {
			return l, fmt.Errorf("%s: unknown kind of grid %q", ListsFile, kind)
		}
	}
	for class := range l.RoadClasses {
		if !slices.Contains(roadClasses, class) {
			return l, fmt.Errorf("%s: unknown class of road %q", ListsFile, class)
		}
	}
	if len(l.Division.Code) == 0 || len(l.Division.Name) == 0 || len(l.Grid.Name) == 0 ||
		len(l.Place.Name) == 0 || len(l.Place.Lon) == 0 || len(l.Place.Lat) == 0 {
		return l, fmt.Errorf("%s: code and name of divisions, name of grids, name, lon and lat of places must be listed", ListsFile)
	}
	return l, nil
}

// gridKind finds the kind that a file's word names; a missing word is General.
func (l Lists) gridKind(word string) (GridKind, bool) {
	word = text.Fold(word)
	if word == "" {
		return General, true
	}
	for kind, words := range l.GridKinds {
		if known(words, word) {
			return kind, true
		}
	}
	return "", false
}

// roadClass finds the class that a file's word names; a missing word is a street.
func (l Lists) roadClass(word string) (string, bool) {
	word = text.Fold(word)
	if word == "" {
		return "street", true
	}
	for class, words := range l.RoadClasses {
		if known(words, word) {
			return class, true
		}
	}
	return "", false
}

// known reports whether the folded word is one of words.
func known(words []string, folded string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return text.Fold(w) == folded })
}
