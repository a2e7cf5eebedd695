package merging

import (
	"context"
	"slices"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
)

// Voiced is what somebody gets who added a voice.
type Voiced struct {
	Case  string // the case that is handled: the leading one where cases were merged
	Token string // of the link by which they look again; the same for the same device
	Again bool   // this device had said so before
	Heard casework.Heard
}

// voiceable finds the request to which a voice may be added: the leading one
// where it follows another. Complaints about units and imported orders are not
// told from requests that do not exist. Faults: NotFound, Conflict where nobody
// waits for it any more.
func (s *Service) voiceable(ctx context.Context, number string) (*casework.Case, error) {
	gone := fault.New(fault.NotFound, "merging.voice_none")
	if len(number) > 64 {
		return nil, gone
	}
	c, p, err := s.Cases.Seen(ctx, identity.SystemActor(), number)
	if err == nil && c.Following() {
		c, p, err = s.Cases.Seen(ctx, identity.SystemActor(), c.Leader)
	}
	if fault.Is(err, fault.NotFound) {
		return nil, gone
	}
	if err != nil {
		return nil, err
	}
	about, _ := c.Values["about_unit"].(bool)
	if c.Procedure != Requests || c.Sealed != "" || about || c.Imported {
		return nil, gone
	}
	if act := p.Act(voiceAct); act == nil || !slices.Contains(act.From, c.State) {
		return nil, fault.New(fault.Conflict, "merging.voice_over")
	}
	return c, nil
}

// onceKept is for how long a voice that stopped half-way is still completed: less
// than the engine remembers its keys.
const onceKept = 80 * 24 * time.Hour

// Voice adds a voice to a request: somebody has the same matter and need not
// report it again. It is counted once for each device and moves nothing that
// others rely on. number is the request's number or id; a phone is sealed and
// used once, to tell when it is settled. Faults: as voiceable; Invalid at
// voice_phone.
func (s *Service) Voice(ctx context.Context, number, device, phone string) (Voiced, error) {
	c, err := s.voiceable(ctx, number)
	if err != nil {
		return Voiced{}, err
	}
	values := map[string]any{}
	if phone != "" {
		p, err := s.Cases.ProcedureAt(ctx, c.Procedure, c.Edition)
		if err != nil {
			return Voiced{}, err
		}
		if _, err := p.Field("voice_phone").Decode(phone); err != nil {
			return Voiced{}, err
		}
		values["voice_phone"] = phone
	}
	mark := s.Keys.Keyed("request voice", c.ID+" "+device)
	out := Voiced{Case: c.ID, Token: s.Keys.Keyed("request voice link", mark)}
	now := s.Clock.Now()
	since, again, err := s.noteVoice(ctx, c.ID, mark, seal.HashToken(out.Token), now)
	if err != nil {
		return Voiced{}, err
	}
	out.Again = again
	if since.Add(onceKept) > now {
		_, err = s.Cases.Do(ctx, identity.SystemActor(), casework.Asking{Case: c.ID, Act: voiceAct, Values: values, Key: mark[:min(len(mark), 40)]})
		if f := fault.Of(err); f != nil && f.Key == "db.key_used_for_other_body" {
			out.Again, err = true, nil // the same device said so before, with another phone
		}
		if err != nil {
			return Voiced{}, err
		}
	}
	heard, err := s.Heard(ctx, c.ID)
	out.Heard = heard[c.ID]
	return out, err
}

// Heard tells of requests how many voices they have and how many cases follow
// them; those of its followers count for the leading one.
func (s *Service) Heard(ctx context.Context, ids ...string) (map[string]casework.Heard, error) {
	return s.Cases.Heard(ctx, voiceAct, ids)
}
