package search_test

import (
	"slices"
	"strings"
	"testing"

	"linli/internal/search"
)

func TestTokensBeginWithEveryCharacter(t *testing.T) {
	for in, want := range map[string]string{
		"路灯":      "路灯 灯",
		"路灯，灯光":   "路灯 灯光 光",
		"路灯，光":    "路灯 灯 光",
		"A区3号楼":   "a 区 3 号楼 楼",
		"":        "",
		"GB/T 12": "gb t 12",
	} {
		if got := search.Tokens(in); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: %v", in, got)
		}
	}
	if got := search.Tokens(strings.Repeat("a", 5000)); len(got) != 1 || len(got[0]) != 64 {
		t.Error(len(got))
	}
}

func plain(list []search.Piece) string {
	var b strings.Builder
	for _, p := range list {
		if p.Hit {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestMark(t *testing.T) {
	for _, c := range []struct {
		in    string
		terms []string
		want  string
	}{
		{"路灯不亮", []string{"路灯"}, "[路灯]不亮"},
		{"ＫＴＶ 噪音", []string{"ktv"}, "[ＫＴＶ] 噪音"},
		{"backlamp lamps", []string{"lamp"}, "backlamp [lamp]s"},
		{"路灯灯", []string{"路灯", "灯灯"}, "[路灯灯]"},
		{"", []string{"路"}, ""},
		{"<b>路灯</b>", []string{"路灯"}, "<b>[路灯]</b>"},
		{"㎡路灯", []string{"路灯"}, "㎡[路灯]"},
	} {
		if got := plain(search.Mark(c.in, c.terms)); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
	long := strings.Repeat("前", 100) + "路灯" + strings.Repeat("后", 200)
	got := plain(search.Excerpt(long, []string{"路灯"}))
	if !strings.HasPrefix(got, "…前") || !strings.Contains(got, "[路灯]后") || !strings.HasSuffix(got, "后…") || len([]rune(got)) > 130 {
		t.Error(got)
	}
	if search.Excerpt("无关", []string{"路灯"}) != nil {
		t.Error("an excerpt without a hit")
	}
}
