package app

import (
	"context"

	"linli/internal/deliberation"
	"linli/internal/finance"
	"linli/internal/identity"
	"linli/internal/ledger"
)

// Verification is the outcome of holding the whole house against its log.
type Verification struct {
	ledger.Report
	Acts   int // acts compared with their leaves
	Cases  int // cases replayed
	Erased int // values erased by an act of the log: no damage
	Sealed int // sealed values that could not be opened for want of the key
}

// Verify checks the log, replays every case, and holds people, units,
// the lines of accounts, the signatures and statements and editions against their
// leaves. against is empty or holds older checkpoints: a history rewritten since then
// is found. It only reads.
func (h *House) Verify(ctx context.Context, against string) (Verification, error) {
	var out Verification
	var found []ledger.Finding
	add := func(f ledger.Finding) { found = append(found, f) }
	cases := h.Cases.Verify(ctx, add)
	report, err := h.Ledger.Verify(ctx, against, cases.Leaf)
	if err != nil {
		return out, err
	}
	if err := cases.Replay(); err != nil {
		return out, err
	}
	out.Report, out.Acts, out.Cases, out.Erased, out.Sealed = report, cases.Acts, cases.Cases, cases.Erased, cases.Sealed
	people, err := h.People.Verify(ctx, h.Ledger.Leaf)
	if err != nil {
		return out, err
	}
	for _, f := range people {
		if f.Kind == identity.ActErased {
			out.Erased++
			continue
		}
		add(ledger.NewFinding("identity", ledger.FindingKind(f.Kind), ledger.Ref{Number: -1, ID: f.ID}, "thing", f.Thing, "id", f.ID))
	}
	_, books, err := h.Books.Verify(ctx)
	if err != nil {
		return out, err
	}
	for _, b := range books {
		add(ledger.NewFinding("finance", finance.LinesChanged, ledger.Ref{Number: -1, ID: b.Act, Case: b.Case}, "period", string(b.Period), "book", b.Book))
	}
	rows, err := h.Matters.Verify(ctx)
	if err != nil {
		return out, err
	}
	for _, f := range rows {
		add(ledger.NewFinding("deliberation", deliberation.RowsDiffer, ledger.Ref{Number: -1, ID: f.Act, Case: f.Case}, "table", f.Table))
	}
	editions, err := h.Editions.Verify(ctx)
	if err != nil {
		return out, err
	}
	for _, f := range append(found, editions...) {
		out.Add(f)
	}
	return out, nil
}
