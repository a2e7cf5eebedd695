package area

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"linli/internal/kit/db"
)

// putPlace writes a place and the pairs of characters by which it is found.
func putPlace(tx *db.Tx, p Place, folded string, lon, lat int64, grams []string) error {
	if _, err := tx.Exec(`INSERT INTO area_place(ref, name, folded, lon_e7, lat_e7, area) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (ref) DO UPDATE SET name = $2, folded = $3, lon_e7 = $4, lat_e7 = $5, area = $6`,
		p.Ref, p.Name, folded, lon, lat, p.Area); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM area_place_gram WHERE ref = $1`, p.Ref); err != nil {
		return err
	}
	for _, gram := range grams {
		if _, err := tx.Exec(`INSERT INTO area_place_gram(gram, ref) VALUES ($1, $2)`, gram, p.Ref); err != nil {
			return err
		}
	}
	return nil
}

const placeColumns = `ref, name, lon_e7, lat_e7, area`

func places(rows *sql.Rows, err error) ([]Place, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Place
	for rows.Next() {
		var p Place
		var lon, lat int64
		if err := rows.Scan(&p.Ref, &p.Name, &lon, &lat, &p.Area); err != nil {
			return nil, err
		}
		p.Point = Point{Lon: float64(lon) / 1e7, Lat: float64(lat) / 1e7}
		out = append(out, p)
	}
	return out, rows.Err()
}

// placesIn lists at most limit places in a box.
func (s *Service) placesIn(ctx context.Context, sw, ne Point, limit int) ([]Place, error) {
	return places(s.d.Reader().Rows(ctx, `SELECT `+placeColumns+` FROM area_place
		WHERE lon_e7 BETWEEN $1 AND $2 AND lat_e7 BETWEEN $3 AND $4 ORDER BY LENGTH(name), ref LIMIT $5`,
		e7(sw.Lon), e7(ne.Lon), e7(sw.Lat), e7(ne.Lat), limit))
}

// placesNamed finds places whose folded name holds the word. Its pairs of
// characters, all of which must stand in the name, are looked up first; a word
// of one character has none and is looked for name by name.
func (s *Service) placesNamed(ctx context.Context, word string, grams []string, under string, limit int) ([]Place, error) {
	args := []any{likeAnywhere(word), word, escapeLike(word) + "%", under, last(under), limit}
	query := `SELECT ` + placeColumns + ` FROM area_place WHERE folded LIKE $1 ESCAPE '\'`
	if under != "" {
		query += ` AND area >= $4 AND area <= $5`
	} else {
		query += ` AND $4 = $4 AND $5 = $5`
	}
	if len(grams) > 0 {
		query += ` AND ref IN (SELECT ref FROM area_place_gram WHERE gram IN ` + db.In(7, len(grams)) +
			` GROUP BY ref HAVING COUNT(*) = ` + strconv.Itoa(len(grams)) + `)`
		for _, g := range grams {
			args = append(args, g)
		}
	}
	return places(s.d.Reader().Rows(ctx, query+` ORDER BY CASE WHEN folded = $2 THEN 0 WHEN folded LIKE $3 ESCAPE '\' THEN 1 ELSE 2 END,
		LENGTH(folded), ref LIMIT $6`, args...))
}

// areasNamed finds areas that stand today and whose name holds the word, under
// a prefix.
func (s *Service) areasNamed(ctx context.Context, word, under string, limit int) ([]Area, error) {
	return areas(s.d.Reader().Rows(ctx, `SELECT `+areaColumns+` FROM area_area
		WHERE code >= $4 AND code <= $5 AND (LOWER(name) LIKE $1 ESCAPE '\' OR LOWER(name_en) LIKE $1 ESCAPE '\')
		AND from_day <= $7 AND (until_day = 0 OR until_day > $7)
		ORDER BY CASE WHEN LOWER(name) = $2 THEN 0 WHEN LOWER(name) LIKE $3 ESCAPE '\' THEN 1 ELSE 2 END, level, LENGTH(name), code LIMIT $6`,
		"%"+brackets(word)+"%", word, brackets(word)+"%", under, last(under), limit, s.today()))
}

// brackets makes a folded word find names written with brackets of full width.
func brackets(word string) string {
	return strings.NewReplacer("(", "_", ")", "_").Replace(escapeLike(word))
}

func likeAnywhere(word string) string { return "%" + escapeLike(word) + "%" }

// escapeLike takes the meaning from the signs of LIKE.
func escapeLike(s string) string { return likeSigns.Replace(s) }

var likeSigns = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// CountPlaces says how many place names there are.
func (s *Service) CountPlaces(ctx context.Context) (n int, err error) {
	err = s.d.Reader().Row(ctx, `SELECT COUNT(*) FROM area_place`).Scan(&n)
	return n, err
}
