package request

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/web"
)

// Accounts are those of residents who want one; the room that keeps them is one.
type Accounts interface {
	Offered() bool
	SignedIn(r *http.Request) (bool, error)
	// Holding is a case on the account of who is signed in, by its number.
	Holding(r *http.Request, number string) (party identity.Party, weak, there bool, err error)
	// Take puts a case that is open by its link onto the account of who is signed in.
	Take(r *http.Request, number string, party identity.Party) error
}

// accountPart is what the follow page says of the resident's account: the case is
// on it, can be put there, or one could sign in.
type accountPart struct {
	Kept   bool
	Here   bool   // it is open by the account, so that signing out is leaving
	Action string // puts the case there
	Number string // to be posted where the case is open by number: the account's own telephone decides
}

// byAccount is who follows a case because it is on their account.
func (e *edge) byAccount(r *http.Request, number string) (visit, bool) {
	if e.Accounts == nil {
		return visit{}, false
	}
	party, weak, there, err := e.Accounts.Holding(r, number)
	if err != nil {
		slog.Error("a resident's account could not be looked up; it opens nothing", "error", err)
		return visit{}, false
	}
	return visit{Number: number, Party: party, Weak: weak, account: true}, there
}

func (e *edge) account(r *http.Request, view *casework.View, v visit) (*accountPart, error) {
	if e.Accounts == nil || !e.Accounts.Offered() || v.Party.ID == "" {
		return nil, nil
	}
	in, err := e.Accounts.SignedIn(r)
	if err != nil || !in {
		return &accountPart{}, err
	}
	_, weak, there, err := e.Accounts.Holding(r, view.Case.Number)
	if there && (v.Weak || !weak) {
		return &accountPart{Kept: true, Here: v.account}, err
	}
	if v.Weak {
		return &accountPart{Action: "/account/add", Number: view.Case.Number}, err
	}
	return &accountPart{Action: "/follow/" + view.Case.Number + "/account"}, err
}

// postAccount puts the case that is open by its link onto the visitor's account.
// The end of a telephone is not enough for what lasts.
func (e *edge) postAccount(w http.ResponseWriter, r *http.Request) {
	view, _, v, err := e.followed(r)
	if err == nil && (e.Accounts == nil || v.Party.ID == "" || v.Weak) {
		err = fault.New(fault.NotFound, "request.need_link")
	}
	if err == nil {
		err = e.Accounts.Take(r, view.Case.Number, v.Party)
	}
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	http.Redirect(w, r, "/follow/"+view.Case.Number+"#account", http.StatusSeeOther)
}

// receiptAccount is the button of the receipt that puts the new case onto the
// account of who is signed in; nil for everybody else. Nothing is put there by
// itself: who is signed in may report without it, too.
func (e *edge) receiptAccount(r *http.Request, mode string, receipt casework.Receipt) (*web.Form, error) {
	if e.Accounts == nil || mode != modePublic || receipt.Token == "" {
		return nil, nil
	}
	in, err := e.Accounts.SignedIn(r)
	if err != nil || !in {
		return nil, err
	}
	return &web.Form{Action: "/account/add", ID: "account", Submit: e.say(r, "account.keep"), Hidden: []web.Option{{Label: "link", Value: receipt.Token}}}, nil
}

// PartyOfLink is whose query link a token is, and the number of the request. A
// wrong one is counted by address. Faults: NotFound request.link_wrong, Busy.
func (s *Service) PartyOfLink(ctx context.Context, address, token string) (identity.Party, string, error) {
	party, err := s.Cases.PartyByToken(ctx, seal.HashToken(token))
	var c *casework.Case
	if err == nil {
		c, _, err = s.Cases.Seen(ctx, identity.Actor{Kind: identity.Link, Party: party}, party.Case)
	}
	if fault.Is(err, fault.NotFound) || err == nil && c.Procedure != Procedure {
		if err = s.take(ctx, limitLink, address); err == nil {
			err = fault.New(fault.NotFound, "request.link_wrong")
		}
	}
	if err != nil {
		return identity.Party{}, "", err
	}
	return party, c.Number, nil
}

// PartyOfNumber is the reporter of the request of a number where they left this
// very telephone, which the caller has verified. Everything that does not fit has
// one answer, and tries are few, by number and by address. Faults: NotFound
// request.query_wrong, Busy.
func (s *Service) PartyOfNumber(ctx context.Context, address, number, phone string) (identity.Party, error) {
	wrong := fault.New(fault.NotFound, "request.query_wrong")
	if err := s.take(ctx, limitQuery, address); err != nil {
		return identity.Party{}, err
	}
	number, err := text.Clean(number, 40)
	if err != nil || number == "" {
		return identity.Party{}, wrong
	}
	if err := s.take(ctx, limitNumber, number); err != nil {
		return identity.Party{}, err
	}
	c, _, acts, err := s.Cases.History(ctx, number)
	if fault.Is(err, fault.NotFound) || err == nil && (c.Procedure != Procedure || c.Number != number || len(acts) == 0) {
		return identity.Party{}, wrong
	}
	if err != nil {
		return identity.Party{}, err
	}
	left, err := s.Cases.Reach(ctx, c.ID, acts[0].ID, "phone")
	if err != nil {
		if k := fault.Of(err).Kind; k == fault.NotFound || k == fault.Unmet {
			err = wrong
		}
		return identity.Party{}, err
	}
	if strings.TrimPrefix(left, "+86") != phone {
		return identity.Party{}, wrong
	}
	for _, row := range acts[0].Delta.Parties {
		if row.Role == reporter {
			return identity.Party{Case: c.ID, Role: row.Role, ID: row.ID}, nil
		}
	}
	return identity.Party{}, wrong
}
