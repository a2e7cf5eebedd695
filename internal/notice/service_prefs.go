package notice

import (
	"context"
	"encoding/json"
	"net/mail"
	"regexp"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Preference is how a person wants to be told.
func (s *Service) Preference(ctx context.Context, person string) (Preference, error) {
	p := DefaultPreference()
	var body string
	ok, err := none(s.DB.Reader().Row(ctx, `SELECT body FROM notice_preference WHERE person = $1`, person).Scan(&body))
	if err != nil || !ok {
		return p, err
	}
	return p, json.Unmarshal([]byte(body), &p)
}

// SetPreference keeps how the actor wants to be told. Faults: Invalid at the field.
func (s *Service) SetPreference(ctx context.Context, a identity.Actor, p Preference) error {
	if !a.Known() {
		return fault.New(fault.Forbidden, "httpx.sign_in")
	}
	for _, u := range urgencies {
		switch m := p.Modes[u]; {
		case m == AtOnce || m == InHouse || m == Digest && u != urgencies[Urgent]:
		default:
			return fault.New(fault.Invalid, "notice.mode").At(u)
		}
	}
	switch {
	case p.Channel != "" && p.Channel != SMS && p.Channel != Mail && p.Channel != Work:
		return fault.New(fault.Invalid, "notice.channel").At("channel")
	case p.Digest < 0 || p.Digest >= 24*60:
		return fault.New(fault.Invalid, "notice.time").At("digest")
	case p.From < 0 || p.From >= 24*60:
		return fault.New(fault.Invalid, "notice.time").At("from")
	case p.To < 0 || p.To >= 24*60:
		return fault.New(fault.Invalid, "notice.time").At("to")
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO notice_preference(person, body, changed) VALUES ($1,$2,$3)
			ON CONFLICT (person) DO UPDATE SET body = excluded.body, changed = excluded.changed`, a.Person, string(raw), s.Clock.Now())
		return err
	})
}

// Contact is where a person of the office is reached, masked.
type Contact struct {
	Channel  string
	Masked   string
	Verified bool
}

func contactContext(person, channel string) []byte {
	return []byte("notice/contact/" + person + "/" + channel)
}

// Contacts are the actor's own, verified ones before those still to be confirmed.
func (s *Service) Contacts(ctx context.Context, person string) ([]Contact, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT channel, sealed, verified FROM notice_contact WHERE person = $1 ORDER BY verified DESC, channel`, person)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Contact
	for rows.Next() {
		var c Contact
		var sealed string
		var verified int64
		if err := rows.Scan(&c.Channel, &sealed, &verified); err != nil {
			return nil, err
		}
		plain, err := s.Keys.Open(sealed, contactContext(person, c.Channel))
		c.Masked, c.Verified = masked(c.Channel, string(plain)), verified == 1
		if err != nil {
			c.Masked = "****" // the key of this value is lost; a new contact mends it
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// masked shows enough of a contact to recognise it.
func masked(channel, s string) string {
	if channel == Mail {
		if i := strings.IndexByte(s, '@'); i > 0 {
			return s[:1] + "***" + s[i:]
		}
	}
	if len(s) > 7 {
		return s[:3] + "****" + s[len(s)-4:]
	}
	return "****"
}

// contact opens a verified contact for sending.
func (s *Service) contact(ctx context.Context, person, channel string, verified int) (string, bool, error) {
	var sealed string
	ok, err := none(s.DB.Reader().Row(ctx, `SELECT sealed FROM notice_contact WHERE person = $1 AND channel = $2 AND verified = $3`, person, channel, verified).Scan(&sealed))
	if err != nil || !ok {
		return "", false, err
	}
	plain, err := s.Keys.Open(sealed, contactContext(person, channel))
	return string(plain), err == nil, err
}

// reachable are the channels by which a person can be reached: verified, and with
// a sender. The office's messenger goes by account and needs nothing else.
func (s *Service) reachable(ctx context.Context, person string) (map[string]bool, error) {
	out := map[string]bool{Work: s.has(Work)}
	rows, err := s.DB.Reader().Rows(ctx, `SELECT channel FROM notice_contact WHERE person = $1 AND verified = 1`, person)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c string
		if err := rows.Scan(&c); err != nil {
			return nil, err
		}
		out[c] = s.has(c)
	}
	return out, rows.Err()
}

var mobile = regexp.MustCompile(`^(\+86)?1[3-9][0-9]{9}$|^\+([1-79]|8[0-57-9])[0-9]{5,13}$`)

// address brings a contact into the form that is kept. Fault: Invalid at to.
func address(channel, to string) (string, error) {
	to, err := text.Clean(to, 120)
	if err != nil {
		return "", fault.Of(err).At("to")
	}
	if channel == Mail {
		a, err := mail.ParseAddress(to)
		if err != nil || a.Address != to || strings.ContainsAny(to, "\r\n") {
			return "", fault.New(fault.Invalid, "notice.mail").At("to")
		}
		return to, nil
	}
	to = strings.NewReplacer(" ", "", "-", "").Replace(text.Fold(to))
	if !mobile.MatchString(to) {
		return "", fault.New(fault.Invalid, "notice.mobile").At("to")
	}
	return to, nil
}

// purposeContact is the purpose of the code that confirms a contact.
const purposeContact = "notice.purpose.contact"

// OfferContact keeps a contact of the actor's until its code is entered, and sends
// the code. The one that was verified before stays good meanwhile. Faults: Invalid
// at channel or to; Busy (too many, or the sender is away).
func (s *Service) OfferContact(ctx context.Context, a identity.Actor, channel, to string) error {
	if !a.Known() {
		return fault.New(fault.Forbidden, "httpx.sign_in")
	}
	if channel != SMS && channel != Mail {
		return fault.New(fault.Invalid, "notice.channel").At("channel")
	}
	if !s.has(channel) {
		return fault.New(fault.Unmet, "notice.no_sender").At("channel")
	}
	to, err := address(channel, to)
	if err != nil {
		return err
	}
	if err := s.People.Take(ctx, "notice.contact", a.Person, 10, limitDay); err != nil {
		return err
	}
	sealed, now := s.Keys.Seal([]byte(to), contactContext(a.Person, channel)), s.Clock.Now()
	if err := s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO notice_contact(person, channel, sealed, verified, changed) VALUES ($1,$2,$3,0,$4)
			ON CONFLICT (person, channel, verified) DO UPDATE SET sealed = excluded.sealed, changed = excluded.changed`, a.Person, channel, sealed, now)
		return err
	}); err != nil {
		return err
	}
	return s.sendCode(ctx, channel, to, purposeContact, a.Person)
}

// ConfirmContact makes the offered contact good by its code. Fault: Invalid at code.
func (s *Service) ConfirmContact(ctx context.Context, a identity.Actor, channel, code string) error {
	to, ok, err := s.contact(ctx, a.Person, channel, 0)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Invalid, "notice.code_wrong").At("code")
	}
	if err := s.checkCode(ctx, channel, to, purposeContact, a.Person, code); err != nil {
		return err
	}
	now := s.Clock.Now()
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM notice_contact WHERE person = $1 AND channel = $2 AND verified = 1`, a.Person, channel); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE notice_contact SET verified = 1, changed = $3 WHERE person = $1 AND channel = $2 AND verified = 0`, a.Person, channel, now)
		return err
	})
}

// ForgetContact takes the actor's contacts of a channel away.
func (s *Service) ForgetContact(ctx context.Context, a identity.Actor, channel string) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM notice_contact WHERE person = $1 AND channel = $2`, a.Person, channel)
		return err
	})
}

// SeedContact keeps a contact of a person as verified, for an import by the house
// itself and for the demo.
func (s *Service) SeedContact(ctx context.Context, person, channel, to string) error {
	to, err := address(channel, to)
	if err != nil {
		return err
	}
	sealed, now := s.Keys.Seal([]byte(to), contactContext(person, channel)), s.Clock.Now()
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO notice_contact(person, channel, sealed, verified, changed) VALUES ($1,$2,$3,1,$4)
			ON CONFLICT (person, channel, verified) DO UPDATE SET sealed = excluded.sealed, changed = excluded.changed`, person, channel, sealed, now)
		return err
	})
}
