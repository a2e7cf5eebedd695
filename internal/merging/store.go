package merging

import (
	"context"
	"errors"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// noteVoice notes that a device added its voice to a case; it gives since when
// that stands, and whether it stood before.
func (s *Service) noteVoice(ctx context.Context, caseID, device, token string, now clock.Instant) (since clock.Instant, again bool, err error) {
	err = s.DB.Commit(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`INSERT INTO merging_voice(case_id, device, token, recorded) VALUES ($1, $2, $3, $4)
			ON CONFLICT (case_id, device) DO NOTHING`, caseID, device, token, now)
		if err != nil {
			return err
		}
		again = n == 0
		return tx.Row(`SELECT recorded FROM merging_voice WHERE case_id = $1 AND device = $2`, caseID, device).Scan(&since)
	})
	return since, again, err
}

// caseOfVoice finds the case that a voice's link opens.
func (s *Service) caseOfVoice(ctx context.Context, token string) (id string, err error) {
	err = s.DB.Reader().Row(ctx, `SELECT case_id FROM merging_voice WHERE token = $1`, token).Scan(&id)
	if errors.Is(err, db.NoRows) {
		err = fault.New(fault.NotFound, "merging.link_wrong")
	}
	return id, err
}
