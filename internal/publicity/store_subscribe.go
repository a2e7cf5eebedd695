package publicity

import (
	"context"
	"encoding/json"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// subscription is who wants to be told of new requests at a place.
type subscription struct {
	ID, Kind, Area  string
	Classes         []string
	Contact         string // sealed
	Mark            string // blind index of the contact
	Token, Code     string // hashes
	Tries           int64
	Made, Confirmed clock.Instant
	Sent            clock.Instant
	Lang            string
}

const subscriptionColumns = `id, kind, area, classes, contact, mark, token, code, tries, made, confirmed, sent, lang`

func scanSubscription(row scanner) (u subscription, err error) {
	var classes string
	if err := row.Scan(&u.ID, &u.Kind, &u.Area, &classes, &u.Contact, &u.Mark, &u.Token, &u.Code, &u.Tries, &u.Made, &u.Confirmed, &u.Sent, &u.Lang); err != nil {
		return u, err
	}
	return u, json.Unmarshal([]byte(classes), &u.Classes)
}

func (s *Service) subscriptionBy(ctx context.Context, token string) (subscription, bool, error) {
	return found(scanSubscription(s.DB.Reader().Row(ctx, `SELECT `+subscriptionColumns+` FROM publicity_subscription WHERE token = $1`, token)))
}

func (s *Service) subscriptionByID(ctx context.Context, id string) (subscription, bool, error) {
	return found(scanSubscription(s.DB.Reader().Row(ctx, `SELECT `+subscriptionColumns+` FROM publicity_subscription WHERE id = $1`, id)))
}

// due are confirmed subscriptions that were told before an instant.
func (s *Service) due(ctx context.Context, before clock.Instant, after string, most int) ([]subscription, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+subscriptionColumns+` FROM publicity_subscription WHERE confirmed > 0 AND sent < $1 AND id > $2 ORDER BY id LIMIT $3`,
		before, after, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []subscription
	for rows.Next() {
		u, err := scanSubscription(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, rows.Err()
}

// keepSubscription stores a new one; an older one that was not confirmed, of the
// same contact and place, gives way.
func keepSubscription(tx *db.Tx, u subscription) error {
	classes, err := json.Marshal(u.Classes)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM publicity_subscription WHERE mark = $1 AND area = $2 AND confirmed = 0`, u.Mark, u.Area); err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO publicity_subscription(`+subscriptionColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)`,
		u.ID, u.Kind, u.Area, string(classes), u.Contact, u.Mark, u.Token, u.Code, u.Tries, u.Made, u.Confirmed, u.Sent, u.Lang)
	return err
}

// change carries out one statement on a subscription.
func (s *Service) change(ctx context.Context, text string, args ...any) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(text, args...)
		return err
	})
}
