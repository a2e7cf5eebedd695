package procedure

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestCheckerOfFollowing feeds procedures whose cases follow each other, as a
// county might get them wrong.
func TestCheckerOfFollowing(t *testing.T) {
	const good = `procedure: p
title: {zh: 甲, en: A}
form:
  leading: {type: case, label: {zh: 主, en: L}}
  news: {type: text, label: {zh: 讯, en: N}}
  phone: {type: phone, sealed: true, purpose: {zh: 用, en: use}, label: {zh: 话, en: P}}
states:
  a: {zh: 甲, en: A}
  j: {zh: 并, en: J, kind: waiting}
  z: {zh: 终, en: Z, kind: final}
acts:
  open: {label: {zh: 开, en: Open}, to: a, who: anyone, may_fill: [news, phone]}
  end: {label: {zh: 终, en: End}, from: [a], to: z, who: area as clerk, passes_on: {act: ended, with: {news: news}}}
  join: {label: {zh: 并, en: Join}, from: [a], to: j, who: area as clerk, fill: leading, follows: {case: leading, in: [a]}, holder: leader}
  leave: {label: {zh: 离, en: Leave}, from: [j], to: a, who: area as clerk, unfollows: true, tells: leader}
  ended: {label: {zh: 随, en: Ended}, from: [j], to: z, who: leader, may_fill: news, unfollows: true}
`
	names := Names{Posts: []string{"clerk"}}
	check := func(file string) string {
		_, problems := Load(fstest.MapFS{"procedure/p.yaml": {Data: []byte(file)}}, names)
		var out []string
		for _, p := range problems {
			out = append(out, p.String())
		}
		return strings.Join(out, "\n")
	}
	if said := check(good); said != "" {
		t.Fatalf("a good file: %s", said)
	}
	for name, c := range map[string]struct{ old, now, want string }{
		"a follower is left behind":         {", passes_on: {act: ended, with: {news: news}}", "", "must pass on an act that unfollows"},
		"it is told and goes on following":  {"may_fill: news, unfollows: true", "may_fill: news", "must pass on an act that unfollows"},
		"a leading case in no such state":   {"in: [a]", "in: [b]", "has no state"},
		"the field is no case":              {"type: case", "type: text", "no field of type case"},
		"the field is not asked for":        {"fill: leading, follows", "may_fill: leading, follows", "fill must ask for leading"},
		"nobody is passed anything":         {"act: ended", "act: nothing", "no act of p that a leading case may do"},
		"passed to what people do":          {"who: leader", "who: area as clerk", "no act of p that a leading case may do"},
		"a telephone for everybody":         {"{news: news}", "{news: phone}", "not sealed"},
		"a state in which nothing reaches":  {"ended: {label: {zh: 随, en: Ended}, from: [j]", "ended: {label: {zh: 随, en: Ended}, from: [a]", "does not begin"},
		"an unknown procedure":              {"in: [a]}", "in: [a], of: q}", "unknown procedure"},
		"quiet":                             {"unfollows: true, tells: leader", "unfollows: true, tells: leader, quiet: true", "cannot be quiet"},
		"kept from a quiet act":             {"acts:\n", "acts:\n  say: {label: {zh: 说, en: Say}, from: [a], who: area as clerk, not_by: say, quiet: true}\n", "not_by names the quiet act"},
		"counted aloud":                     {"tells: leader}", "tells: leader, counted: true}", "it must be quiet"},
		"an unknown key":                    {"in: [a]", "within: [a]", "unknown key"},
		"what it asks for is not passed on": {"may_fill: news, unfollows", "fill: phone, unfollows", "with gives no phone"},
	} {
		changed := strings.Replace(good, c.old, c.now, 1)
		if changed == good {
			t.Fatalf("%s: nothing was changed", name)
		}
		if said := check(changed); !strings.Contains(said, c.want) {
			t.Errorf("%s: want %q, got %q", name, c.want, said)
		}
	}
}
