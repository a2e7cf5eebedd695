package area

import (
	"strconv"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// divisionChunk writes some rows and counts what that changed.
type divisionChunk struct {
	on                        clock.Day
	added, changed, unchanged int
	older                     []row // the table tells an earlier state than is known
}

// write compares the rows with what is known and writes the difference.
func (c *divisionChunk) write(tx *db.Tx, rows []row) error {
	// locks against a second import of the same table on PostgreSQL
	if err := tx.BumpEpoch(divisionEpoch); err != nil {
		return err
	}
	var fresh []row
	for len(rows) > 0 {
		n := min(len(rows), chunkRows)
		known, err := knownRows(tx, rows[:n])
		if err != nil {
			return err
		}
		for _, r := range rows[:n] {
			was, have := known[r.code]
			if !have {
				fresh = append(fresh, r)
				continue
			}
			if err := c.compare(tx, r, was, &fresh); err != nil {
				return err
			}
		}
		rows = rows[n:]
	}
	c.added += len(fresh)
	return insertAreas(tx, fresh, c.on)
}

func (c *divisionChunk) compare(tx *db.Tx, r row, was Area, fresh *[]row) error {
	if !r.hasEn {
		r.nameEn = was.NameEn
	}
	same := was.Name == r.name && was.NameEn == r.nameEn
	switch {
	case was.Until != 0 && was.Until <= c.on: // came back
		*fresh = append(*fresh, r)
	case same && was.Until == 0:
		c.unchanged++
	case was.From > c.on || was.Until != 0:
		c.older = append(c.older, r)
	case was.From == c.on: // a correction on the same day
		c.changed++
		_, err := tx.Exec(`UPDATE area_area SET name = $3, name_en = $4 WHERE code = $1 AND from_day = $2`, r.code, was.From, r.name, r.nameEn)
		return err
	default:
		c.changed++
		if _, err := tx.Exec(`UPDATE area_area SET until_day = $3 WHERE code = $1 AND from_day = $2`, r.code, was.From, c.on); err != nil {
			return err
		}
		return insertAreas(tx, []row{r}, c.on)
	}
	return nil
}

// knownRows reads the last version of each row's code.
func knownRows(tx *db.Tx, rows []row) (map[string]Area, error) {
	args := make([]any, chunkRows)
	for i := range args {
		args[i] = rows[min(i, len(rows)-1)].code // one text for every chunk: the last code fills up
	}
	list, err := areas(tx.Rows(`SELECT `+areaColumns+` FROM area_area WHERE code IN `+knownIn+` ORDER BY code, from_day`, args...))
	if err != nil {
		return nil, err
	}
	out := make(map[string]Area, len(list))
	for _, a := range list {
		out[a.Code] = a
	}
	return out, nil
}

var knownIn = db.In(1, chunkRows)

// insertRows is how many rows one statement adds. The SQLite driver looks each
// parameter up by name among all of the statement's, so that larger statements
// are slower: 500 rows took 37 µs a row, 40 take 5.
const insertRows = 40

const areaInsert = `INSERT INTO area_area(code, name, name_en, level, from_day, until_day) VALUES `

var (
	insertOne  = areaInsert + tuples(1, 6)
	insertMany = areaInsert + tuples(insertRows, 6)
)

// insertAreas adds new versions, many to a statement.
func insertAreas(tx *db.Tx, rows []row, on clock.Day) error {
	for len(rows) > 0 {
		n, text := 1, insertOne
		if len(rows) >= insertRows {
			n, text = insertRows, insertMany
		}
		args := make([]any, 0, n*6)
		for _, r := range rows[:n] {
			args = append(args, r.code, r.name, r.nameEn, int64(LevelOf(r.code)), int64(on), int64(0))
		}
		if _, err := tx.Exec(text, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// tuples writes ($1,$2),($3,$4),… for rows of width values.
func tuples(rows, width int) string {
	var b strings.Builder
	for i := range rows * width {
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%width == 0:
			b.WriteString("),(")
		default:
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}
