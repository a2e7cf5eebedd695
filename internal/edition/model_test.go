package edition

import (
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"linli/internal/kit/fault"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

func memoryOf(t testing.TB, files map[string]string) *memory {
	t.Helper()
	raw, hash := map[string][]byte{}, map[string]string{}
	for name, s := range files {
		raw[name], hash[name] = []byte(s), hashOf([]byte(s))
	}
	m, err := newMemory(raw, hash)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMemoryIsAFileSystem(t *testing.T) {
	m := memoryOf(t, map[string]string{"text/en/a.yaml": "a: b", "text/zh-CN/a.yaml": "", "duty/list.csv": "x", "top.txt": "t"})
	if err := fstest.TestFS(m, "text/en/a.yaml", "text/zh-CN/a.yaml", "duty/list.csv", "top.txt"); err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(memoryOf(t, nil)); err != nil {
		t.Fatal(err)
	}
	got, err := m.ReadFile("top.txt")
	if err != nil {
		t.Fatal(err)
	}
	got[0] = 'x'
	if again, _ := m.ReadFile("top.txt"); string(again) != "t" {
		t.Error("a reader changed the edition")
	}
	if _, err := newMemory(map[string][]byte{"a": nil, "a/b": nil}, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("file and folder: %v", err)
	}
}

func TestOverlay(t *testing.T) {
	base := fstest.MapFS{"law/a.yaml": {Data: []byte("base")}, "law/b.yaml": {Data: []byte("base")}, "text/en/x.yaml": {Data: []byte("base")}, "file": {Data: []byte("base")}, "folder/in": {Data: []byte("base")}}
	top := fstest.MapFS{"law/b.yaml": {Data: []byte("county")}, "law/c.yaml": {Data: []byte("county")}, "duty/d.csv": {Data: []byte("county")}, "file/now/folder": {Data: []byte("county")}, "folder": {Data: []byte("county")}}
	o := Overlay(base, top)
	if err := fstest.TestFS(o, "law/a.yaml", "law/b.yaml", "law/c.yaml", "duty/d.csv", "text/en/x.yaml", "file/now/folder", "folder"); err != nil {
		t.Fatal(err)
	}
	files, err := gather(o)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, raw := range files {
		got[name] = string(raw)
	}
	want := map[string]string{"law/a.yaml": "base", "law/b.yaml": "county", "law/c.yaml": "county", "duty/d.csv": "county", "text/en/x.yaml": "base", "file/now/folder": "county", "folder": "county"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

func TestGatherLeavesRubbishOutAndRefusesMonsters(t *testing.T) {
	files, err := gather(fstest.MapFS{"law/a.yaml": {}, "law/.a.yaml.swp": {}, "law/a.yaml~": {}, ".git/config": {}, "dev/x": {Mode: fs.ModeDevice}})
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	if _, err := gather(fstest.MapFS{"a": {Data: make([]byte, MostBytes+1)}}); fault.Of(err).Key != "edition.too_large" {
		t.Errorf("%v", err)
	}
	if _, err := gather(fstest.MapFS{"a\nb": {}}); fault.Of(err).Key != "edition.bad_path" {
		t.Errorf("%v", err)
	}
}

func TestBadPaths(t *testing.T) {
	for _, p := range []string{"", ".", "..", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".env", "law/.x", "law/x~", `law\x`, "law/x\n", "law/\xff", strings.Repeat("a", 241)} {
		if validPath(p) == nil {
			t.Errorf("taken: %q", p)
		}
	}
	for _, p := range []string{"law/a.yaml", "text/zh-CN/网格.yaml", "x"} {
		if err := validPath(p); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
}

// The hash is what sha256sum prints, hashed: recomputed here by
// printf 'a' | sha256sum; printf ” | sha256sum; and once more over both lines.
func TestHashIsFrozen(t *testing.T) {
	m := memoryOf(t, map[string]string{"law/a.yaml": "a", "duty/b.csv": ""})
	if got := hashAll(m.hash); got != "c03a4d4071fcb4b226f91232d0507a9c6d59ac878a15cd7aaf4577984eddbbb2" {
		t.Errorf("%s", got)
	}
}

func TestDifferenceLeadsFromOneToTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"a", "b", "c", "d", ""})
		a := rapid.SliceOfN(word, 0, 30).Draw(t, "a")
		b := rapid.SliceOfN(word, 0, 30).Draw(t, "b")
		var before, after []string
		edits := 0
		for _, l := range compare(a, b) {
			if l.Op != '+' {
				if before = append(before, l.Text); l.Old != len(before) {
					t.Fatalf("old number %d at %d", l.Old, len(before))
				}
			}
			if l.Op != '-' {
				if after = append(after, l.Text); l.New != len(after) {
					t.Fatalf("new number %d at %d", l.New, len(after))
				}
			}
			if l.Op != ' ' {
				edits++
			}
		}
		if !cmp.Equal(strings.Join(before, "\n"), strings.Join(a, "\n")) || !cmp.Equal(strings.Join(after, "\n"), strings.Join(b, "\n")) {
			t.Fatalf("%q %q", before, after)
		}
		if want := len(a) + len(b) - 2*common(a, b); edits != want {
			t.Fatalf("%d edits, %d do", edits, want)
		}
	})
}

// common is the length of the longest common subsequence, the slow sure way.
func common(a, b []string) int {
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0
		for j := range b {
			up := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diagonal = up
		}
	}
	return row[len(b)]
}

func TestHunks(t *testing.T) {
	var a, b []string
	for i := range 40 {
		s := strings.Repeat("x", i)
		a, b = append(a, s), append(b, s)
	}
	b[5], b[9], b[30] = "five", "nine", "thirty"
	got := hunks([]byte(strings.Join(a, "\n")+"\n"), []byte(strings.Join(b, "\n")+"\n"))
	if len(got) != 2 || got[0][0].Old != 3 || len(got[0]) != 13 || got[1][0].Old != 28 || len(got[1]) != 8 {
		t.Fatalf("%d hunks: %+v", len(got), got)
	}
	if got := hunks(nil, []byte("a\n")); len(got) != 1 || got[0][0] != (Line{'+', 0, 1, "a"}) {
		t.Fatalf("%+v", got)
	}
	big := hunks([]byte(strings.Repeat("a\n", 3000)), []byte(strings.Repeat("b\n", 3000)))
	if len(big) != 1 || len(big[0]) != 6000 || big[0][0].Op != '-' || big[0][5999].Op != '+' {
		t.Fatal("a wholly new file is taken out and put in")
	}
}
