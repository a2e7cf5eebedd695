package app

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/ledger"
	"linli/web"
)

// feedbackPath is where the footer's link for complaints and suggestions leads:
// one question first, then a request or a word to who runs the platform.
const feedbackPath = "/feedback"

// proofRoutes are the public pages and addresses about the log.
func (s *Site) proofRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /proof", s.getProof)
	mux.HandleFunc("GET /proof/checkpoint.txt", s.getCheckpoint)
	mux.HandleFunc("GET /proof/key.txt", s.getVerifier)
	mux.HandleFunc("GET /proof/find", httpx.Quiet(s.getProofFind))
	mux.HandleFunc("GET /proof/{leaf}", httpx.Quiet(s.getLeaf))
	mux.HandleFunc("GET /proof/{leaf}/proof.txt", httpx.Quiet(s.getProofText))
	tags := []string{"proof"}
	httpx.Register(s.API, huma.Operation{OperationID: "get-checkpoint", Method: http.MethodGet, Path: "/api/v1/checkpoint", Tags: tags,
		Summary: "The newest signed checkpoint of the log of acts"}, s.apiCheckpoint)
	httpx.Register(s.API, huma.Operation{OperationID: "get-proof", Method: http.MethodGet, Path: "/api/v1/proofs/{leaf}", Tags: tags,
		Summary: "The public text of an act's leaf, and the proof that it stands in the log", Errors: []int{404},
		Metadata: map[string]any{"quiet": true}}, s.apiProof)
	httpx.Register(s.API, huma.Operation{OperationID: "get-consistency", Method: http.MethodGet, Path: "/api/v1/consistency", Tags: tags,
		Summary: "The proof that the log at one size only continues the log at a smaller one", Errors: []int{404, 422}}, s.apiConsistency)
}

// proofView is what the page about the proof shows.
type proofView struct {
	Checkpoint, Verifier string
	Size                 int64
	Find                 web.Form
}

func (s *Site) getProof(w http.ResponseWriter, r *http.Request) {
	text, err := s.Ledger.Checkpoint(r.Context())
	if err != nil && !fault.Is(err, fault.NotFound) { // the first second of a new house has none
		s.Pages.Fault(w, r, err)
		return
	}
	v := proofView{Checkpoint: text, Verifier: s.Ledger.Key().Verifier(), Find: web.Form{
		Action: "/proof/find", Method: "get", ID: "find", Submit: s.Pages.Say(r, "app.proof.find"), Still: true,
		Fields: []web.Field{{Name: "leaf", Type: "text", Label: s.Pages.Say(r, "app.proof.leaf"), Help: s.Pages.Say(r, "app.proof.leaf.help"), Required: true, Max: 26}}}}
	if c, err := ledger.ParseCheckpoint(text); err == nil {
		v.Size = c.Size
	}
	s.Pages.Page(w, r, http.StatusOK, "app/proof", v)
}

func (s *Site) getProofFind(w http.ResponseWriter, r *http.Request) {
	id := strings.ToUpper(strings.TrimSpace(r.URL.Query().Get("leaf")))
	if !isID(id) {
		s.Pages.Fault(w, r, fault.New(fault.NotFound, "ledger.no_leaf").At("leaf"))
		return
	}
	http.Redirect(w, r, "/proof/"+id, http.StatusSeeOther)
}

// isID reports whether s has the form of an identifier of ours.
func isID(s string) bool {
	return len(s) == 26 && strings.Trim(s, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == ""
}

// leafView is what the page about one leaf shows.
type leafView struct {
	ID, Hash, Text, Proof string
	Number                int64
	Waiting               bool
}

func (s *Site) getLeaf(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("leaf")
	ref, text, err := s.Ledger.Leaf(r.Context(), id)
	if err != nil {
		s.Pages.Fault(w, r, err)
		return
	}
	v := leafView{ID: id, Hash: ledger.HashText(ledger.LeafHash(text)), Text: string(text), Number: ref.Number, Waiting: ref.Number < 0}
	if !v.Waiting {
		p, err := s.Ledger.Proof(r.Context(), id)
		if err != nil {
			s.Pages.Fault(w, r, err)
			return
		}
		v.Proof = p.Text()
	}
	s.Pages.Page(w, r, http.StatusOK, "app/leaf", v)
}

func (s *Site) getProofText(w http.ResponseWriter, r *http.Request) {
	p, err := s.Ledger.Proof(r.Context(), r.PathValue("leaf"))
	plain(w, r, p.Text, err)
}

func (s *Site) getCheckpoint(w http.ResponseWriter, r *http.Request) {
	text, err := s.Ledger.Checkpoint(r.Context())
	plain(w, r, func() string { return text }, err)
}

func (s *Site) getVerifier(w http.ResponseWriter, r *http.Request) {
	plain(w, r, func() string { return s.Ledger.Key().Verifier() + "\n" }, nil)
}

// plain answers with a text for programs and for keeping.
func plain(w http.ResponseWriter, r *http.Request, text func() string, err error) {
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write([]byte(text())) // a reader who went away needs no answer
}

// CheckpointAnswer is the newest checkpoint with the key that checks it.
type CheckpointAnswer struct {
	Body struct {
		Checkpoint string `json:"checkpoint" doc:"Signed note, c2sp.org/tlog-checkpoint"`
		Verifier   string `json:"verifier" doc:"Verifier key of the log, as in ledger.pub"`
	}
}

func (s *Site) apiCheckpoint(ctx context.Context, _ *struct{}) (*CheckpointAnswer, error) {
	out := &CheckpointAnswer{}
	var err error
	out.Body.Checkpoint, err = s.Ledger.Checkpoint(ctx)
	out.Body.Verifier = s.Ledger.Key().Verifier()
	return out, err
}

// ProofAnswer is a leaf with its proof.
type ProofAnswer struct {
	Body struct {
		Leaf   string `json:"leaf" doc:"Public text of the leaf; its RFC 6962 hash is what the log holds"`
		Hash   string `json:"hash" doc:"Hexadecimal"`
		Number int64  `json:"number" doc:"Place in the log, from 0; -1 while it waits for its number"`
		Proof  string `json:"proof,omitempty" doc:"c2sp.org/tlog-proof@v1, once it has a number"`
	}
}

func (s *Site) apiProof(ctx context.Context, in *struct {
	Leaf string `path:"leaf" maxLength:"26" doc:"Id of the act"`
}) (*ProofAnswer, error) {
	ref, text, err := s.Ledger.Leaf(ctx, in.Leaf)
	if err != nil {
		return nil, err
	}
	hash := ledger.LeafHash(text)
	out := &ProofAnswer{}
	out.Body.Leaf, out.Body.Hash, out.Body.Number = string(text), hex.EncodeToString(hash[:]), ref.Number
	if ref.Number >= 0 {
		p, err := s.Ledger.Proof(ctx, in.Leaf)
		if err != nil {
			return nil, err
		}
		out.Body.Proof = p.Text()
	}
	return out, nil
}

// ConsistencyAnswer proves that a log was only continued.
type ConsistencyAnswer struct {
	Body struct {
		Old    string   `json:"old" doc:"Signed note of the smaller log"`
		New    string   `json:"new" doc:"Signed note of the larger log"`
		Hashes []string `json:"hashes" doc:"RFC 6962 consistency proof, base64"`
	}
}

func (s *Site) apiConsistency(ctx context.Context, in *struct {
	Old int64 `query:"old" minimum:"1" required:"true"`
	New int64 `query:"new" minimum:"1" required:"true"`
}) (*ConsistencyAnswer, error) {
	c, err := s.Ledger.Consistency(ctx, in.Old, in.New)
	if err != nil {
		return nil, err
	}
	out := &ConsistencyAnswer{}
	out.Body.Old, out.Body.New, out.Body.Hashes = c.Old, c.New, []string{}
	for _, h := range c.Path {
		out.Body.Hashes = append(out.Body.Hashes, h.String())
	}
	return out, nil
}
