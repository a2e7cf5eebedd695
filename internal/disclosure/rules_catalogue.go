package disclosure

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"linli/catalog"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/internal/schedule"

	"go.yaml.in/yaml/v3"
)

// catalogueFiles is where the catalogue stands.
const catalogueFiles = "disclosure/*.yaml"

// reading reads the files and notes every problem with its line.
type reading struct {
	file     string
	out      *Catalogue
	problems []edition.Problem
}

func (r *reading) bad(line int, format string, args ...any) {
	r.problems = append(r.problems, edition.Problem{File: r.file, Line: line, Text: fmt.Sprintf(format, args...)})
}

// fileKeys and itemKeys are all keys that a file and an item may have.
var (
	fileKeys = []string{"column", "for", "items"}
	itemKeys = []string{"zh", "en", "what", "every", "within", "stands", "by", "norm", "verified", "persons", "term", "audience", "procedure"}
)

// read reads all files of the catalogue.
func read(files fs.FS) (*Catalogue, []edition.Problem) {
	r := &reading{out: &Catalogue{byID: map[string]Item{}}}
	found, err := fs.Glob(files, catalogueFiles)
	if err != nil {
		r.bad(0, "%v", err)
	}
	for _, file := range found {
		r.file = file
		raw, err := fs.ReadFile(files, file)
		if err != nil {
			r.bad(0, "%v", err)
			continue
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(raw, &doc); err != nil || len(doc.Content) == 0 {
			r.bad(1, "the file is no YAML: %v", err)
			continue
		}
		r.takeFile(doc.Content[0])
	}
	return r.out, r.problems
}

// pairs gives the keys of a mapping in the order of the file; unknown ones are
// refused where known is given.
func (r *reading) pairs(n *yaml.Node, known []string, take func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.bad(n.Line, "expected keys with values")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case seen[k.Value]:
			r.bad(k.Line, "%q stands twice", k.Value)
		case known != nil && !slices.Contains(known, k.Value):
			r.bad(k.Line, "unknown key %q", k.Value)
		default:
			take(k, n.Content[i+1])
		}
		seen[k.Value] = true
	}
}

func (r *reading) takeFile(top *yaml.Node) {
	var column string
	var levels []string
	var items *yaml.Node
	r.pairs(top, fileKeys, func(k, v *yaml.Node) {
		switch k.Value {
		case "column":
			column = v.Value
			if !slices.Contains(Columns, column) {
				r.bad(k.Line, "column is %s, not %q", strings.Join(Columns, ", "), column)
			}
		case "for":
			for _, c := range v.Content {
				levels = append(levels, c.Value)
			}
			if len(levels) == 0 || slices.ContainsFunc(levels, func(l string) bool { return l != "village" && l != "community" }) {
				r.bad(k.Line, "for is a list of village and community")
			}
		case "items":
			items = v
		}
	})
	if column == "" || items == nil || len(levels) == 0 {
		r.bad(1, "%s needs column, for and items", path.Base(r.file))
		return
	}
	r.pairs(items, nil, func(k, v *yaml.Node) {
		if i, ok := r.item(k, v); ok {
			i.Column, i.For, i.file, i.line = column, levels, r.file, k.Line
			if other, taken := r.out.byID[i.ID]; taken {
				r.bad(k.Line, "%q stands in %s as well", i.ID, other.file)
				return
			}
			r.out.Items, r.out.byID[i.ID] = append(r.out.Items, i), i
		}
	})
}

func (r *reading) item(key, v *yaml.Node) (Item, bool) {
	i := Item{ID: key.Value, Audience: Public, Procedure: Procedure}
	if !procedure.IDPattern.MatchString(i.ID) || len(i.ID) > 48 {
		r.bad(key.Line, "%q is no name: small letters, digits and -", i.ID)
		return i, false
	}
	before := len(r.problems)
	length := func(v *yaml.Node) procedure.Length {
		l, err := procedure.ParseLength(v.Value)
		if err != nil {
			r.bad(v.Line, "%v", err)
		}
		return l
	}
	zh, en := "", ""
	r.pairs(v, itemKeys, func(k, v *yaml.Node) {
		switch k.Value {
		case "zh":
			zh = v.Value
		case "en":
			en = v.Value
		case "what":
			if err := v.Decode(&i.What); err != nil {
				r.bad(k.Line, "what has zh and en")
			}
		case "every":
			i.Every = v.Value
		case "within":
			i.Within = length(v)
		case "stands":
			i.Stands = length(v)
		case "term":
			i.Term = length(v)
		case "by":
			i.By = v.Value
		case "norm":
			i.Norm = v.Value
		case "verified":
			i.Verified = v.Value
		case "persons":
			i.Persons = v.Value == "true"
		case "audience":
			i.Audience = v.Value
		case "procedure":
			i.Procedure = v.Value
		}
	})
	i.Words = text.Words{"zh": zh, "en": en}
	r.judge(key.Line, i)
	return i, len(r.problems) == before
}

// judge holds one item against what every item must say.
func (r *reading) judge(line int, i Item) {
	must := func(ok bool, format string, args ...any) {
		if !ok {
			r.bad(line, i.ID+": "+format, args...)
		}
	}
	must(i.Words["zh"] != "" && i.Words["en"] != "", "needs zh and en")
	must(len([]rune(i.Words["zh"])) <= 80, "its name is longer than 80 characters")
	must(i.Norm != "", "needs the norm with its article")
	must(slices.Contains([]string{"V", "P", "M"}, i.Verified), "verified is V, P or M")
	must(!i.Periodic() || slices.Contains(procedure.Everies, procedure.Every(i.Every)), "every is week, month, quarter, year, once or stages, not %q", i.Every)
	must(i.By != "", "needs by, the kind of post that drafts it")
	must(i.Within.N > 0, "needs within")
	must(i.Procedure == Procedure || !i.Periodic() || i.Within.Unit == "day" && i.Every != string(procedure.Week), "another procedure publishes it: within is in days, and every is month, quarter or year")
	must(i.Stands.Unit == "day" && i.Stands.N >= floor, "stands %d days or more", floor)
	must(slices.Contains([]string{Public, Members}, i.Audience), "audience is public or members")
	must(!i.Persons || i.Term.Unit == "day" && i.Term.N >= i.Stands.N, "a list of persons needs a term in days, not shorter than it stands")
	must(i.Persons || i.Term.N == 0, "only a list of persons has a term")
}

// CheckFiles finds what is wrong with the catalogue of disclosure: in itself,
// against the posts and procedures there are, and against the program's own, of
// which a county may only ask more.
func CheckFiles(files fs.FS) []edition.Problem {
	c, problems := read(files)
	kinds, err := identity.Kinds(files)
	if err != nil {
		return problems // named by its own checker
	}
	procedures, _ := procedure.Load(files, procedure.Names{})
	for _, i := range c.Items {
		bad := func(format string, args ...any) {
			problems = append(problems, edition.Problem{File: i.file, Line: i.line, Text: i.ID + ": " + fmt.Sprintf(format, args...)})
		}
		if !slices.ContainsFunc(kinds, func(k identity.PostKind) bool { return k.ID == i.By }) {
			bad("unknown kind of post %q", i.By)
		}
		if procedures[i.Procedure] == nil {
			bad("unknown procedure %q", i.Procedure)
		}
	}
	seed, _ := read(catalog.Files)
	return append(problems, tightened(seed, c)...)
}

// tightened holds a county's catalogue against the program's own.
func tightened(seed, local *Catalogue) (problems []edition.Problem) {
	rank := func(every string) int {
		return slices.Index([]string{"week", "month", "quarter", "year"}, every)
	}
	for _, must := range seed.Items {
		i, there := local.byID[must.ID]
		if !there {
			problems = append(problems, edition.Problem{File: must.file, Text: fmt.Sprintf("%s must be published (%s) and cannot be left out", must.ID, must.Norm)})
			continue
		}
		bad := func(what string) {
			problems = append(problems, edition.Problem{File: i.file, Line: i.line, Text: fmt.Sprintf("%s: %s (%s)", i.ID, what, must.Norm)})
		}
		if i.Column != must.Column || i.Procedure != must.Procedure {
			bad("column and procedure stay")
		}
		if slices.ContainsFunc(must.For, func(l string) bool { return !slices.Contains(i.For, l) }) {
			bad("it is for no fewer areas")
		}
		if must.Periodic() && (!i.Periodic() || rank(i.Every) > rank(must.Every)) || !must.Periodic() && i.Every != must.Every {
			bad("it is published no less often than every " + must.Every)
		}
		if i.Within.Unit != must.Within.Unit || i.Within.N > must.Within.N {
			bad("within may only become shorter than " + must.Within.String())
		}
		if i.Stands.N < must.Stands.N {
			bad("it stands no shorter than " + must.Stands.String())
		}
		if must.Persons && !i.Persons || must.Persons && i.Term.N > must.Term.N {
			bad("a list of persons comes down no later than after " + must.Term.String())
		}
		if must.Audience == Public && i.Audience != Public {
			bad("it is public")
		}
	}
	return problems
}

// load makes the catalogue of an edition; its problems were refused before.
func load(files fs.FS) (*Catalogue, error) {
	c, _ := read(files)
	return c, nil
}

// Plan gives the schedules the items that fall due by themselves.
func Plan(files fs.FS) ([]schedule.Line, error) {
	c, problems := read(files)
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s", problems[0])
	}
	var out []schedule.Line
	for _, i := range c.Items {
		if i.Periodic() {
			out = append(out, schedule.Line{Name: i.ID, Every: procedure.Every(i.Every), For: i.For, Watch: i.Procedure != Procedure})
		}
	}
	return out, nil
}
