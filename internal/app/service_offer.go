package app

import (
	"context"

	"linli/internal/casework"
)

// offer registers what rooms offer to procedures under a name.
func (h *House) offer() {
	h.Cases.RegisterCheck("duty.may_lead", h.mayLead)
	pass := func(context.Context, *casework.Moment) error { return nil }
	for _, name := range []string{"request.names_other", "request.contacted", "request.may_settle"} {
		h.Cases.RegisterCheck(name, pass)
	}
	for _, name := range []string{"request.register", "request.close_intake", "request.classify", "request.complaint", "request.supplied", "request.dispatch", "request.ruled", "request.answer"} {
		h.Cases.RegisterEffect(name, pass)
	}
	h.Cases.OnErase(h.destroy)
}

// mayLead refuses a lead that lists and norms keep from the matter; where the
// case has neither item nor class there is no matter to judge by.
func (h *House) mayLead(ctx context.Context, m *casework.Moment) error {
	matter := m.Values.Text("item")
	if matter == "" {
		matter = m.Values.Text("class")
	}
	if matter == "" {
		return nil
	}
	unit, err := h.People.Unit(ctx, m.Values.Text("lead"))
	if err != nil {
		return err
	}
	return h.Duty.MayLead(ctx, matter, m.Area(), unit, m.Now.Day())
}

// destroy takes attachments away after their values were erased.
func (h *House) destroy(ctx context.Context, blobs []string) {
	for _, id := range blobs {
		if err := h.Blobs.Delete(ctx, id); err != nil {
			h.Log.Error("an erased attachment could not be destroyed; verify names it", "blob", id, "error", err)
		}
	}
}
