package deliberation

import (
	"context"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/ledger"
)

// RowsDiffer is what verification finds of a case whose signatures or statements are
// not those of its acts.
const RowsDiffer ledger.FindingKind = "rows_differ"

// Finding is a row that is missing, was changed, or that no act made.
type Finding struct {
	Case, Act string // the act that made it or would have
	Table     string // signature, statement or stand
}

// folded is a row as the acts make it; the mark tells no name.
type folded struct{ capacity, mark, state, ground string }

// Verify folds the acts of every petition and consultation again and compares the
// signatures and statements with the rows that are counted; and the counts of the
// statements with what devices think of them, which is in no act.
func (s *Service) Verify(ctx context.Context) (found []Finding, err error) {
	for _, name := range []string{Petition, Consultation} {
		f := casework.Filter{Procedure: name, Limit: 200}
		for {
			rows, next, err := s.Cases.List(ctx, identity.SystemActor(), f)
			if err != nil {
				return found, err
			}
			for _, row := range rows {
				one, err := s.verifyCase(ctx, row.Case)
				if err != nil {
					return found, err
				}
				found = append(found, one...)
			}
			if f.After = next; next == "" {
				break
			}
		}
	}
	more, err := s.miscounted(ctx)
	return append(found, more...), err
}

func (s *Service) verifyCase(ctx context.Context, c *casework.Case) (found []Finding, err error) {
	_, _, acts, err := s.Cases.History(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	table := "statement"
	if c.Procedure == Petition {
		table = "signature"
	}
	want := foldRows(c.Procedure, acts)
	have, err := s.rowsOf(ctx, table, c.ID)
	if err != nil {
		return nil, err
	}
	for act, row := range want {
		if have[act] != row {
			found = append(found, Finding{c.ID, act, table})
		}
		delete(have, act)
	}
	for act := range have {
		found = append(found, Finding{c.ID, act, table})
	}
	return found, nil
}

// foldRows are the rows that the acts of a case make, by the act that made each.
func foldRows(name string, acts []casework.Entry) map[string]folded {
	out := map[string]folded{}
	for _, a := range acts {
		switch name + "/" + a.Act {
		case Petition + "/" + signAct:
			out[a.ID] = folded{capacity: word(a.ActRow, "capacity"), mark: word(a.ActRow, "mark")}
		case Petition + "/" + judgeAct:
			about := word(a.ActRow, "signature")
			row := out[about]
			if row.state, row.ground = word(a.ActRow, "verdict"), word(a.ActRow, "ground"); row.state == Valid {
				row.ground = ""
			}
			out[about] = row
		case Consultation + "/" + sayAct:
			out[a.ID] = folded{state: Held}
		case Consultation + "/" + moderateAct:
			row := folded{state: Published}
			if word(a.ActRow, "ruling") == "hide" {
				row = folded{state: Hidden, ground: word(a.ActRow, "ground")}
			}
			out[word(a.ActRow, "statement_ref")] = row
		}
	}
	return out
}

// rowsOf are the rows of a case as they stand.
func (s *Service) rowsOf(ctx context.Context, table, id string) (map[string]folded, error) {
	query := `SELECT act_id, '', '', status, ground FROM deliberation_statement WHERE case_id = $1`
	if table == "signature" {
		query = `SELECT act_id, capacity, mark, verdict, ground FROM deliberation_signature WHERE case_id = $1`
	}
	rows, err := s.DB.Reader().Rows(ctx, query, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]folded{}
	for rows.Next() {
		var act string
		var r folded
		if err := rows.Scan(&act, &r.capacity, &r.mark, &r.state, &r.ground); err != nil {
			return nil, err
		}
		out[act] = r
	}
	return out, rows.Err()
}

// miscounted lists the statements whose counts are not those of the stands.
func (s *Service) miscounted(ctx context.Context) (found []Finding, err error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT t.case_id, t.act_id FROM deliberation_statement t LEFT JOIN deliberation_stand d ON d.about = t.act_id
		GROUP BY t.case_id, t.act_id, t.agree, t.disagree, t.unsure
		HAVING t.agree <> COUNT(*) FILTER (WHERE d.stand = 'agree') OR t.disagree <> COUNT(*) FILTER (WHERE d.stand = 'disagree')
			OR t.unsure <> COUNT(*) FILTER (WHERE d.stand = 'unsure') ORDER BY t.act_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		f := Finding{Table: "stand"}
		if err := rows.Scan(&f.Case, &f.Act); err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, rows.Err()
}
