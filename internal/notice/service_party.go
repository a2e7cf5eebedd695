package notice

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
)

// code is the short name of a party in a message's link. It is reckoned from the
// key file, so that only its hash is kept.
type code string

const codeLength = 16 // characters: 80 bits

var spelled = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz123456789").WithPadding(base32.NoPadding)

func (s *Service) codeOf(party string) code {
	sum := sha256.Sum256([]byte(s.Keys.Keyed("notice/link", party)))
	return code(spelled.EncodeToString(sum[:])[:codeLength])
}

func (c code) stored() string { return seal.HashToken(string(c)) }
func (c code) path() string   { return "/n/" + string(c) }

// phoneKey is the opt-out's name of a telephone.
func (s *Service) phoneKey(phone string) string {
	return "phone:" + s.Keys.Index("notice/phone", strings.TrimPrefix(phone, "+86"))
}

func (s *Service) optedOut(ctx context.Context, receiver string) (bool, error) {
	var one int
	return none(s.DB.Reader().Row(ctx, `SELECT 1 FROM notice_optout WHERE receiver = $1`, receiver).Scan(&one))
}

func (s *Service) setOut(ctx context.Context, receiver string, out bool) error {
	now := s.Clock.Now()
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		if !out {
			_, err := tx.Exec(`DELETE FROM notice_optout WHERE receiver = $1`, receiver)
			return err
		}
		_, err := tx.Exec(`INSERT INTO notice_optout(receiver, since) VALUES ($1,$2) ON CONFLICT (receiver) DO NOTHING`, receiver, now)
		return err
	})
}

// Wants says whether a party is told by message; can is false where no telephone
// was left, it is no mobile, or nothing is sent from this house.
func (s *Service) Wants(ctx context.Context, p identity.Party) (wants, can bool, err error) {
	phone, err := s.phone(ctx, p)
	if fault.Is(err, fault.NotFound) || phone == "" || !s.has(SMS) {
		return false, false, ignoreMissing(err)
	}
	if err != nil {
		return false, false, err
	}
	for _, receiver := range []string{p.ID, s.phoneKey(phone)} {
		out, err := s.optedOut(ctx, receiver)
		if err != nil || out {
			return false, true, err
		}
	}
	return true, true, nil
}

func ignoreMissing(err error) error {
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unmet) {
		return nil
	}
	return err
}

// Want has a party told by message, or no longer.
func (s *Service) Want(ctx context.Context, p identity.Party, on bool) error {
	if on { // who asks for messages in one case has not given up the number
		if phone, err := s.phone(ctx, p); err == nil && phone != "" {
			if err := s.setOut(ctx, s.phoneKey(phone), false); err != nil {
				return err
			}
		}
	}
	return s.setOut(ctx, p.ID, !on)
}

// stopNumber has everything to the party's telephone end, whatever the case.
func (s *Service) stopNumber(ctx context.Context, p identity.Party) error {
	phone, err := s.phone(ctx, p)
	if err != nil {
		return err
	}
	if err := s.setOut(ctx, p.ID, true); err != nil {
		return err
	}
	return s.setOut(ctx, s.phoneKey(phone), true)
}

// phone is where a party is reached; "" where they left no mobile.
func (s *Service) phone(ctx context.Context, p identity.Party) (string, error) {
	_, proc, acts, err := s.Cases.History(ctx, p.Case)
	if err != nil {
		return "", err
	}
	for _, e := range acts {
		for _, row := range e.Delta.Parties {
			if row.ID != p.ID {
				continue
			}
			field := phoneOf(proc, e.Body)
			if field == "" {
				return "", nil
			}
			to, err := s.Cases.Reach(ctx, p.Case, e.ID, field)
			if err != nil {
				return "", ignoreMissing(err)
			}
			if to, err = address(SMS, to); err != nil {
				return "", nil //nolint:nilerr // a fixed line takes no message
			}
			return to, nil
		}
	}
	return "", nil
}

// opened says whether the party opened the case: who joined it later reads no more
// of it than everybody.
func (s *Service) opened(ctx context.Context, p identity.Party) (bool, error) {
	_, _, acts, err := s.Cases.History(ctx, p.Case)
	if err != nil || len(acts) == 0 {
		return false, err
	}
	for _, row := range acts[0].Delta.Parties {
		if row.ID == p.ID {
			return true, nil
		}
	}
	return false, nil
}

// byCode finds the party to whom a message's link belongs. Fault: NotFound.
func (s *Service) byCode(ctx context.Context, c string) (identity.Party, string, error) {
	missing := fault.New(fault.NotFound, "notice.link_wrong")
	if len(c) != codeLength {
		return identity.Party{}, "", missing
	}
	p, number := identity.Party{}, ""
	ok, err := none(s.DB.Reader().Row(ctx, `SELECT case_id, party, role, number FROM notice_link WHERE code = $1`, code(c).stored()).Scan(&p.Case, &p.ID, &p.Role, &number))
	if err == nil && !ok {
		err = missing
	}
	return p, number, err
}
