package paper

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var at = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func example(foot string) *Doc {
	d := New(Options{Title: "网格公示牌", Author: "邻里", Lang: "zh-CN", Foot: foot, At: at})
	d.Text("城南街道新华社区第三网格", Look{Points: 26, Bold: true, Centre: true})
	d.Text("您身边的事，扫码就能说。半分钟，不用注册，也不用下载。", Look{Centre: true})
	d.Code("https://linli.example/report?grid=320703001001003", 80, "扫一扫，反映问题")
	d.Facts([]Fact{{"网格员", "王网格"}, {"投诉电话", "0518-00000000"}})
	d.Heading("清单")
	d.Table(Table{Columns: []Column{{Head: "事项", Share: 3}, {Head: "件数", Share: 1, Right: true}},
		Rows: [][]string{{"路灯不亮，整条街都是黑的，老人晚上出门怕摔跤。", "12"}, {"垃圾没有清运", "3"}}})
	d.Boxes("渠道", []string{"来电", "来访", "纸质来件"})
	d.Blank("说说什么事", 4)
	d.Rule()
	return d
}

func set(t testing.TB, d *Doc) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := d.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSameInputSameBytes(t *testing.T) {
	one, two := set(t, example("脚注")), set(t, example("脚注"))
	if !bytes.HasPrefix(one, []byte("%PDF-1.")) || !bytes.Equal(one, two) {
		t.Errorf("%d and %d bytes differ", len(one), len(two))
	}
	if len(one) > 200_000 {
		t.Errorf("%d bytes: the file carries more than the characters it uses", len(one))
	}
}

func TestWhateverComesAPageComes(t *testing.T) {
	hostile := "😀🏽‍👩 \x00\x1b[31m\u202e(反)\\) Tj ET 𠮷 " + strings.Repeat("长", 5000) + strings.Repeat("a", 3000) + "\xff\xfe"
	d := New(Options{Title: hostile, Author: hostile, Foot: hostile, At: at})
	d.Text(hostile, Look{Bold: true})
	d.Heading(hostile)
	d.Facts([]Fact{{hostile, hostile}})
	d.Boxes(hostile, []string{hostile, "", hostile})
	d.Blank(hostile, 3)
	if out := set(t, d); !bytes.HasPrefix(out, []byte("%PDF")) {
		t.Error("no PDF")
	}
	d = New(Options{At: at})
	d.Code(strings.Repeat("x", 5000), 40, "")
	if err := d.Write(&bytes.Buffer{}); err == nil {
		t.Error("a QR code of 5,000 letters was drawn")
	}
}

func TestClean(t *testing.T) {
	has := func(r rune) bool { return r < 0x3000 || r == '中' }
	for in, want := range map[string]string{"a\x00b\tc": "ab c", "中国": "中□", "x\u200b\ufe0fy": "xy", "\xff": "□", "1\n2": "1\n2"} {
		if got := clean(in, has); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	one := func(r rune) float64 {
		if wide(r) {
			return 2
		}
		return 1
	}
	for in, want := range map[string]string{
		"路灯不亮":        "路灯|不亮",
		"路灯，不亮":       "路|灯，|不亮",
		"（路灯）亮":       "（路|灯）|亮",
		"ab cd ef":    "ab|cd|ef",
		"abcdefghij":  "abcd|efgh|ij",
		"亮abc":        "亮|abc",
		"":            "",
		"一\n二":        "一|二",
		"a  b  c  de": "a  b|c|de",
	} {
		if got := strings.Join(wrap(in, 4, one), "|"); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("ab 中文，。（）-"))).Draw(t, "text")
		lines := wrap(s, 6, one)
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if squeeze(strings.Join(lines, "")) != squeeze(s) {
			t.Fatalf("%q lost something: %q", s, lines)
		}
		for _, l := range lines {
			w := 0.0
			for _, r := range l {
				w += one(r)
			}
			if w > 6 {
				t.Fatalf("%q: line %q is too wide", s, l)
			}
		}
	})
}

func TestLongTableTurnsPages(t *testing.T) {
	d := New(Options{At: at, Size: A3, Landscape: true})
	table := Table{Columns: []Column{{Head: "号", Share: 1}, {Head: "内容", Share: 5}}}
	for i := range 200 {
		table.Rows = append(table.Rows, []string{fmt.Sprint(i), strings.Repeat("内容很长", 40)})
	}
	d.Table(table)
	if n := d.pdf.PageNo(); n < 3 {
		t.Errorf("%d pages", n)
	}
	set(t, d)
}

func BenchmarkPoster(b *testing.B) {
	for b.Loop() {
		set(b, example(""))
	}
}
