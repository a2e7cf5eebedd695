package identity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
)

// The kinds of administrative act, which are the kinds of their leaves too.
const (
	KindUnit   = "unit"
	KindPost   = "post"
	KindPerson = "person"
	KindDeputy = "deputy"
	KindFactor = "factor" // the second factor; no row of it is held against the act
)

// act is one administrative act: what it made of the thing, whole, and what
// opens the commitments of its leaf. The envelope names no unit and no person.
type act struct {
	id, kind, thing, verb string
	by                    string
	recorded              clock.Instant
	place                 int64 // rises with every act: the epoch it made, and its place in that change
	salt                  [16]byte
	fields                map[string]string
	leaf                  ledger.Leaf
}

// act adds an administrative act to the plan: it salts and commits, which is
// cryptography and belongs before the commit.
func (p *plan) act(by Actor, now clock.Instant, kind, verb string, fields map[string]string) {
	a := act{
		id: db.NewID(now), kind: kind, thing: fields["id"], verb: verb, by: by.Person, recorded: now,
		place: p.epoch<<20 + int64(len(p.acts)), fields: maps.Clone(fields),
	}
	_, _ = rand.Read(a.salt[:])
	a.leaf = a.commit()
	p.acts = append(p.acts, a)
}

// commit computes the leaf from the act's own columns, so that verification can
// do it again.
func (a act) commit() ledger.Leaf {
	values := map[string]string{"by": a.by, "place": strconv.FormatInt(a.place, 10)}
	maps.Copy(values, a.fields)
	var list []ledger.Field
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, ledger.Field{Name: name, Digest: ledger.Commit(a.salt, name, []byte(values[name]))})
	}
	return ledger.NewLeaf(ledger.Envelope{ID: a.id, Kind: a.kind, Act: a.verb, Recorded: a.recorded}, list)
}

func number(i clock.Instant) string { return strconv.FormatInt(int64(i), 10) }

// plan is a prepared change: statements in order, and the acts they are.
type plan struct {
	epoch int64 // that the change will make
	acts  []act
	steps []func(tx *db.Tx) error
}

func (p *plan) do(text string, args ...any) {
	p.steps = append(p.steps, func(tx *db.Tx) error { _, err := tx.Exec(text, args...); return err })
}

func (p *plan) then(step func(tx *db.Tx) error) { p.steps = append(p.steps, step) }

// errMoved says that units, posts or people changed since the plan was made.
var errMoved = errors.New("identity: the grants moved on")

// administer prepares a change against the tree as it is and commits it if
// nothing moved meanwhile; otherwise it prepares again. Every change of grants
// goes through here: it bumps the epoch and queues the leaves in one transaction.
// The actor given to prepare has the posts of this very moment.
func (s *Service) administer(ctx context.Context, by Actor, prepare func(by Actor, t *tree, p *plan) error) error {
	for range 8 {
		err := s.tryAdminister(ctx, by, prepare)
		if !errors.Is(err, errMoved) {
			return err
		}
	}
	return fault.New(fault.Busy, "identity.grants_moving")
}

func (s *Service) tryAdminister(ctx context.Context, by Actor, prepare func(by Actor, t *tree, p *plan) error) error {
	epoch, err := s.epoch(ctx)
	if err != nil {
		return err
	}
	t, err := s.treeAt(ctx, epoch)
	if err != nil {
		return err
	}
	if by.Person != "" && by.Grants != epoch {
		if err := s.equip(ctx, &by, epoch); err != nil {
			return err
		}
	}
	p := plan{epoch: epoch + 1}
	if err := prepare(by, t, &p); err != nil || len(p.steps) == 0 {
		return err
	}
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		if err := tx.BumpEpoch(grants); err != nil {
			return err
		}
		var now int64
		if err := tx.Row(`SELECT value FROM kit_epoch WHERE name = $1`, grants).Scan(&now); err != nil {
			return err
		}
		if now != epoch+1 {
			return errMoved
		}
		for _, step := range p.steps {
			if err := step(tx); err != nil {
				return err
			}
		}
		for _, a := range p.acts {
			if err := s.record(tx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) record(tx *db.Tx, a act) error {
	fields, err := json.Marshal(a.fields)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO identity_act(id, kind, thing, act, by_person, recorded, place, salt, fields)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`, a.id, a.kind, a.thing, a.verb, a.by, a.recorded, a.place, a.salt[:], string(fields))
	if err != nil {
		return err
	}
	return s.leaves.Queue(tx, a.leaf)
}

// NotAdministrator is the answer to who administers outside their subtree.
func NotAdministrator() error { return fault.New(fault.Forbidden, "identity.not_administrator") }
