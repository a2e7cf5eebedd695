package app

import (
	"cmp"
	"context"

	"linli/internal/kit/clock"
	"linli/internal/notice"
	"linli/internal/staff"
)

// buildNotices is who is told outside the house.
func (h *House) buildNotices() {
	h.Notices = notice.New(notice.Parts{DB: h.DB, Clock: h.Clock, Keys: h.Keys, Ledger: h.Ledger, Editions: h.Editions, People: h.People, Law: h.Law,
		Cases: h.Cases, Book: h.Words, Log: h.Log, Senders: h.Config.Senders, Address: cmp.Or(h.Config.Public, h.Config.Trial), AtOnce: h.Config.Trial != ""})
	h.Notices.Roster = roster{h.Staff}
	h.Notices.Enter = h.Requests.Enter
	h.Requests.Messages = h.Notices
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
