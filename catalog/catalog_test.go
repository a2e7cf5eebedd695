package catalog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"

	"linli/catalog"
	"linli/internal/kit/text"
)

func load(t *testing.T) *text.Book {
	t.Helper()
	b, err := text.Load(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Every language that must be complete has the same keys with the same
// placeholders as Chinese.
func TestLanguagesHaveTheSameKeys(t *testing.T) {
	b := load(t)
	first := b.Keys(text.Chinese)
	for _, lang := range text.Languages()[1:] {
		for _, key := range first {
			if !b.Has(lang, key) {
				t.Errorf("catalog/text/%s lacks %q", lang, key)
				continue
			}
			zh, other := b.Names(text.Chinese, key), b.Names(lang, key)
			if key != "text.day" && !slices.Equal(zh, other) {
				t.Errorf("%q has placeholders %v in %s and %v in %s", key, zh, text.Chinese, other, lang)
			}
		}
		for _, key := range b.Keys(lang) {
			if !b.Has(text.Chinese, key) {
				t.Errorf("catalog/text/%s lacks %q", text.Chinese, key)
			}
		}
	}
}

// Every key that a page or the Go code names has its words.
func TestEveryKeyThatIsUsedHasWords(t *testing.T) {
	b := load(t)
	used := map[string][]string{}
	pageKeys(t, "../web", used)
	sourceKeys(t, "..", used)
	if len(used) == 0 {
		t.Fatal("found no key in web/ or in the Go code: does the test look in the right place?")
	}
	var lines []string
	for key, places := range used {
		for _, lang := range text.Languages() {
			if !b.Has(lang, key) {
				lines = append(lines, places[0]+": catalog/text/"+lang+" lacks "+strconv.Quote(key))
			}
		}
	}
	slices.Sort(lines)
	for _, line := range lines {
		t.Error(line)
	}
}

// looksLikeKey leaves out what only a test or a log would write.
var looksLikeKey = regexp.MustCompile(`^[a-z][a-z0-9_-]*(\.[a-zA-Z0-9_-]+)*$`)

// sourceKeys finds fault.New(kind, "room.what"), text.Key("…") and Say(lang, "…")
// with a constant key in every Go file that is no test.
func sourceKeys(t *testing.T, root string, used map[string][]string) {
	t.Helper()
	files := token.NewFileSet()
	walk(t, root, ".go", func(name string, src []byte) {
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		tree, err := parser.ParseFile(files, name, src, parser.SkipObjectResolution)
		if err != nil {
			t.Logf("%s is not read: %v", name, err) // the compiler will say so better
			return
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			on, verb := called(call)
			key := ""
			switch {
			case on == "fault" && verb == "New" && len(call.Args) > 1:
				if key = constant(call.Args[1]); key != "" {
					key = "fault." + key
				}
			case on == "text" && verb == "Key" && len(call.Args) == 1:
				key = constant(call.Args[0])
			case verb == "Say" && len(call.Args) > 1:
				key = constant(call.Args[1])
			}
			if key != "" && looksLikeKey.MatchString(key) {
				used[key] = append(used[key], files.Position(call.Pos()).String())
			}
			return true
		})
	})
}

func called(call *ast.CallExpr) (on, verb string) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	if id, ok := sel.X.(*ast.Ident); ok {
		on = id.Name
	}
	return on, sel.Sel.Name
}

func constant(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

// pageKeys finds {{t "key" …}} in every template, also inside pipes and
// parentheses.
func pageKeys(t *testing.T, root string, used map[string][]string) {
	t.Helper()
	walk(t, root, ".html", func(name string, src []byte) {
		tree := parse.New(filepath.Base(name))
		tree.Mode = parse.SkipFuncCheck
		trees := map[string]*parse.Tree{}
		if _, err := tree.Parse(string(src), "", "", trees); err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		trees[""] = tree
		for _, tree := range trees {
			eachCommand(tree.Root, func(c *parse.CommandNode) {
				fn, ok := c.Args[0].(*parse.IdentifierNode)
				if !ok || fn.Ident != "t" || len(c.Args) < 2 {
					return
				}
				if key, ok := c.Args[1].(*parse.StringNode); ok {
					used[key.Text] = append(used[key.Text], name)
				}
			})
		}
	})
}

func eachCommand(n parse.Node, fn func(*parse.CommandNode)) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, each := range n.Nodes {
				eachCommand(each, fn)
			}
		}
	case *parse.ActionNode:
		eachCommand(n.Pipe, fn)
	case *parse.TemplateNode:
		eachCommand(n.Pipe, fn)
	case *parse.IfNode:
		eachBranch(&n.BranchNode, fn)
	case *parse.RangeNode:
		eachBranch(&n.BranchNode, fn)
	case *parse.WithNode:
		eachBranch(&n.BranchNode, fn)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				fn(c)
				for _, arg := range c.Args {
					eachCommand(arg, fn)
				}
			}
		}
	}
}

func eachBranch(n *parse.BranchNode, fn func(*parse.CommandNode)) {
	eachCommand(n.Pipe, fn)
	eachCommand(n.List, fn)
	eachCommand(n.ElseList, fn)
}

func walk(t *testing.T, root, ext string, fn func(name string, src []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != root || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(name) != ext {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fn(name, src)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
