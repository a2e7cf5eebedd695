package request

import (
	"context"
	"net/http"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// Messages says whether a party is told by message, and changes it; the room that
// sends them is one.
type Messages interface {
	Wants(ctx context.Context, p identity.Party) (wants, can bool, err error)
	Want(ctx context.Context, p identity.Party, on bool) error
}

// messages is the part of the follow page on messages; nil where none can be sent.
func (e *edge) messages(r *http.Request, view *casework.View, v visit) (*web.Messages, error) {
	if e.Messages == nil || v.Party.ID == "" {
		return nil, nil
	}
	wants, can, err := e.Messages.Wants(r.Context(), v.Party)
	if err != nil || !can {
		return nil, err
	}
	return &web.Messages{Action: "/follow/" + view.Case.Number + "/messages", Wants: wants}, nil
}

func (e *edge) postMessages(w http.ResponseWriter, r *http.Request) {
	view, _, v, err := e.followed(r)
	if err == nil && (e.Messages == nil || v.Party.ID == "") {
		err = fault.New(fault.NotFound, "request.need_link")
	}
	if err == nil {
		err = e.Messages.Want(r.Context(), v.Party, r.PostFormValue("want") == "yes")
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/follow/"+view.Case.Number+"#messages", http.StatusSeeOther)
}

// Enter opens the follow page to the reporter who came by a message: as to who came
// by number and telephone, since that is what a message proves.
func (s *Service) Enter(w http.ResponseWriter, r *http.Request, number string, party identity.Party) error {
	view, err := s.Cases.Get(r.Context(), identity.Actor{Kind: identity.Link, Party: party}, number)
	if err == nil && (view.Case.Procedure != Procedure || party.Role != reporter) {
		err = fault.New(fault.NotFound, "request.need_link")
	}
	if err != nil {
		return err
	}
	return (&edge{Service: s}).open(w, r, visit{Number: view.Case.Number, Party: party, Weak: true})
}
