package identity

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"go.yaml.in/yaml/v3"

	"linli/internal/edition"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// The files of the catalogue that this room reads.
const (
	PostsFile = "rights/posts.yaml"
	ViewsFile = "rights/views.yaml"
)

// Kinds of post the room itself relies on; the others are names to it.
const (
	Administrator = "administrator" // keeps units, people and posts of its subtree
	Auditor       = "auditor"       // reads the read log of its subtree
)

// PostKind is one kind of post.
type PostKind struct {
	ID       string
	Name     text.Words
	For      text.Words
	OverArea bool // without an area given, it is over its unit's area
	Alone    bool // cannot be lent to a deputy
	Second   bool // asks for the second factor
}

// Rights is what the catalogue says about rights.
type Rights struct {
	Kinds []PostKind            // in the order of the file
	Views map[string][]Relation // by what is seen; "case" is always there
}

// Kind finds a kind of post.
func (r Rights) Kind(id string) (PostKind, bool) {
	for _, k := range r.Kinds {
		if k.ID == id {
			return k, true
		}
	}
	return PostKind{}, false
}

// LoadRights reads both files and refuses what the rooms could not keep: an
// unknown key, a kind without its words, a relation that cannot be read, a kind
// of post in a view that does not exist. An error names file and line.
func LoadRights(files fs.FS) (Rights, error) {
	kinds, err := Kinds(files)
	if err != nil {
		return Rights{}, err
	}
	r := Rights{Kinds: kinds}
	r.Views, err = views(files, func(id string) bool { _, ok := r.Kind(id); return ok })
	return r, err
}

// Kinds reads the kinds of post.
func Kinds(files fs.FS) ([]PostKind, error) {
	doc, err := mapping(files, PostsFile)
	if err != nil {
		return nil, err
	}
	var out []PostKind
	seen := map[string]bool{}
	for i := 0; i+1 < len(doc.Content); i += 2 {
		name, body := doc.Content[i], doc.Content[i+1]
		var raw struct {
			Zh       string            `yaml:"zh"`
			En       string            `yaml:"en"`
			OverArea bool              `yaml:"over_area"`
			Alone    bool              `yaml:"no_deputy"`
			Second   bool              `yaml:"second_factor"`
			For      map[string]string `yaml:"for"`
		}
		if err := strict(body, &raw); err != nil {
			return nil, wrong(PostsFile, body.Line, err.Error())
		}
		switch {
		case !relationWord.MatchString(name.Value) || name.Value == anyPost:
			return nil, wrong(PostsFile, name.Line, fmt.Sprintf("%q cannot be a kind of post", name.Value))
		case seen[name.Value]:
			return nil, wrong(PostsFile, name.Line, fmt.Sprintf("%q stands twice", name.Value))
		case raw.Zh == "" || raw.En == "" || raw.For["zh"] == "" || raw.For["en"] == "":
			return nil, wrong(PostsFile, name.Line, fmt.Sprintf("%q lacks its name or what it is for, in zh or en", name.Value))
		}
		seen[name.Value] = true
		out = append(out, PostKind{ID: name.Value, Name: text.Words{"zh": raw.Zh, "en": raw.En}, For: raw.For, OverArea: raw.OverArea, Alone: raw.Alone, Second: raw.Second})
	}
	for _, need := range []string{Administrator, Auditor} {
		if !seen[need] {
			return nil, wrong(PostsFile, 1, fmt.Sprintf("the kind %q is missing; the house needs it", need))
		}
	}
	return out, nil
}

// Views reads who may see what by default.
func Views(files fs.FS) (map[string][]Relation, error) {
	r, err := LoadRights(files)
	return r.Views, err
}

func views(files fs.FS, known func(kind string) bool) (map[string][]Relation, error) {
	doc, err := mapping(files, ViewsFile)
	if err != nil {
		return nil, err
	}
	out := map[string][]Relation{}
	for i := 0; i+1 < len(doc.Content); i += 2 {
		name, body := doc.Content[i], doc.Content[i+1]
		if body.Kind != yaml.SequenceNode {
			return nil, wrong(ViewsFile, body.Line, "a list of relations belongs here")
		}
		for _, item := range body.Content {
			rel, err := ParseRelation(item.Value)
			if err != nil || item.Kind != yaml.ScalarNode {
				return nil, wrong(ViewsFile, item.Line, fmt.Sprintf("%q is no relation", item.Value))
			}
			if kind := rel.PostKind(); kind != "" && !known(kind) {
				return nil, wrong(ViewsFile, item.Line, fmt.Sprintf("there is no kind of post %q", kind))
			}
			out[name.Value] = append(out[name.Value], rel)
		}
	}
	if len(out["case"]) == 0 {
		return nil, wrong(ViewsFile, 1, `"case" is missing`)
	}
	return out, nil
}

// mapping reads a YAML file whose top is a mapping.
func mapping(files fs.FS, name string) (*yaml.Node, error) {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, wrong(name, 1, "cannot be read: "+err.Error())
	}
	var doc yaml.Node
	err = yaml.NewDecoder(bytes.NewReader(raw)).Decode(&doc)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, wrong(name, 1, err.Error())
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, wrong(name, 1, "names with what belongs to them are expected")
	}
	return doc.Content[0], nil
}

// strict decodes a node and refuses keys that out does not have.
func strict(node *yaml.Node, out any) error {
	raw, err := yaml.Marshal(node)
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	return dec.Decode(out)
}

// wrong is a fault of a catalogue file; "file", "line" and "text" are its
// arguments, so that a checker can name the place.
func wrong(file string, line int, what string) error {
	return fault.New(fault.Invalid, "identity.rights_file", "file", file, "line", line, "text", what)
}

// CheckFiles checks both files of a catalogue, for editions; the roof registers
// it (edition.Service.OnCheck).
func CheckFiles(files fs.FS) []edition.Problem {
	_, err := LoadRights(files)
	if err == nil {
		return nil
	}
	p := edition.Problem{Text: err.Error()}
	if f := fault.Of(err); f.Key == "identity.rights_file" {
		p.File, _ = f.Args["file"].(string)
		p.Line, _ = f.Args["line"].(int)
		p.Text, _ = f.Args["text"].(string)
	}
	return []edition.Problem{p}
}
