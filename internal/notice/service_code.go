package notice

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"strings"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/notify"
)

const (
	limitDay   = 24 * time.Hour
	codeLife   = 10 * time.Minute
	sentLife   = 5 * time.Minute // of a code that the caller made
	codeTries  = 5
	codesAHour = 5  // to one receiver
	codesADay  = 10 // to one receiver
)

// Coder sends a one-time code to a telephone; rooms below this one have such an
// interface of their own and get *Service on the roof.
type Coder interface {
	Send(ctx context.Context, phone, code, purposeKey string) error
}

// Send sends a code that the caller made and keeps, and for which five minutes are
// told. purposeKey is the text key of
// what it is for. Faults: Invalid at to; Busy identity.limit (too many to this
// receiver) or notice.code_not_sent (the sender is away); Unmet notice.no_sender.
func (s *Service) Send(ctx context.Context, phone, code, purposeKey string) error {
	to, err := address(SMS, phone)
	if err != nil {
		return err
	}
	if err := s.takeCode(ctx, SMS, to); err != nil {
		return err
	}
	return s.deliverCode(ctx, SMS, to, code, purposeKey, sentLife)
}

// SendCode makes a code of six digits for a telephone and a purpose and sends it.
// Of several the last is good, for ten minutes and five tries. Faults as Send.
func (s *Service) SendCode(ctx context.Context, phone, purposeKey string) error {
	to, err := address(SMS, phone)
	if err != nil {
		return err
	}
	return s.sendCode(ctx, SMS, to, purposeKey, "")
}

// CheckCode says whether a code is the one that was sent; it is good once. Fault:
// Invalid notice.code_wrong at code, the same for a wrong, an old and no code.
func (s *Service) CheckCode(ctx context.Context, phone, purposeKey, code string) error {
	to, err := address(SMS, phone)
	if err != nil {
		return err
	}
	return s.checkCode(ctx, SMS, to, purposeKey, "", code)
}

// takeCode counts codes by receiver, so that nobody is bothered by them.
func (s *Service) takeCode(ctx context.Context, channel, to string) error {
	if !s.has(channel) {
		return fault.New(fault.Unmet, "notice.no_sender").At("to")
	}
	if err := s.People.Take(ctx, "notice.code.hour", channel+to, codesAHour, time.Hour); err != nil {
		return err
	}
	return s.People.Take(ctx, "notice.code.day", channel+to, codesADay, limitDay)
}

// codeID names the one code that is good for a receiver, a purpose and, where it is
// asked for by an account, that account.
func (s *Service) codeID(channel, to, purpose, who string) string {
	return s.Keys.Keyed("notice/code", strings.Join([]string{channel, to, purpose, who}, "\n"))
}

// codeHash hides a code: of six digits, so it is keyed.
func (s *Service) codeHash(id, code string) string {
	return s.Keys.Keyed("notice/code-hash", id+"\n"+code)
}

func (s *Service) sendCode(ctx context.Context, channel, to, purpose, who string) error {
	if err := s.takeCode(ctx, channel, to); err != nil {
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return err
	}
	code, id := fmt.Sprintf("%06d", n.Int64()), s.codeID(channel, to, purpose, who)
	hash, now := s.codeHash(id, code), s.Clock.Now()
	if err := s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO notice_code(id, hash, until, tries) VALUES ($1,$2,$3,0)
			ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, until = excluded.until, tries = 0`, id, hash, now.Add(codeLife))
		return err
	}); err != nil {
		return err
	}
	return s.deliverCode(ctx, channel, to, code, purpose, codeLife)
}

// deliverCode sends at once, since somebody waits.
func (s *Service) deliverCode(ctx context.Context, channel, to, code, purposeKey string, life time.Duration) error {
	return s.deliver(ctx, life, notify.Message{ID: db.NewID(s.Clock.Now()), Channel: channel, Kind: "code", To: to, Title: s.say("", "notice.out.code.title"),
		Text:   s.say("", "notice.out.code", "code", code, "purpose", s.say("", purposeKey), "minutes", int(life/time.Minute)),
		Params: map[string]string{"code": code, "minutes": fmt.Sprint(int(life / time.Minute))}})
}

// Can says whether a sender is there for a channel.
func (s *Service) Can(channel string) bool { return s.has(channel) }

// Post sends what another room wrote to an address outside that asked for it, such
// as a digest that somebody subscribed to. The same key is the same message to the
// sender. Faults: Invalid at to, Unmet notice.no_sender, Busy notice.code_not_sent.
func (s *Service) Post(ctx context.Context, channel, to, title, words, key string) error {
	to, err := address(channel, to)
	if err != nil {
		return err
	}
	return s.deliver(ctx, limitDay, notify.Message{ID: s.Keys.Keyed("notice/post", key), Channel: channel, Kind: "post", To: to, Title: title, Text: words})
}

// deliver sends one message now and notes it in the delivery log, without content
// and without receiver.
func (s *Service) deliver(ctx context.Context, life time.Duration, m notify.Message) error {
	sender := s.Senders.For(m.Channel)
	if sender == nil {
		return fault.New(fault.Unmet, "notice.no_sender").At("to")
	}
	ref, failure := s.attempt(ctx, sender, m)
	now := s.Clock.Now()
	id := db.NewID(now)
	l := Line{ID: id, Act: id, Who: toCode, Channel: m.Channel, Kind: m.Kind, Urgency: Urgent, Recorded: now, Due: now, Expires: now.Add(life),
		Status: Sent, Sender: sender.Name, Ref: ref, Changed: now}
	if failure != nil {
		l.Status, l.Problem = Failed, failure.Code
	}
	if err := s.DB.Commit(ctx, func(tx *db.Tx) error { return insert(tx, &l, "") }); err != nil {
		return err
	}
	if err := s.note(ctx, sender.Name, failure, now); err != nil {
		return err
	}
	if failure != nil {
		return fault.New(fault.Busy, "notice.code_not_sent").Because(failure)
	}
	return nil
}

func (s *Service) checkCode(ctx context.Context, channel, to, purpose, who, code string) error {
	wrong := fault.New(fault.Invalid, "notice.code_wrong").At("code")
	id := s.codeID(channel, to, purpose, who)
	want, now := s.codeHash(id, strings.TrimSpace(code)), s.Clock.Now()
	good := false
	err := s.DB.Commit(ctx, func(tx *db.Tx) error {
		good = false
		var hash string
		var until clock.Instant
		var tries int
		ok, err := none(tx.Row(`UPDATE notice_code SET tries = tries + 1 WHERE id = $1 RETURNING hash, until, tries`, id).Scan(&hash, &until, &tries))
		if err != nil || !ok || until <= now || tries > codeTries || subtle.ConstantTimeCompare([]byte(hash), []byte(want)) != 1 {
			return err
		}
		good = true
		_, err = tx.Exec(`DELETE FROM notice_code WHERE id = $1`, id)
		return err
	})
	if err == nil && !good {
		err = wrong
	}
	return err
}
