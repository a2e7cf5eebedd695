package ballot

import (
	"context"
	"encoding/json"
	"errors"

	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

const rollColumns = `id, area, body, grp, version, as_of, salt, hash, counts, source, reason, made, made_by, frozen`

type scanner interface{ Scan(...any) error }

func scanRoll(row scanner) (Roll, error) {
	var r Roll
	var counts string
	err := row.Scan(&r.ID, &r.Area, &r.Body, &r.Group, &r.Version, &r.AsOf, &r.Salt, &r.Hash, &counts, &r.Source, &r.Reason, &r.Made, &r.MadeBy, &r.Frozen)
	if errors.Is(err, db.NoRows) {
		return r, noRoll()
	}
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(counts), &r.Counts)
}

// roll finds a version without its lines.
func (s *Service) roll(ctx context.Context, id string) (Roll, error) {
	return scanRoll(s.DB.Reader().Row(ctx, `SELECT `+rollColumns+` FROM ballot_roll WHERE id = $1`, id))
}

// current finds the newest version of a body's roll.
func (s *Service) current(ctx context.Context, area string, b Body, group string) (Roll, error) {
	return scanRoll(s.DB.Reader().Row(ctx, `SELECT `+rollColumns+` FROM ballot_roll WHERE area = $1 AND body = $2 AND grp = $3
		ORDER BY version DESC LIMIT 1`, area, b, group))
}

func (s *Service) rolls(ctx context.Context, query string, args ...any) ([]Roll, error) {
	rows, err := s.DB.Reader().Rows(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Roll
	for rows.Next() {
		r, err := scanRoll(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func (s *Service) newest(ctx context.Context) ([]Roll, error) {
	return s.rolls(ctx, `SELECT `+rollColumns+` FROM ballot_roll r WHERE NOT EXISTS (SELECT 1 FROM ballot_roll n
		WHERE n.area = r.area AND n.body = r.body AND n.grp = r.grp AND n.version > r.version) ORDER BY area, body, grp`)
}

// versions are all versions of a roll's list, the newest first.
func (s *Service) versions(ctx context.Context, r Roll) ([]Roll, error) {
	return s.rolls(ctx, `SELECT `+rollColumns+` FROM ballot_roll WHERE area = $1 AND body = $2 AND grp = $3 ORDER BY version DESC`, r.Area, r.Body, r.Group)
}

// lineContext binds a sealed name to the roll it stands on.
func lineContext(roll string) []byte { return []byte("ballot/" + roll) }

// nameIndex is the keyed index of a name, by which a person is found in the lists
// of a house that keeps no names in clear.
func (s *Service) nameIndex(name string) string { return s.Keys.Index("ballot/name", text.Fold(name)) }

// sealedLine is a line as it is written.
type sealedLine struct {
	Line
	sealed, found string
}

func (s *Service) sealed(r Roll) ([]sealedLine, error) {
	if len(r.lines) > mostLines {
		return nil, fault.New(fault.Invalid, "ballot.too_many", "most", mostLines).At("file")
	}
	out := make([]sealedLine, len(r.lines))
	for i, l := range r.lines {
		out[i] = sealedLine{l, s.Keys.Seal([]byte(l.Name), lineContext(r.ID)), s.nameIndex(l.Name)}
	}
	return out, nil
}

const insertLine = `INSERT INTO ballot_line(roll, no, name, found, household, grp, unit, adult, for_household, representative, committee, woman, party, capable)
	VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)`

// write adds a version. Where it was made from another one, that must be the
// newest: nobody writes over what somebody else corrected meanwhile.
func write(tx *db.Tx, r *Roll, lines []sealedLine, after string) error {
	var newest int64
	var id string
	err := tx.Row(`SELECT version, id FROM ballot_roll WHERE area = $1 AND body = $2 AND grp = $3 ORDER BY version DESC LIMIT 1`, r.Area, r.Body, r.Group).Scan(&newest, &id)
	if err != nil && !errors.Is(err, db.NoRows) {
		return err
	}
	if after != "" && after != id {
		return fault.New(fault.Stale, "ballot.not_newest")
	}
	r.Version = newest + 1
	counts, err := json.Marshal(r.Counts)
	if err != nil {
		return err
	}
	done, err := tx.Exec(`INSERT INTO ballot_roll(`+rollColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)
		ON CONFLICT (area, body, grp, version) DO NOTHING`, r.ID, r.Area, string(r.Body), r.Group, r.Version, r.AsOf, r.Salt, r.Hash, string(counts),
		r.Source, r.Reason, r.Made, r.MadeBy, r.Frozen)
	if err != nil {
		return err
	}
	if done == 0 {
		return fault.New(fault.Stale, "ballot.not_newest")
	}
	for _, l := range lines {
		if _, err := tx.Exec(insertLine, r.ID, l.No, l.sealed, l.found, l.Household, l.Group, l.Unit, bit(l.Adult), bit(l.ForHouse), bit(l.Represent),
			bit(l.Committee), bit(l.Woman), bit(l.Party), bit(l.Capable)); err != nil {
			return err
		}
	}
	return nil
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

const lineColumns = `no, name, household, grp, unit, adult, for_household, representative, committee, woman, party, capable`

func (s *Service) scanLine(row scanner, roll string) (Line, error) {
	var l Line
	var sealed string
	var adult, house, represent, committee, woman, party, capable int64
	err := row.Scan(&l.No, &sealed, &l.Household, &l.Group, &l.Unit, &adult, &house, &represent, &committee, &woman, &party, &capable)
	if err != nil {
		return l, err
	}
	name, err := s.Keys.Open(sealed, lineContext(roll))
	if err != nil {
		return l, err
	}
	l.Name = string(name)
	l.Adult, l.ForHouse, l.Represent, l.Committee = adult == 1, house == 1, represent == 1, committee == 1
	l.Woman, l.Party, l.Capable = woman == 1, party == 1, capable == 1
	return l, nil
}

// load reads the lines of a roll.
func (s *Service) load(ctx context.Context, r *Roll) error {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+lineColumns+` FROM ballot_line WHERE roll = $1 ORDER BY no`, r.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	r.lines = nil
	for rows.Next() {
		l, err := s.scanLine(rows, r.ID)
		if err != nil {
			return err
		}
		r.lines = append(r.lines, l)
	}
	return rows.Err()
}

// line reads one line of a roll.
func (s *Service) line(ctx context.Context, q db.Query, roll string, no int64) (Line, error) {
	l, err := s.scanLine(q.Row(ctx, `SELECT `+lineColumns+` FROM ballot_line WHERE roll = $1 AND no = $2`, roll, no), roll)
	if errors.Is(err, db.NoRows) {
		err = fault.New(fault.NotFound, "ballot.no_line", "line", no).At("line")
	}
	return l, err
}
