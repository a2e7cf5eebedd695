package catalog_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"linli/catalog"
)

const glossaryFile = "../docs/glossary.md"

// term is one line of the glossary.
type term struct {
	english, chinese string
	not              []string // synonyms that the catalogue does not use
}

// glossary reads the tables: | English | Chinese | not used | meaning |.
func glossary(t *testing.T) []term {
	t.Helper()
	raw, err := os.ReadFile(glossaryFile)
	if err != nil {
		t.Fatal(err)
	}
	var out []term
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "| ") || len(cells) != 4 || strings.TrimSpace(cells[0]) == "English" {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if cells[0] == "" || cells[1] == "" || cells[3] == "" {
			t.Errorf("%s: an empty cell in %q", glossaryFile, strings.TrimSpace(line))
		}
		one := term{english: cells[0], chinese: cells[1]}
		if cells[2] != "" {
			one.not = strings.Split(cells[2], "、")
		}
		out = append(out, one)
	}
	if len(out) < 50 {
		t.Fatalf("only %d terms were read from %s: has its table another form?", len(out), glossaryFile)
	}
	return out
}

// One meaning, one word: no term stands twice, and nothing is both used for one
// meaning and refused for another.
func TestGlossaryAgreesWithItself(t *testing.T) {
	english, chinese := map[string]bool{}, map[string]string{}
	terms := glossary(t)
	for _, g := range terms {
		if english[g.english] {
			t.Errorf("%q stands twice", g.english)
		}
		if other, twice := chinese[g.chinese]; twice {
			t.Errorf("%q is the word for %q and for %q", g.chinese, other, g.english)
		}
		english[g.english], chinese[g.chinese] = true, g.english
	}
	for _, g := range terms {
		for _, no := range g.not {
			if other, used := chinese[no]; used {
				t.Errorf("%q is refused for %q and is the word for %q", no, g.english, other)
			}
		}
	}
}

// ownWords are parts of laws and lists that are quoted as they stand.
var ownWords = regexp.MustCompile(`复核\d|《[^》]*》`)

// The catalogue uses the glossary's words and not their synonyms. Classes and
// duty lists carry the words of residents, laws and counties and are left alone,
// but for what the program itself says at intake.
func TestCatalogueUsesOneWordForOneMeaning(t *testing.T) {
	terms := glossary(t)
	for _, pattern := range []string{"text/zh-CN/*.yaml", "procedure/*.yaml", "rights/posts.yaml", "class/intake.yaml"} {
		files, err := fs.Glob(catalog.Files, pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, name := range files {
			raw, err := fs.ReadFile(catalog.Files, name)
			if err != nil {
				t.Fatal(err)
			}
			refuse(t, name, string(raw), terms)
		}
	}
}

func refuse(t *testing.T, name, content string, terms []term) {
	t.Helper()
	number := 0
	for line := range strings.Lines(content) {
		number++
		if strings.Contains(line, "words: [") { // what residents write
			continue
		}
		line = ownWords.ReplaceAllString(line, "")
		for _, g := range terms {
			for _, no := range g.not {
				if strings.Contains(line, no) {
					t.Errorf("catalog/%s:%d: %q; the word for %s is %q (docs/glossary.md)", name, number, no, g.english, g.chinese)
				}
			}
		}
	}
}

// The states and acts of the procedures that are named in the glossary bear its
// words, not only none of the synonyms.
func TestProceduresBearTheWordsOfTheGlossary(t *testing.T) {
	word := map[string]string{}
	for _, g := range glossary(t) {
		word[g.english] = g.chinese
	}
	raw, err := fs.ReadFile(catalog.Files, "procedure/service-request.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for act, english := range map[string]string{
		"report": "", "dispatch": "dispatch", "accept": "accept", "send_back": "return", "dispute": "arbitration", "ask_extension": "extension",
		"ask_hold": "hold", "answer": "answer", "check_done": "check on the spot (verify)", "rate": "rate", "call_back": "call-back",
		"no_answer": "no answer", "reopen": "reopen", "urge": "urge", "withdraw": "withdraw",
	} {
		_, after, found := strings.Cut(string(raw), "\n  "+act+":\n    label: {zh: ")
		label, _, _ := strings.Cut(after, ", en: ")
		switch {
		case !found:
			t.Errorf("act %s has no label that the test can read", act)
		case english != "" && word[english] == "":
			t.Errorf("%s: docs/glossary.md has no %q", act, english)
		case !strings.Contains(label, word[english]):
			t.Errorf("act %s is called %q; the word for %s is %q", act, label, english, word[english])
		}
	}
}
