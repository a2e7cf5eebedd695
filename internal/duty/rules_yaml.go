package duty

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is one YAML file, strictly read, that knows on which line what stands.
type document struct {
	file string
	root *yaml.Node
	bad  []Remark
}

var lineOf = regexp.MustCompile(`line (\d+): (.*)`)

// open reads the file into v; a key that v does not know is a remark.
func open(files fs.FS, name string, v any) *document {
	d := &document{file: name}
	raw, err := fs.ReadFile(files, name)
	if err == nil {
		err = d.decode(raw, v)
	}
	if err != nil {
		d.unreadable(err)
	}
	return d
}

func (d *document) decode(raw []byte, v any) error {
	var root yaml.Node
	if err := yaml.Unmarshal(raw, &root); err != nil {
		return err
	}
	d.root = &root
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// unreadable turns what the YAML reader says into remarks with their lines.
func (d *document) unreadable(err error) {
	said := strings.Split(err.Error(), "\n")
	for _, s := range said {
		if m := lineOf.FindStringSubmatch(s); m != nil {
			line, _ := strconv.Atoi(m[1])
			d.bad = append(d.bad, Remark{File: d.file, Line: line, Key: "duty.remark.unreadable", Args: map[string]any{"detail": m[2]}})
		}
	}
	if len(d.bad) == 0 {
		d.bad = append(d.bad, Remark{File: d.file, Line: 1, Key: "duty.remark.unreadable", Args: map[string]any{"detail": err.Error()}})
	}
}

// line finds the line of a value: keys of mappings and places in lists. Where the
// path ends early it is the line of the last that stands.
func (d *document) line(path ...any) int {
	if d.root == nil || len(d.root.Content) == 0 {
		return 1
	}
	node := d.root.Content[0]
	for _, step := range path {
		next := child(node, step)
		if next == nil {
			break
		}
		node = next
	}
	return node.Line
}

func child(node *yaml.Node, step any) *yaml.Node {
	switch step := step.(type) {
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return node.Content[step]
		}
	case string:
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i+1]
			}
		}
	}
	return nil
}

// say notes a remark at a line.
func (d *document) say(line int, column, what string, args ...any) {
	d.bad = append(d.bad, remark(d.file, line, column, what, args...))
}

func remark(file string, line int, column, what string, args ...any) Remark {
	r := Remark{File: file, Line: line, Column: column, Key: "duty.remark." + what}
	for i := 0; i+1 < len(args); i += 2 {
		if r.Args == nil {
			r.Args = map[string]any{}
		}
		r.Args[args[i].(string)] = args[i+1]
	}
	return r
}
