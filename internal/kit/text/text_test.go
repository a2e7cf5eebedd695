package text_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

func book(t *testing.T) *text.Book {
	t.Helper()
	b, err := text.Load(fstest.MapFS{
		"text/zh-CN/a.yaml":  {Data: []byte("a.hello: \"您好，{name}！\"\na.only: 只有中文\ntext.list_separator: 、\ntext.day: \"{y}年{m}月{d}日\"\ntext.moment: \"{day} {time}\"\ntext.month.7: 7月\ntext.days: \"{n}天\"\ntext.hours: \"{n}小时\"\ntext.minutes: \"{n}分钟\"\ntext.span_separator: \"\"\n")},
		"text/en/a.yaml":     {Data: []byte("a.hello: \"Hello {name}!\"\ntext.list_separator: \", \"\ntext.day: \"{d} {month} {y}\"\ntext.moment: \"{day}, {time}\"\ntext.month.7: July\ntext.days: \"{n} d\"\ntext.hours: \"{n} h\"\ntext.minutes: \"{n} min\"\ntext.span_separator: \" \"\n")},
		"text/en/empty.yaml": {Data: []byte("# nothing yet\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSay(t *testing.T) {
	b := book(t)
	day := clock.Date(2026, 7, 3)
	for _, c := range []struct {
		lang, key string
		args      map[string]any
		want      string
	}{
		{"zh-CN", "a.hello", map[string]any{"name": "王"}, "您好，王！"},
		{"en", "a.hello", map[string]any{"name": 7}, "Hello 7!"},
		{"en", "a.hello", nil, "Hello {name}!"},
		{"en", "a.hello", map[string]any{"name": "{name}"}, "Hello {name}!"},
		{"en", "a.only", nil, "只有中文"},
		{"fr", "a.only", nil, "只有中文"},
		{"en", "a.none", nil, "a.none"},
		{"en", "a.hello", map[string]any{"name": day}, "Hello 3 July 2026!"},
		{"zh-CN", "a.hello", map[string]any{"name": day.Start().Add(9*3600e9 + 5*60e9)}, "您好，2026年7月3日 09:05！"},
		{"zh-CN", "a.hello", map[string]any{"name": []string{"一", "二"}}, "您好，一、二！"},
		{"en", "a.hello", map[string]any{"name": text.Key("text.month.7")}, "Hello July!"},
		{"en", "a.hello", map[string]any{"name": text.Words{"zh": "街道", "en": "street"}}, "Hello street!"},
		{"zh-CN", "a.hello", map[string]any{"name": text.Words{"zh": "街道", "en": "street"}}, "您好，街道！"},
	} {
		if got := b.Say(c.lang, c.key, c.args); got != c.want {
			t.Errorf("%s %s %v: %q, want %q", c.lang, c.key, c.args, got, c.want)
		}
	}
	if n, which := b.Missing(); n != 3 || which["en a.none"] != 1 {
		t.Errorf("missing: %d %v", n, which)
	}
	if got := b.Span("zh-CN", 1440*2+61); got != "2天1小时" {
		t.Errorf("span: %q", got)
	}
	if got := b.Span("en", 0); got != "0 min" {
		t.Errorf("span: %q", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"same key in two files": {"text/en/a.yaml": {Data: []byte("k: a")}, "text/en/b.yaml": {Data: []byte("k: b")}},
		"same key in one file":  {"text/en/a.yaml": {Data: []byte("k: a\nk: b")}},
		"nested":                {"text/en/a.yaml": {Data: []byte("k: {a: b}")}},
		"no yaml":               {"text/en/a.yaml": {Data: []byte("\t:")}},
	} {
		if _, err := text.Load(files); err == nil || !strings.Contains(err.Error(), "text/en/") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMatch(t *testing.T) {
	for accept, want := range map[string]string{
		"": "zh-CN", "en-GB,en;q=0.9": "en", "zh-TW": "zh-CN", "fr": "zh-CN", "zh;q=0.5, en;q=0.8": "en",
		"en;q=0, zh": "zh-CN", ";;;,,": "zh-CN", "fr, en;q=0.1": "en",
	} {
		if got := text.Match(text.Languages(), accept); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct {
		in, want, key string
		max           int
	}{
		{"  路灯不亮 \r\n第二行\t", "路灯不亮 \n第二行", "", 0},
		{"e\u0301", "é", "", 1},
		{"路灯不亮", "", "text.too_long", 3},
		{"路灯不", "路灯不", "", 3},
		{"a\x00b", "", "text.control", 9},
		{"a\x1bb", "", "text.control", 9},
		{"a\u0085b", "", "text.control", 9},
		{"a\u202egpj.exe", "", "text.control", 99},
		{"\xff\xfe", "", "text.not_utf8", 9},
		{"\ufeffa", "a", "", 9},
		{"a\rb", "", "text.control", 9},
		{"👨‍👩‍👧", "👨‍👩‍👧", "", 9},
	} {
		got, err := text.Clean(c.in, c.max)
		switch {
		case c.key == "" && (err != nil || got != c.want):
			t.Errorf("%q: %q %v", c.in, got, err)
		case c.key != "" && (err == nil || fault.Of(err).Key != c.key || fault.Of(err).Kind != fault.Invalid):
			t.Errorf("%q: %q %v", c.in, got, err)
		}
	}
}

func TestCleanHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		got, err := text.Clean(s, 20)
		if err != nil {
			return
		}
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 20 {
			t.Fatalf("%q", got)
		}
		if again, err := text.Clean(got, 20); err != nil || again != got {
			t.Fatalf("not stable: %q then %q %v", got, again, err)
		}
	})
}

func TestBigrams(t *testing.T) {
	for in, want := range map[string][]string{
		"路灯不亮":           {"路灯", "灯不", "不亮"},
		"路":              {"路"},
		"Ａｂｃ３号楼，WIFI坏了！": {"abc3", "号楼", "wifi", "坏了"},
		"":               nil,
		"  。 ":           nil,
		"0518-12345":     {"0518", "12345"},
		"路灯 路灯":          {"路灯", "路灯"},
		"㐀𠀀":             {"㐀𠀀"},
	} {
		if got := text.Bigrams(in); !cmp.Equal(got, want) {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestBigramsFindEverySubstring(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runes := rapid.SliceOfN(rapid.SampledFrom([]rune("路灯不亮了坏")), 2, 20).Draw(t, "runes")
		from := rapid.IntRange(0, len(runes)-2).Draw(t, "from")
		to := rapid.IntRange(from+2, len(runes)).Draw(t, "to")
		whole := text.Bigrams(string(runes))
		for _, g := range text.Bigrams(string(runes[from:to])) {
			if !slices.Contains(whole, g) {
				t.Fatalf("%q not in %q", g, whole)
			}
		}
	})
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"ＡＢＣ　Street ": "abc street", "幸福 社区": "幸福社区", "第 3 网格": "第3网格", "a  b\n c": "a b c",
	} {
		if got := text.Fold(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func FuzzBigrams(f *testing.F) {
	f.Add("路灯abc\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for _, g := range text.Bigrams(s) {
			if g == "" || !utf8.ValidString(g) {
				t.Fatalf("%q", g)
			}
		}
	})
}
