package app

import (
	"fmt"
	"strconv"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// task is one writing command, as it goes from the command line to the house:
// over the local socket where a server runs, else directly.
type task struct {
	Verb    string            `json:"verb"`
	Lang    string            `json:"lang"`
	Options map[string]string `json:"options,omitempty"`
	Files   []taskFile        `json:"files,omitempty"`
}

// taskFile is a file that the command line read; the server never opens paths
// that somebody named.
type taskFile struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

// event is one line of what a task says while it runs. The last one is Done.
type event struct {
	Progress string `json:"progress,omitempty"`
	Line     string `json:"line,omitempty"`
	Refused  string `json:"refused,omitempty"` // a row or file that was not taken, and why
	Fault    string `json:"fault,omitempty"`   // the task stopped
	Done     bool   `json:"done,omitempty"`
}

// day reads an optional day of the options.
func (t task) day(name string) (clock.Day, error) {
	s := t.Options[name]
	if s == "" {
		return 0, nil
	}
	d, err := clock.ParseDay(s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "app.day", "day", s).At(name)
	}
	return d, nil
}

func (t task) yes(name string) bool { return t.Options[name] == "yes" }

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func at(file string, line int) string {
	if line > 0 {
		return file + ":" + strconv.Itoa(line)
	}
	return file
}

func asText(v any) string { return fmt.Sprint(v) }
