package casework

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"linli/internal/procedure"
	"maps"
	"slices"

	"linli/internal/kit/clock"
	"linli/internal/ledger"
)

// seal turns the act's values into what is stored: each with its own salt,
// sealed ones encrypted with their salt inside.
func (s *Service) seal(p *plan, m *Moment) error {
	p.row.Body = Body{}
	names := slices.Sorted(maps.Keys(m.Given))
	salts := make([]byte, 16*(len(names)+2))
	rand.Read(salts)
	fields := make([]ledger.Field, 0, len(names)+2)
	for i, name := range names {
		salt := [16]byte(salts[16*i:])
		plain, err := json.Marshal(m.Given[name])
		if err != nil {
			return fmt.Errorf("value %s: %w", name, err)
		}
		fields = append(fields, ledger.Field{Name: name, Digest: ledger.Commit(salt, name, plain)})
		if m.secret[name] {
			p.row.Body[name] = Kept{Seal: s.Keys.Seal(append(salt[:], plain...), sealContext(name))}
		} else {
			p.row.Body[name] = Kept{Value: plain, Salt: salt[:]}
		}
	}
	p.row.Delta = m.delta
	if t := m.delta.Title; t != nil && *t != "" {
		// A title is taken from what people wrote: it stands among the values, where erasure reaches it.
		plain, err := json.Marshal(*t)
		if err != nil {
			return fmt.Errorf("title: %w", err)
		}
		salt := [16]byte(salts[16*len(names)+16:])
		p.row.Body[procedure.TitleField], p.row.Delta.Title = Kept{Value: plain, Salt: salt[:]}, nil
		fields = append(fields, ledger.Field{Name: procedure.TitleField, Digest: ledger.Commit(salt, procedure.TitleField, plain)})
	}
	salt := [16]byte(salts[16*len(names):])
	p.row.Body[procedure.ActItself] = Kept{Salt: salt[:]}
	record, err := p.row.record()
	if err != nil {
		return err
	}
	fields = append(fields, ledger.Field{Name: procedure.ActItself, Digest: ledger.Commit(salt, procedure.ActItself, record)})
	p.leaf = ledger.NewLeaf(p.row.envelope(m.Procedure.Name), fields)
	return nil
}

// sealContext binds a sealed value to the field it belongs to.
func sealContext(name string) []byte { return []byte("casework/" + name) }

// record is the act's own line as it is committed: who, when and with what
// effect, beside the values.
func (a ActRow) record() ([]byte, error) {
	return json.Marshal(struct {
		Person, Post, Unit, Role, Behalf string
		Happened                         clock.Instant
		Edition                          int64
		Delta                            Delta
	}{a.Person, a.Post, a.Unit, a.Role, a.Behalf, a.Happened, a.Edition, a.Delta})
}

// envelope is the public part of the act's leaf.
func (a ActRow) envelope(procedure string) ledger.Envelope {
	return ledger.Envelope{ID: a.ID, Kind: "act", Case: a.CaseID, Procedure: procedure, Act: a.Act, From: a.From, To: a.To,
		Clocks: a.Delta.Effects, Recorded: a.Recorded, Annuls: a.Annuls, Erases: a.Erases}
}

// settle applies the act and writes all texts, so that the commit only writes.
func (p *plan) settle(proc *procedure.Procedure) error {
	if p.after == nil {
		p.after = p.before.copy()
		if err := p.after.apply(p.row); err != nil {
			return err
		}
	}
	var err error
	if p.formText, err = p.after.Values.Stored(); err != nil {
		return err
	}
	for to, v := range map[*string]any{&p.doersText: p.after.Doers, &p.deltaText: p.row.Delta, &p.bodyText: p.row.Body} {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		*to = string(raw)
	}
	for _, k := range p.row.Delta.Clocks {
		raw, err := json.Marshal(k)
		if err != nil {
			return err
		}
		p.clocks = append(p.clocks, clockText{k, string(raw)})
	}
	p.listed = map[string]any{}
	for _, f := range proc.Form {
		if now, before := p.after.Values[f.Name], p.before.Values[f.Name]; f.Listed && fmt.Sprint(now) != fmt.Sprint(before) {
			p.listed[f.Name] = now
		}
	}
	return nil
}
