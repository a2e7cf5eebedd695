package web

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"text/template/parse"
)

// trees are the parsed templates of all pages in one name space, so that what the
// pages share (layout, components) is kept once and not once in each page. What a
// page defines is named by the page: "main" of request/report is
// "request/report:main". A tree knows no language: the functions give it one.
type trees struct {
	shared map[string]*parse.Tree            // layout and components
	pages  map[string]map[string]*parse.Tree // by page, then by the name within the page
	bad    map[string]error                  // pages that cannot be parsed; "layout": none can
}

// readTrees parses all templates. A page that cannot be parsed spoils only itself.
func readTrees(files fs.FS, funcs template.FuncMap) trees {
	all := trees{pages: map[string]map[string]*parse.Tree{}, bad: map[string]error{}}
	base, err := template.New("base").Funcs(funcs).ParseFS(files, "*.html", "component/*.html")
	if err != nil {
		all.bad["layout"] = err
		return all
	}
	all.shared = treesOf(base)
	names, _ := fs.Glob(files, "*/*.html") // the pattern is constant and well-formed
	for _, file := range names {
		name := strings.TrimSuffix(file, ".html")
		if path.Dir(name) == "component" {
			continue
		}
		page, err := template.New(file).Funcs(funcs).ParseFS(files, file)
		if err != nil {
			all.bad[name] = err
			continue
		}
		all.pages[name] = all.named(name, treesOf(page))
	}
	return all
}

func treesOf(t *template.Template) map[string]*parse.Tree {
	out := map[string]*parse.Tree{}
	for _, t := range t.Templates() {
		if t.Tree != nil {
			out[t.Name()] = t.Tree
		}
	}
	return out
}

// named gives what a page defines the page's own names, and the page a layout that
// calls them; where the page has a layout of its own, that one is used.
func (all trees) named(page string, own map[string]*parse.Tree) map[string]*parse.Tree {
	if own["layout"] == nil {
		own["layout"] = all.shared["layout"].Copy()
	}
	for _, tree := range own {
		rename(tree.Root, func(name string) string {
			if own[name] != nil {
				return inPage(page, name)
			}
			return name
		})
	}
	return own
}

func inPage(page, name string) string { return page + ":" + name }

// rename gives the templates that are called from a node other names.
func rename(n parse.Node, to func(string) string) {
	branch := func(b *parse.BranchNode) {
		rename(b.List, to)
		rename(b.ElseList, to)
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, inner := range n.Nodes {
			rename(inner, to)
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.TemplateNode:
		n.Name = to(n.Name)
	}
}

// bound gives the trees a language by its functions.
func (all trees) bound(funcs template.FuncMap) (*template.Template, error) {
	t := template.New("").Option("missingkey=zero").Funcs(funcs)
	for name, tree := range all.shared {
		if _, err := t.AddParseTree(name, tree.Copy()); err != nil {
			return nil, err
		}
	}
	for page, own := range all.pages {
		for name, tree := range own {
			if _, err := t.AddParseTree(inPage(page, name), tree.Copy()); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// checked names every page that cannot be used. Whether a value stands where it
// may be escaped is decided at the first run of a template, so each is run once.
func (all trees) checked(funcs template.FuncMap) error {
	var errs []error
	for _, err := range all.bad {
		errs = append(errs, err)
	}
	pages, err := all.bound(funcs)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for name := range all.pages {
		var wrong *template.Error // what the empty data lacks is no fault of the page
		if err := pages.ExecuteTemplate(io.Discard, inPage(name, "layout"), view{}); errors.As(err, &wrong) {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}
