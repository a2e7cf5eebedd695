package app

import (
	"cmp"
	"context"

	"linli/internal/account"
	"linli/internal/kit/clock"
	"linli/internal/notice"
	"linli/internal/publicity"
	"linli/internal/staff"
)

// buildNotices is who is told outside the house.
func (h *House) buildNotices() {
	h.Notices = notice.New(notice.Parts{DB: h.DB, Clock: h.Clock, Keys: h.Keys, Ledger: h.Ledger, Editions: h.Editions, People: h.People, Law: h.Law,
		Cases: h.Cases, Book: h.Words, Log: h.Log, Senders: h.Config.Senders, Address: cmp.Or(h.Config.Public, h.Config.Trial), AtOnce: h.Config.Trial != ""})
	h.Notices.Roster = roster{h.Staff}
	h.Notices.Enter = h.Requests.Enter
	h.Requests.Messages = h.Notices
	if h.Notices.Can(notice.SMS) || h.Notices.Can(notice.Mail) {
		h.Public.Outbox = outbox{h.Notices}
		h.Public.Address = cmp.Or(h.Config.Public, h.Config.Trial)
	}
}

// buildAccounts is the residents' accounts, which stand on codes by telephone.
func (h *House) buildAccounts() {
	h.Accounts = account.New(account.Parts{DB: h.DB, Clock: h.Clock, Keys: h.Keys, People: h.People, Cases: h.Cases, Parties: h.Requests, Log: h.Log})
	if h.Notices.Can(notice.SMS) {
		h.Accounts.Coder = h.Notices
	}
	h.Requests.Accounts = h.Accounts
}

// outbox gives those who subscribed to a place their messages.
type outbox struct{ notices *notice.Service }

// Send sends one message by telephone or mail. Faults: those of notice.Post.
func (o outbox) Send(ctx context.Context, m publicity.Message) error {
	channel := notice.SMS
	if m.Kind == "mail" {
		channel = notice.Mail
	}
	return o.notices.Post(ctx, channel, m.To, m.Title, m.Text, m.Key)
}

// roster gives notices the persons on duty.
type roster struct{ *staff.Service }

// OnDuty are the persons on duty in a unit by the published roster.
func (r roster) OnDuty(ctx context.Context, unit string, at clock.Instant) ([]string, error) {
	list, err := r.Service.OnDuty(ctx, unit, at)
	var out []string
	for _, d := range list {
		out = append(out, d.Person)
	}
	return out, err
}
