package schedule

import (
	"io/fs"
	"log/slog"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/procedure"
)

// Line is one line of a plan: what is opened how often for which areas.
type Line struct {
	Name   string          `json:"name"` // within its plan; it stays the same when the line is reworded
	Every  procedure.Every `json:"-"`
	For    []string        `json:"for"`
	Values map[string]any  `json:"values,omitempty"` // what it brings for the fields of a case
	Watch  bool            `json:"watch,omitempty"`  // nothing is opened: people begin the case, and the room asks what is missing (Watched)
}

// Watched is a line that is only watched, in a period that has ended.
type Watched struct {
	Line Line
	procedure.Period
}

// Plan reads a list of lines from the files of a catalogue.
type Plan func(files fs.FS) ([]Line, error)

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB       *db.DB
	Clock    clock.Clock
	Editions *edition.Service
	Areas    *area.Service // set by the roof before Run
	People   *identity.Service
	Cases    *casework.Service
	Log      *slog.Logger
}

// content is what one period of a schedule opens.
type content struct {
	Opens string            `json:"opens"`
	Post  string            `json:"post,omitempty"`
	With  map[string]string `json:"with"`
	Lines []Line            `json:"lines"`
}

// fixed is one period of a schedule with what it opens.
type fixed struct {
	Procedure, Schedule string
	Every               procedure.Every
	procedure.Period
	Content content
}

// line is the name under which a line's cases are counted.
func (f fixed) line(l Line) string {
	if l.Name == "" {
		return f.Schedule
	}
	return f.Schedule + "/" + l.Name
}

// key names the period of a schedule in memory.
func (f fixed) key() string {
	return f.Procedure + "/" + f.Schedule + "/" + string(f.Every) + "/" + f.Name
}

// How much is opened at a time, how long a failed case waits, and how far back
// a house that was shut catches up.
const (
	batch      = 40
	retryAfter = time.Minute
	mostBack   = clock.Day(366)
)
