package area

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// Divisions is one import of the division tree.
type Divisions struct {
	// Files in any order. Two layouts are understood, found by their header:
	// code,name (one division per row, all levels) and code and name of several
	// levels side by side.
	Files []File
	// On is the day whose state the files tell, for the national table the day
	// at which it was closed (2023-06-30 for that of 2023); 0 is today.
	On clock.Day
	// Whole says that the files hold every area under the codes of Under at the
	// levels they speak of: what is known there and not in the files ends on
	// the day.
	Whole bool
	Under string
	// By is the person who imports, for the record.
	By string
	// Progress, where set, is told after every chunk how many rows were read.
	Progress func(file string, rows int)
}

// ImportDivisions loads divisions. Rows are committed in chunks; where it stops
// half-way (disk full, power gone), running it again completes it. A broken row
// is named in the report and every other one goes in. An error means that the
// import stopped; the report tells how far it came. Faults: those of
// openDivisions, area.whole_without_rows.
func (s *Service) ImportDivisions(ctx context.Context, in Divisions) (Report, error) {
	imp := &divisionImport{s: s, in: in, seen: map[int64]string{}, report: Report{Levels: map[Level]int{}}}
	if in.On == 0 {
		imp.in.On = s.today()
	}
	readers, err := imp.open(ctx)
	if err != nil {
		return imp.report, err
	}
	if err := imp.loadParents(ctx); err != nil {
		return imp.report, err
	}
	for _, r := range readers {
		if err := imp.file(ctx, r); err != nil {
			return imp.report, err
		}
	}
	if in.Whole {
		if err := imp.endMissing(ctx); err != nil {
			return imp.report, err
		}
	}
	return imp.report, s.record(ctx, "divisions", in.By, in.Files, imp.report)
}

// divisionImport is one import under way.
type divisionImport struct {
	s       *Service
	in      Divisions
	report  Report
	parents map[string]bool  // codes of levels 1 to 4 that are known
	tops    [GridLevel]bool  // levels of which something is known or told
	seen    map[int64]string // code (as a number led by 1) to name; names of communities are kept as ""
	pending []row
	current string
}

const (
	chunkRows = 500  // rows of one statement
	chunkMany = 4000 // rows of one commit
)

func (imp *divisionImport) open(ctx context.Context) ([]*divisions, error) {
	lists, _, err := imp.s.lists.Now(ctx)
	if err != nil {
		return nil, err
	}
	var readers []*divisions
	for _, f := range imp.in.Files {
		d, err := openDivisions(f, lists)
		if err != nil {
			one := fault.Of(err)
			imp.report.broken(Broken{File: f.Name, Where: 1, Fault: one})
			return nil, one.At(f.Name)
		}
		readers = append(readers, d)
	}
	// what a file is about decides the order: parents come before children
	slices.SortStableFunc(readers, func(a, b *divisions) int { return int(a.deepest) - int(b.deepest) })
	return readers, nil
}

func (imp *divisionImport) loadParents(ctx context.Context) error {
	imp.parents = map[string]bool{}
	rows, err := imp.s.d.Reader().Rows(ctx, `SELECT code FROM area_area WHERE level < 5 AND (until_day = 0 OR until_day > $1)`, imp.in.On)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			return err
		}
		imp.parents[code] = true
		imp.tops[LevelOf(code)] = true
	}
	return rows.Err()
}

func (imp *divisionImport) file(ctx context.Context, d *divisions) error {
	imp.current = d.file
	for {
		rows, err := d.next()
		if errors.Is(err, io.EOF) {
			break
		}
		imp.report.Read++
		if err != nil {
			if !errors.As(err, new(errLine)) { // the rest of the file cannot be read; what was read stays
				imp.report.stopped(Broken{File: d.file, Where: rows[0].where, Fault: fault.Of(err)})
				break
			}
			imp.refuse(rows[0], err)
			continue
		}
		for _, r := range rows {
			imp.take(r)
		}
		if len(imp.pending) >= chunkMany {
			if err := imp.flush(ctx); err != nil {
				return err
			}
			if imp.in.Progress != nil {
				imp.in.Progress(d.file, imp.report.Read)
			}
		}
	}
	if err := imp.flush(ctx); err != nil {
		return err
	}
	if imp.in.Progress != nil {
		imp.in.Progress(d.file, imp.report.Read)
	}
	return nil
}

func (imp *divisionImport) refuse(r row, err error) {
	imp.report.broken(Broken{File: imp.current, Where: r.where, Code: short(r.code), Name: short(r.name), Fault: fault.Of(err)})
}

// take checks one row and puts it among those to be written.
func (imp *divisionImport) take(r row) {
	r, err := checkRow(r)
	if err != nil {
		imp.refuse(r, err)
		return
	}
	level := LevelOf(r.code)
	number, _ := strconv.ParseInt("1"+r.code, 10, 64) // digits, at most 12: cannot fail
	if name, told := imp.seen[number]; told {
		if level == Community || name != r.name {
			imp.refuse(r, fault.New(fault.Invalid, "area.twice", "code", r.code))
		}
		return
	}
	// a county's or street's table loaded alone has nothing above it; but where
	// the level above is known at all, a row without its parent is broken
	if p := Parent(r.code); p != "" && !imp.parents[p] && imp.tops[level-1] {
		imp.refuse(r, fault.New(fault.Invalid, "area.parent_unknown", "code", r.code, "parent", p))
		return
	}
	if level < Community {
		imp.parents[r.code] = true
		imp.tops[level] = true
		imp.seen[number] = r.name
	} else {
		imp.seen[number] = ""
	}
	if _, usual := KindOf(r.code); !usual {
		imp.report.note(Broken{File: imp.current, Where: r.where, Code: r.code, Name: r.name,
			Fault: fault.New(fault.Invalid, "area.number_unusual", "code", r.code)})
	}
	imp.report.Levels[level]++
	imp.pending = append(imp.pending, r)
}

// flush writes the pending rows in one durable transaction.
func (imp *divisionImport) flush(ctx context.Context) error {
	if len(imp.pending) == 0 {
		return nil
	}
	var done divisionChunk
	err := imp.s.d.Commit(ctx, func(tx *db.Tx) error {
		done = divisionChunk{on: imp.in.On} // fn may run twice
		return done.write(tx, imp.pending)
	})
	if err != nil {
		return err
	}
	imp.report.Added += done.added
	imp.report.Changed += done.changed
	imp.report.Unchanged += done.unchanged
	for _, r := range done.older {
		imp.refuse(r, fault.New(fault.Invalid, "area.older_than_known", "code", r.code, "day", imp.in.On))
	}
	imp.pending = imp.pending[:0]
	return nil
}

// endMissing ends what is known under the scope and was not in the files.
func (imp *divisionImport) endMissing(ctx context.Context) error {
	if len(imp.seen) == 0 || imp.report.BrokenRows > 0 {
		// ending areas because their row was broken would be a guess
		return fault.New(fault.Unmet, "area.whole_with_broken_rows", "broken", imp.report.BrokenRows)
	}
	var gone []string
	for level := range imp.report.Levels {
		rows, err := imp.s.d.Reader().Rows(ctx, `SELECT code FROM area_area WHERE level = $1 AND until_day = 0
			AND from_day < $4 AND code >= $2 AND code <= $3`, level, imp.in.Under, last(imp.in.Under), imp.in.On)
		if err != nil {
			return err
		}
		for rows.Next() {
			var code string
			if err := rows.Scan(&code); err != nil {
				rows.Close()
				return err
			}
			number, _ := strconv.ParseInt("1"+code, 10, 64)
			if _, told := imp.seen[number]; !told {
				gone = append(gone, code)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(gone, chunkMany) {
		err := imp.s.d.Commit(ctx, func(tx *db.Tx) error {
			if err := tx.BumpEpoch(divisionEpoch); err != nil {
				return err
			}
			for _, code := range chunk {
				if _, err := tx.Exec(`UPDATE area_area SET until_day = $2 WHERE code = $1 AND until_day = 0`, code, imp.in.On); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		imp.report.Ended += len(chunk)
	}
	return nil
}

// record keeps a line about the import: who, what files, with what result.
func (s *Service) record(ctx context.Context, kind, by string, files []File, r Report) error {
	hash := sha256.New()
	var names []string
	for _, f := range files {
		hash.Write(f.Data)
		names = append(names, f.Name)
	}
	sum, now := hex.EncodeToString(hash.Sum(nil)), s.clk.Now()
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO area_import(id, kind, files, sha256, by_whom, recorded, read_rows, added, changed, unchanged, ended, broken)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`, db.NewID(now), kind, strings.Join(names, "\n"), sum, by, now,
			r.Read, r.Added, r.Changed, r.Unchanged, r.Ended, r.BrokenRows)
		return err
	})
}
