package caseworktest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
)

// Refusals is a room's part of docs/refusals.md: every way in which the law can be
// broken at a step of its procedures, what the house says to it, and the article.
type Refusals struct {
	t    testing.TB
	room string
	book *text.Book
	out  strings.Builder
}

// refusalsFile is the list as a lawyer reads it; each room's test holds its part.
const refusalsFile = "../../docs/refusals.md"

// NewRefusals begins the part of a room.
func NewRefusals(t testing.TB, room string, book *text.Book) *Refusals {
	return &Refusals{t: t, room: room, book: book}
}

// Tried notes what came of something that was tried: it must have been refused
// with the key ("" where an outcome stands against the wish) under an article that
// holds the words of norm.
func (l *Refusals) Tried(step, tried [2]string, norm, key string, err error) {
	l.t.Helper()
	f := fault.Of(err)
	if f == nil || key != "" && f.Key != key || !strings.Contains(f.Norm, norm) {
		said := ""
		if f != nil {
			said = httpx.Words(l.book, text.Chinese, f) + " [" + f.Norm + "]"
		}
		l.t.Errorf("%s, %s: want %s under %q, got %v %s", step[1], tried[1], key, norm, err, said)
		return
	}
	cell := func(lang string) string {
		return strings.ReplaceAll(strings.TrimSpace(httpx.Words(l.book, lang, f)), "\n", " ")
	}
	fmt.Fprintf(&l.out, "| %s<br>%s | %s<br>%s | %s<br>%s | %s |\n", step[0], step[1], tried[0], tried[1], cell(text.Chinese), cell(text.English), f.Norm)
}

// Hold holds the document's part of the room to what was tried. LINLI_UPDATE=1
// writes it anew; one package at a time, since all write the one file.
func (l *Refusals) Hold() {
	l.t.Helper()
	kept, err := os.ReadFile(refusalsFile)
	if err != nil {
		l.t.Fatal(err)
	}
	const head = "\n|---|---|---|---|\n" // the document says what the columns are
	end := "\n<!-- /" + l.room + " -->"
	at := strings.Index(string(kept), "<!-- "+l.room+" -->\n") + 1
	before, rest, found := strings.Cut(string(kept)[at:], head)
	part, after, closed := strings.Cut(rest, end)
	before = string(kept)[:at] + before + head
	switch {
	case at == 0 || !found || !closed:
		l.t.Fatalf("%s has no part %s", refusalsFile, l.room)
	case part == l.out.String():
	case os.Getenv("LINLI_UPDATE") == "1":
		if err := os.WriteFile(refusalsFile, []byte(before+l.out.String()+end+after), 0o644); err != nil {
			l.t.Fatal(err)
		}
	default:
		l.t.Errorf("the part %s of %s is not what the house says now; LINLI_UPDATE=1 writes it", l.room, refusalsFile)
	}
}
