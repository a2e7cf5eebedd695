package publicity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"linli/internal/kit/privacy"
	"math/big"
	"net/mail"
	"slices"
	"strings"
	"time"

	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
)

// Kinds of contact.
const (
	kindPhone = "phone"
	kindMail  = "mail"
)

const (
	confirmWithin = 24 * time.Hour // a subscription that nobody confirmed is gone
	mostTries     = 5              // of a code
	digestAfter   = 24 * time.Hour
	mostClasses   = 20
	mostTold      = 20 // lines of one digest
)

var sealedContact = []byte("publicity/contact")

// Wish is what somebody wants to be told of.
type Wish struct {
	Area    string
	Classes []string
	Contact string // a mobile number or a mail address
	Lang    string
	Base    string // address of this house, for the link
}

// ParseContact tells a mobile number from a mail address. Fault: Invalid at contact.
func ParseContact(s string) (kind, clean string, err error) {
	wrong := fault.New(fault.Invalid, "publicity.contact").At("contact")
	if s, err = text.Clean(s, 120); err != nil {
		return "", "", fault.Of(err).At("contact")
	}
	digits := strings.NewReplacer(" ", "", "-", "", "+86", "").Replace(string(privacy.Folded([]rune(s))))
	if strings.Trim(digits, "0123456789") == "" && privacy.Mobile([]byte(digits)) {
		return kindPhone, digits, nil
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || strings.ContainsAny(s, " \t\n<>\"(),;:") || !strings.Contains(s[strings.LastIndex(s, "@")+1:], ".") {
		return "", "", wrong
	}
	return kindMail, strings.ToLower(s), nil
}

// Subscribe keeps a wish until it is confirmed by the link or the code that is
// sent to the contact. The answer is the same whether the contact was known.
// Faults: Invalid at a field, Unmet where nothing can be sent.
func (s *Service) Subscribe(ctx context.Context, w Wish) (id string, err error) {
	if s.Outbox == nil {
		return "", fault.New(fault.Unmet, "publicity.no_sender")
	}
	kind, contact, err := ParseContact(w.Contact)
	if err != nil {
		return "", err
	}
	if len(w.Area) < communityDigits || strings.Trim(w.Area, "0123456789") != "" {
		return "", fault.New(fault.Invalid, "publicity.area").At("area")
	}
	if _, err := s.Areas.Get(ctx, w.Area); err != nil {
		return "", fault.New(fault.Invalid, "publicity.area").At("area")
	}
	if len(w.Classes) > mostClasses {
		return "", fault.New(fault.Invalid, "publicity.classes_many", "most", mostClasses).At("class")
	}
	for _, k := range w.Classes {
		if _, err := s.Duty.Class(ctx, k); err != nil {
			return "", fault.Of(err).At("class")
		}
	}
	six, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	token, code, now := seal.Token(), fmt.Sprintf("%06d", six), s.Clock.Now()
	u := subscription{ID: db.NewID(now), Kind: kind, Area: w.Area, Classes: slices.Clone(w.Classes), Contact: s.Keys.Seal([]byte(contact), sealedContact),
		Mark: s.Keys.Index("publicity subscription", contact), Token: seal.HashToken(token), Made: now, Lang: w.Lang}
	if u.Classes == nil {
		u.Classes = []string{}
	}
	u.Code = s.codeOf(u.ID, code)
	if err := s.People.Take(ctx, "publicity.contact", u.Mark, 5, 24*time.Hour); err != nil {
		return "", err
	}
	if err := s.DB.Commit(ctx, func(tx *db.Tx) error { return keepSubscription(tx, u) }); err != nil {
		return "", err
	}
	name, _ := s.areaName(ctx, u.Area)
	args := map[string]any{"area": name, "code": code, "link": w.Base + "/subscription/" + token, "hours": int(confirmWithin.Hours())}
	return u.ID, s.Outbox.Send(ctx, Message{Kind: kind, To: contact, Key: "publicity confirm " + u.ID,
		Title: s.Book().Say(w.Lang, "publicity.subscribe.mail.title", args), Text: s.Book().Say(w.Lang, "publicity.subscribe.mail."+kind, args)})
}

func (s *Service) codeOf(id, code string) string {
	return s.Keys.Keyed("publicity code", id+" "+code)
}

// ConfirmCode confirms a subscription by the code that was sent. Fault: Invalid
// at code, also after too many tries.
func (s *Service) ConfirmCode(ctx context.Context, id, code string) error {
	wrong := fault.New(fault.Invalid, "publicity.code").At("code")
	u, there, err := s.subscriptionByID(ctx, id)
	if err != nil {
		return err
	}
	if !there || u.Confirmed != 0 || u.Tries >= mostTries || s.Clock.Now().Sub(u.Made) > confirmWithin {
		return wrong
	}
	if err := s.change(ctx, `UPDATE publicity_subscription SET tries = tries + 1 WHERE id = $1`, id); err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(u.Code), []byte(s.codeOf(id, strings.TrimSpace(code)))) != 1 {
		return wrong
	}
	return s.confirm(ctx, u)
}

func (s *Service) confirm(ctx context.Context, u subscription) error {
	now := s.Clock.Now()
	return s.change(ctx, `UPDATE publicity_subscription SET confirmed = $2, sent = $2, code = '' WHERE id = $1 AND confirmed = 0`, u.ID, now)
}

// byToken finds a subscription by its link. Fault: NotFound, also where it was
// not confirmed in time.
func (s *Service) byToken(ctx context.Context, token string) (subscription, error) {
	none := fault.New(fault.NotFound, "publicity.no_subscription")
	if len(token) == 0 || len(token) > 64 {
		return subscription{}, none
	}
	u, there, err := s.subscriptionBy(ctx, seal.HashToken(token))
	if err != nil {
		return u, err
	}
	if !there || u.Confirmed == 0 && s.Clock.Now().Sub(u.Made) > confirmWithin {
		return u, none
	}
	return u, nil
}

// ConfirmLink confirms a subscription by its link. Fault: NotFound.
func (s *Service) ConfirmLink(ctx context.Context, token string) error {
	u, err := s.byToken(ctx, token)
	if err != nil || u.Confirmed != 0 {
		return err
	}
	return s.confirm(ctx, u)
}

// Unsubscribe ends a subscription and destroys its contact. Fault: NotFound.
func (s *Service) Unsubscribe(ctx context.Context, token string) error {
	u, err := s.byToken(ctx, token)
	if err != nil {
		return err
	}
	return s.change(ctx, `DELETE FROM publicity_subscription WHERE id = $1`, u.ID)
}

// SendDigests sends everybody who subscribed what is new, at most once a day,
// and forgets subscriptions that nobody confirmed. It returns how many were sent.
// A message that cannot be sent waits for the next round.
func (s *Service) SendDigests(ctx context.Context) (sent int, err error) {
	now := s.Clock.Now()
	if err := s.change(ctx, `DELETE FROM publicity_subscription WHERE confirmed = 0 AND made < $1`, now.Add(-confirmWithin)); err != nil {
		return 0, err
	}
	after := ""
	for {
		list, err := s.due(ctx, now.Add(-digestAfter), after, 100)
		if err != nil || len(list) == 0 {
			return sent, err
		}
		for _, u := range list {
			after = u.ID
			did, err := s.digest(ctx, u)
			if err != nil {
				s.Log.Warn("publicity: a digest could not be sent and is tried again", "subscription", u.ID, "error", err)
				continue
			}
			if did {
				sent++
			}
			if err := s.change(ctx, `UPDATE publicity_subscription SET sent = $2 WHERE id = $1`, u.ID, now); err != nil {
				return sent, err
			}
		}
	}
}

// digest tells one subscriber; false where there is nothing new.
func (s *Service) digest(ctx context.Context, u subscription) (bool, error) {
	classes, err := s.classes(ctx, u.Classes)
	if err != nil {
		return false, err
	}
	items, err := s.items(ctx, Filter{Area: u.Area, Classes: classes, Since: u.Sent, Limit: mostTold + 1})
	if err != nil || len(items) == 0 {
		return false, err
	}
	contact, err := s.Keys.Open(u.Contact, sealedContact)
	if err != nil {
		return false, err
	}
	name, err := s.areaName(ctx, u.Area)
	if err != nil {
		return false, err
	}
	say := func(key string, args map[string]any) string { return s.Book().Say(u.Lang, "publicity."+key, args) }
	var lines []string
	for _, it := range items[:min(len(items), mostTold)] {
		title := s.className(ctx, it.Class, u.Lang)
		if it.Title != "" {
			title += " " + it.Title
		}
		lines = append(lines, say("digest.line", map[string]any{"day": it.Opened.Day(), "title": title, "link": s.Address + "/requests/" + it.Case}))
	}
	token := seal.Token() // the link of an older digest ends with it
	if err := s.change(ctx, `UPDATE publicity_subscription SET token = $2 WHERE id = $1`, u.ID, seal.HashToken(token)); err != nil {
		return false, err
	}
	args := map[string]any{"area": name, "n": len(items), "lines": strings.Join(lines, "\n"), "link": s.Address + "/requests?area=" + u.Area,
		"end": s.Address + "/subscription/" + token}
	return true, s.Outbox.Send(ctx, Message{Kind: u.Kind, To: string(contact), Key: fmt.Sprintf("publicity digest %s %d", u.ID, u.Sent),
		Title: say("digest.title", args), Text: say("digest."+u.Kind, args)})
}
