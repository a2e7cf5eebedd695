package internal

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
	"unicode"
)

// doors says which rooms a room may call, beside the kit, the catalogue, web
// and the commons below it. It is the table of docs/architecture.md; whoever
// changes one changes the other.
var doors = map[string][]string{
	"ledger":   {},
	"edition":  {"ledger"},
	"area":     {"ledger", "edition"},
	"identity": {"ledger", "edition", "area"},
	"law":      {"ledger", "edition", "area", "identity"},
	"duty":     {"ledger", "edition", "area", "identity"},
	// floor 2b: the machine, its definition below its running
	"procedure": {"ledger", "edition", "area", "identity", "law"},
	"casework":  {"ledger", "edition", "area", "identity", "law", "duty", "procedure"},
	"schedule":  {"ledger", "edition", "area", "identity", "procedure", "casework"},
	"ballot":    {"ledger", "edition", "area", "identity", "law", "procedure", "casework"},
	// floor 3: what the office does
	"request":      {"ledger", "edition", "area", "identity", "law", "duty", "procedure", "casework"},
	"desk":         {"ledger", "edition", "area", "identity", "law", "procedure", "casework"},
	"staff":        {"ledger", "edition", "area", "identity", "procedure", "casework"},
	"publicity":    {"ledger", "edition", "area", "identity", "duty", "procedure", "casework"},
	"disclosure":   {"ledger", "edition", "area", "identity", "law", "procedure", "casework", "schedule"},
	"home":         {"ledger", "edition", "area", "identity", "duty", "procedure", "casework"},
	"merging":      {"ledger", "edition", "area", "identity", "duty", "procedure", "casework"},
	"account":      {"ledger", "edition", "area", "identity", "procedure", "casework"},
	"finance":      {"ledger", "edition", "area", "identity", "law", "duty", "procedure", "casework"},
	"assets":       {"ledger", "edition", "area", "identity", "law", "duty", "procedure", "casework"},
	"selfrule":     {"ledger", "edition", "area", "identity", "law", "duty", "procedure", "casework"},
	"setup":        {"ledger", "edition", "area", "identity", "law", "duty"},
	"coordination": {"ledger", "edition", "area", "identity", "law", "duty", "procedure", "casework"},
	"deliberation": {"ledger", "edition", "area", "identity", "law", "procedure", "casework"},
	// floor 4: who reads the acts
	"search":     {"ledger", "edition", "area", "identity", "procedure", "casework"},
	"notice":     {"ledger", "edition", "area", "identity", "law", "procedure", "casework", "staff"},
	"command":    {"ledger", "edition", "area", "identity", "duty", "procedure", "casework"},
	"whistle":    {"ledger", "edition", "area", "identity", "duty", "procedure", "casework", "coordination"},
	"evaluation": {"ledger", "edition", "area", "identity", "duty", "procedure", "casework"},
	"app":        {"*"},
}

// Sizes: what functions and files aim at, and what they may never pass.
const (
	functionHard, functionAim = 100, 60
	fileHard, fileAim         = 600, 400
	roomHard                  = 5000
)

var furniture = regexp.MustCompile(`^(doc|(model|rules|service|store|http|jobs)(_[a-z0-9_]+)?)\.go$`)

// goFile is one parsed source file of the house.
type goFile struct {
	path, room, name string // path from the top of the module; room "kit/db", "casework", "web" …
	test             bool
	set              *token.FileSet
	tree             *ast.File
	lines            int
}

func sources(t *testing.T) []goFile {
	t.Helper()
	var out []goFile
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); n == "node_modules" || n == "testdata" || n == ".git" || n == "bin" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f := goFile{path: strings.TrimPrefix(filepath.ToSlash(path), "../"), name: d.Name(), test: strings.HasSuffix(path, "_test.go"), set: token.NewFileSet(),
			lines: written(raw)}
		f.room = strings.TrimPrefix(filepath.ToSlash(filepath.Dir(f.path)), "internal/")
		if f.tree, err = parser.ParseFile(f.set, path, raw, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return err
		}
		out = append(out, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 100 {
		t.Fatalf("only %d files were found: the test does not see the house", len(out))
	}
	return out
}

// written counts the lines that are not blank.
func written(raw []byte) (n int) {
	for line := range strings.Lines(string(raw)) {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	return n
}

func (f goFile) at(pos token.Pos) string {
	p := f.set.Position(pos)
	return f.path + ":" + strconv.Itoa(p.Line)
}

func TestDoors(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || strings.HasSuffix(f.room, "test") { // what tests share
			continue
		}
		for _, im := range f.tree.Imports {
			path, _ := strconv.Unquote(im.Path.Value)
			room, ours := strings.CutPrefix(path, "linli/internal/")
			if !ours {
				continue
			}
			switch {
			case strings.HasPrefix(f.room, "cmd/"):
			case strings.HasPrefix(f.room, "kit/"):
				if !strings.HasPrefix(room, "kit/") {
					t.Errorf("%s: the ground calls %s: no word of the domain belongs in the kit", f.at(im.Pos()), room)
				}
			case f.room == "web" || strings.HasPrefix(f.room, "catalog"):
				if !strings.HasPrefix(room, "kit/") {
					t.Errorf("%s: %s calls the room %s", f.at(im.Pos()), f.room, room)
				}
			case strings.HasPrefix(room, "kit/") || strings.HasPrefix(f.room, "app"):
			default:
				allowed, known := doors[f.room]
				if !known {
					t.Errorf("%s: the room %s stands in no table", f.path, f.room)
				} else if !slices.Contains(allowed, room) {
					t.Errorf("%s: %s has no door to %s", f.at(im.Pos()), f.room, room)
				}
			}
		}
	}
}

func TestFurniture(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || !strings.HasPrefix(f.path, "internal/") || strings.HasSuffix(f.room, "test") {
			continue
		}
		if !furniture.MatchString(f.name) {
			t.Errorf("%s: a room holds doc, model, rules, service, store, http, jobs and nothing else", f.path)
		}
	}
	for _, f := range sources(t) {
		for _, word := range []string{"util", "common", "helper", "manager"} {
			if strings.Contains(strings.ToLower(f.path), word) {
				t.Errorf("%s: %q names nothing", f.path, word)
			}
		}
		for _, d := range f.tree.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s: no init(): what is registered is registered on the roof", f.at(fn.Pos()))
			}
		}
	}
}

func TestSizes(t *testing.T) {
	rooms := map[string]int{}
	long, tall := 0, 0
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		rooms[f.room] += f.lines
		if f.lines > fileHard {
			t.Errorf("%s has %d lines; no file passes %d", f.path, f.lines, fileHard)
		}
		if f.lines > fileAim {
			tall++
		}
		for _, d := range f.tree.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			n := f.set.Position(fn.End()).Line - f.set.Position(fn.Pos()).Line + 1
			if n > functionHard {
				t.Errorf("%s: %s has %d lines; no function passes %d", f.at(fn.Pos()), fn.Name.Name, n, functionHard)
			}
			if n > functionAim {
				long++
			}
		}
	}
	for room, n := range rooms {
		if n > roomHard {
			t.Errorf("the room %s has %d lines; past %d it is split", room, n, roomHard)
		}
	}
	t.Logf("%d functions over %d lines, %d files over %d", long, functionAim, tall, fileAim)
}

var tableName = regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+([a-z]+)_[a-z_]+`)

// TestTables holds every room to its own tables: SQL in a room names tables
// that begin with the room's name, or the kit's.
func TestTables(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || !strings.HasPrefix(f.path, "internal/") || strings.HasSuffix(f.room, "test") {
			continue
		}
		own := f.room
		if strings.HasPrefix(own, "kit/") {
			own = "kit"
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			s, err := strconv.Unquote(lit.Value)
			if err != nil {
				return true
			}
			for _, m := range tableName.FindAllStringSubmatch(s, -1) {
				if _, isRoom := doors[m[1]]; isRoom && m[1] != own {
					t.Errorf("%s: %s touches a table of %s", f.at(lit.Pos()), f.room, m[1])
				}
			}
			return true
		})
	}
}

// TestWords: every word that a person reads stands in the catalogue.
func TestWords(t *testing.T) {
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if ok && (lit.Kind == token.STRING || lit.Kind == token.CHAR) && strings.ContainsFunc(lit.Value, func(r rune) bool { return unicode.Is(unicode.Han, r) }) && !strings.HasPrefix(f.path, "cmd/linli-bench") {
				t.Errorf("%s: a Han literal in Go: its place is the catalogue", f.at(lit.Pos()))
			}
			return true
		})
	}
}

// mostBranches is how many places may ask which database this is.
const mostBranches = 10

func TestBranches(t *testing.T) {
	var found []string
	for _, f := range sources(t) {
		if f.test || strings.HasSuffix(f.room, "test") {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if ok && (sel.Sel.Name == "Postgres" || sel.Sel.Name == "postgres") {
				found = append(found, f.at(sel.Pos()))
			}
			return true
		})
	}
	if len(found) > mostBranches {
		t.Errorf("%d places ask which database this is; %d may: %s", len(found), mostBranches, strings.Join(found, ", "))
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || strings.HasPrefix(f.path, "cmd/") {
			continue
		}
		for _, d := range f.tree.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", f.at(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					ts, ok := spec.(*ast.TypeSpec)
					if ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil && ts.Comment == nil {
						t.Errorf("%s: %s has no comment", f.at(ts.Pos()), ts.Name.Name)
					}
				}
			}
		}
	}
}

// exportedReceiver leaves out methods of types nobody outside can name, which
// only fulfil an interface.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	x := d.Recv.List[0].Type
	if star, ok := x.(*ast.StarExpr); ok {
		x = star.X
	}
	if index, ok := x.(*ast.IndexExpr); ok {
		x = index.X
	}
	id, ok := x.(*ast.Ident)
	return ok && id.IsExported()
}
