package desk_test

import (
	"strings"
	"testing"

	"linli/internal/casework"
	"linli/internal/desk"
	"linli/internal/identity"
)

func TestWhatStandsBesideACase(t *testing.T) {
	s := newSite(t, desk.Doors{})
	s.cases.RegisterEffect("coordination.note", addressed)
	got := s.open(identity.Actor{Kind: identity.Anyone}, "service-request", "report", map[string]any{"words": "路灯不亮", "place": map[string]any{"words": "街口", "area": "999901001201"}})
	s.links[got.Case] = s.link(got)
	path := "/cases/" + got.Case
	page := s.page("chief", path)
	to := "/new/leader-note/write?case=" + got.Number
	if !strings.Contains(page, to) || strings.Contains(page, "关于本件的办件") {
		t.Fatalf("who may write a note is not led there: %s", plain(page))
	}
	form := s.page("chief", to+"&words=%E6%9C%AA%E5%A1%AB&_key=1")
	if !strings.Contains(form, `value="`+got.Number+`"`) || strings.Contains(form, "未填") {
		t.Fatal("an address fills in the case it is about, and nothing else")
	}
	note := must(s.cases.Open(ctx, s.who["chief"], casework.Opening{Procedure: "leader-note", Act: "write", Values: map[string]any{"case": got.Number, "words": "请尽快"}}))
	if page = s.page("chief", path); !strings.Contains(page, "关于本件的办件（1）") || !strings.Contains(page, "/cases/"+note.Case) {
		t.Fatalf("the note does not stand beside its case: %s", plain(page))
	}
	if page = s.page("chief", "/cases/"+note.Case); !strings.Contains(page, `href="/cases/`+got.Case) {
		t.Fatalf("the note does not lead to its case: %s", plain(page))
	}
	// Who sees the one and not the other learns nothing of it.
	if page = s.page("clerk", path); strings.Contains(page, note.Number) || strings.Contains(page, to) {
		t.Fatalf("the village reads of a note that is not for it: %s", plain(page))
	}
	if page = s.page("handler", "/cases/"+note.Case); strings.Contains(page, "/cases/"+got.Case) {
		t.Fatal("who may not see the case is led to it")
	}
	if page = s.page(got.Case, path); strings.Contains(page, note.Number) || strings.Contains(page, "/new/leader-note") {
		t.Fatal("the reporter reads of a leader's note")
	}
}
