package coordination

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"

	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "coordination", files)
}

// stands keeps, in the transaction of an order's act, that one case has one open
// order of each level. Fault: Conflict coordination.order_open for the second of
// two at one moment, and for an annulment that would open a second one.
func stands(tx *db.Tx, name string, row casework.ActRow) error {
	if name != Orders || row.Delta.Kind == "" {
		return nil
	}
	if row.Delta.Opened != nil {
		values := casework.Values{}
		if err := values.Take(row.Body); err != nil {
			return err
		}
		n, err := tx.Exec(`INSERT INTO coordination_order(id, about, level, open) VALUES ($1, $2, $3, 1)
			ON CONFLICT (about, level) WHERE open = 1 DO NOTHING`, row.CaseID, values.Text("case"), values.Text("level"))
		if err == nil && n == 0 {
			err = orderOpen(values.Text("case"))
		}
		return err
	}
	if row.Delta.Kind == procedure.Final {
		_, err := tx.Exec(`UPDATE coordination_order SET open = 0 WHERE id = $1`, row.CaseID)
		return err
	}
	return reopen(tx, row.CaseID)
}

// reopen marks an order as open again after its end was annulled.
func reopen(tx *db.Tx, id string) error {
	var about, level string
	err := tx.Row(`SELECT about, level FROM coordination_order WHERE id = $1 AND open = 0`, id).Scan(&about, &level)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // it is open, as nearly always
	}
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE coordination_order SET open = 1 WHERE id = $1
		AND NOT EXISTS (SELECT 1 FROM coordination_order o WHERE o.about = $2 AND o.level = $3 AND o.open = 1)`, id, about, level)
	if err == nil && n == 0 {
		err = orderOpen(about)
	}
	return err
}

func orderOpen(number string) error {
	return fault.New(fault.Conflict, "coordination.order_open", "number", number).At("case")
}
