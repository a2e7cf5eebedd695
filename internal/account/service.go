package account

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
)

// Offered says whether accounts can be had: a code can be sent.
func (s *Service) Offered() bool { return s.Coder != nil }

func (s *Service) mark(phone string) string { return s.Keys.Index("account/phone", phone) }

// sealContext binds a sealed telephone to its blind index.
func sealContext(mark string) []byte { return []byte("account/phone\n" + mark) }

func (s *Service) codeHash(id, code string) string {
	return s.Keys.Keyed("account/code", id+"\n"+code)
}

// Ask sends a code to a telephone and gives the id under which it can be entered.
// key is of the page that asks: asking twice with it sends once. The answer is the
// same whether an account stands. Faults: Unmet account.no_sender; Invalid at
// phone; Busy.
func (s *Service) Ask(ctx context.Context, address, phone, key string) (id string, err error) {
	if !s.Offered() {
		return "", fault.New(fault.Unmet, "account.no_sender")
	}
	if phone, err = ParsePhone(phone); err != nil {
		return "", err
	}
	mark := s.mark(phone)
	id = s.Keys.Keyed("account/ask", key+"\n"+mark)
	there, err := s.asked(ctx, id)
	if err != nil || there {
		return id, err
	}
	if err := s.People.Take(ctx, "account.ask", address, codesByAddress, time.Hour); err != nil {
		return "", err
	}
	if err := s.People.Take(ctx, "account.phone", mark, codesByPhone, time.Hour); err != nil {
		return "", err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	code := fmt.Sprintf("%06d", n.Int64())
	c := sent{id: id, mark: mark, phone: s.Keys.Seal([]byte(phone), sealContext(mark)), hash: s.codeHash(id, code), until: s.Clock.Now().Add(codeLife)}
	fresh, err := s.keepCode(ctx, c)
	if err != nil || !fresh {
		return id, err
	}
	if err := s.Coder.Send(ctx, phone, code, purpose); err != nil {
		if drop := s.dropCode(ctx, id); drop != nil {
			return "", drop
		}
		if f := fault.Of(err); f.Kind == fault.Invalid {
			return "", fault.New(fault.Invalid, "account.phone").At("phone")
		}
		return "", err
	}
	return id, nil
}

// SignIn takes a code and gives the token of a session; the first one makes the
// account. Fault: Invalid account.code at code, the same for a wrong, an old, a
// used, a foreign and no code, and after too many tries.
func (s *Service) SignIn(ctx context.Context, address, id, code string) (token string, err error) {
	if err := s.People.Take(ctx, "account.try", address, triesByAddress, time.Hour); err != nil {
		return "", err
	}
	wrong := fault.New(fault.Invalid, "account.code").At("code")
	if !askID.MatchString(id) {
		return "", wrong
	}
	code = strings.ReplaceAll(text.Fold(strings.TrimSpace(code)), " ", "")
	now := s.Clock.Now()
	token = seal.Token()
	good, err := s.enter(ctx, entry{code: id, want: s.codeHash(id, code), now: now, account: db.NewID(now), session: seal.HashToken(token)})
	if err != nil {
		return "", err
	}
	if !good {
		return "", wrong
	}
	return token, nil
}

// Phone is the account's telephone in clear, for its owner.
func (s *Service) Phone(a *Account) (string, error) {
	clear, err := s.Keys.Open(a.sealed, sealContext(a.mark))
	return string(clear), err
}

// AddLink puts a case onto the account by its query link. Faults: Invalid at link;
// NotFound; Busy.
func (s *Service) AddLink(ctx context.Context, a *Account, address, link string) error {
	token, err := ParseLink(link)
	if err != nil {
		return err
	}
	party, number, err := s.Parties.PartyOfLink(ctx, address, token)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.Invalid, "account.link").At("link")
		}
		return err
	}
	return s.Keep(ctx, a, Kept{Number: number, Party: party})
}

// AddNumber puts a case onto the account in which this account's own telephone was
// left. Faults: Invalid account.number at number, one for all that does not fit; Busy.
func (s *Service) AddNumber(ctx context.Context, a *Account, address, number string) error {
	if err := s.People.Take(ctx, "account.add", a.ID, addsByAccount, time.Hour); err != nil {
		return err
	}
	phone, err := s.Phone(a)
	if err != nil {
		return err
	}
	party, err := s.Parties.PartyOfNumber(ctx, address, number, phone)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.Invalid, "account.number").At("number")
		}
		return err
	}
	return s.Keep(ctx, a, Kept{Number: number, Party: party, Weak: true})
}

// Holds is a case on the account by its number; false where it is not on it.
func (s *Service) Holds(ctx context.Context, a *Account, number string) (identity.Party, bool, bool, error) {
	k, there, err := s.keptBy(ctx, a.ID, number)
	return k.Party, k.Weak, there, err
}
