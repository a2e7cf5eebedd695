package procedure

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"linli/catalog"
)

// The documents in docs/ are held to the tables and the procedures. After a
// change: LINLI_UPDATE=1 go test ./internal/procedure -run Documents
const docs = "../../docs/"

func golden(t *testing.T, name, want string) {
	t.Helper()
	if os.Getenv("LINLI_UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(docs+name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(docs+name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docs + name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/%s is not what the program says; see the head of this test", name)
	}
}

func TestDocumentsSchema(t *testing.T) { golden(t, "procedure.schema.json", string(Schema())) }

// TestDocumentsKeys holds both halves of docs/procedure.md to the key tables:
// the English one word for word, the Chinese one key by key.
func TestDocumentsKeys(t *testing.T) {
	raw, err := os.ReadFile(docs + "procedure.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, table := range tables {
		var b strings.Builder
		b.WriteString("\n| key | type | must | what it says |\n|---|---|---|---|\n")
		for _, k := range table.Keys {
			must := ""
			if k.Must {
				must = "yes"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Name, k.Type, must, strings.ReplaceAll(k.Text, "|", "\\|"))
		}
		text = between(t, text, "en "+table.Name, b.String())
		zh := cut(t, text, "zh "+table.Name)
		var named []string
		for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(zh, -1) {
			named = append(named, m[1])
		}
		var keys []string
		for _, k := range table.Keys {
			keys = append(keys, k.Name)
		}
		if !slices.Equal(named, keys) {
			t.Errorf("the Chinese table of %s names %v, the program reads %v", table.Name, named, keys)
		}
	}
	for _, kind := range FieldTypes {
		if strings.Count(text, "`"+kind+"`") < 2 {
			t.Errorf("the field type %s is not explained in both languages", kind)
		}
	}
	golden(t, "procedure.md", text)
}

func marks(name string) (string, string) {
	return "<!-- " + name + " -->", "<!-- /" + name + " -->"
}

func cut(t *testing.T, text, name string) string {
	t.Helper()
	from, to := marks(name)
	_, rest, ok := strings.Cut(text, from)
	inside, _, also := strings.Cut(rest, to)
	if !ok || !also {
		t.Fatalf("docs/procedure.md lacks the marks of %q", name)
	}
	return inside
}

func between(t *testing.T, text, name, inside string) string {
	t.Helper()
	from, to := marks(name)
	return strings.Replace(text, from+cut(t, text, name)+to, from+inside+to, 1)
}

// TestDocumentsProcedures draws every procedure that comes with the program.
func TestDocumentsProcedures(t *testing.T) {
	all, _ := Load(catalog.Files, Names{})
	var index strings.Builder
	index.WriteString("# 流程图 Procedures drawn\n\n这些页由程序画出，见 [procedure.md](../procedure.md)。These pages are drawn by the program.\n\n")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := all[name]
		fmt.Fprintf(&index, "- [%s %s](%s.md)\n", p.Title["zh"], p.Title["en"], name)
		golden(t, "procedures/"+name+".md", drawnPage(p))
	}
	golden(t, "procedures/README.md", index.String())
	found, err := filepath.Glob(docs + "procedures/*.md")
	if err != nil || len(found) != len(all)+1 {
		t.Errorf("docs/procedures holds %d pages for %d procedures: %v", len(found), len(all), err)
	}
}

func drawnPage(p *Procedure) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s\n\n", p.Title["zh"], p.Title["en"])
	if p.About["zh"] != "" {
		fmt.Fprintf(&b, "%s %s\n\n", p.About["zh"], p.About["en"])
	}
	if p.Norm != "" {
		fmt.Fprintf(&b, "依据 Basis: %s\n\n", p.Norm)
	}
	fmt.Fprintf(&b, "`catalog/procedure/%s.yaml`\n\n```mermaid\n%s```\n\n```mermaid\n%s```\n\n", p.Name, Draw(p, "zh-CN"), Draw(p, "en"))
	b.WriteString("## 动作 Acts\n\n| 动作 act | 从 from | 到 to | 谁 who | 不能是做过 not by | 依据 norm |\n|---|---|---|---|---|---|\n")
	for _, a := range p.Acts {
		var who []string
		for _, r := range a.Who {
			who = append(who, r.String())
		}
		if a.Clock {
			who = append(who, "clock")
		}
		if a.Child {
			who = append(who, "child")
		}
		if a.Leader {
			who = append(who, "leader")
		}
		fmt.Fprintf(&b, "| %s %s `%s` | %s | %s | %s | %s | %s |\n", a.Words["zh"], a.Words["en"], a.Name, strings.Join(a.From, ", "), a.To,
			strings.Join(who, "; "), strings.Join(a.NotBy, ", "), a.Norm)
	}
	if len(p.Clocks) > 0 {
		b.WriteString("\n## 计时 Clocks\n\n| 计时 clock | 多久 length | 从 from | 到 until | 暂停 pause | 依据 norm |\n|---|---|---|---|---|---|\n")
		for _, k := range p.Clocks {
			length := k.Length.String()
			if k.Value != "" {
				length = "value " + k.Value
			}
			fmt.Fprintf(&b, "| %s %s `%s` | %s %s | %s | %s | %s | %s |\n", k.Words["zh"], k.Words["en"], k.Name, k.Kind, length,
				strings.Join(k.From, ", "), strings.Join(k.Until, ", "), strings.Join(k.Pause, ", "), k.Norm)
		}
	}
	return b.String()
}
