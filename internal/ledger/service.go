package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// Options of the service; the zero value is right for one node.
type Options struct {
	Witness string        // file to which checkpoints are appended (at most one a second), or ""
	Holder  string        // this node's name for the sequencer's lease; "" makes one up
	Batch   int           // most leaves numbered in one transaction; 0 = 1000
	Gather  time.Duration // how long Run lets leaves gather before it numbers them; 0 = 250 ms
}

// WitnessFile is the usual name of Options.Witness in the data folder.
const WitnessFile = "checkpoints.txt"

// Service is the log on one database.
type Service struct {
	d    *db.DB
	clk  clock.Clock
	key  *Key
	o    Options
	wake chan struct{}

	round sync.Mutex // one sequencing round at a time on this node
	edge  *tree      // right edge under the last checkpoint of this node; nil = read it again

	witness witness

	ears  sync.Mutex
	heard []chan struct{} // who wants to know when leaves were numbered here
}

// New makes the service. A key from OpenVerifier serves everything but
// sequencing.
func New(d *db.DB, c clock.Clock, k *Key, o Options) *Service {
	if o.Batch <= 0 {
		o.Batch = 1000
	}
	if o.Gather <= 0 {
		o.Gather = 250 * time.Millisecond
	}
	if o.Holder == "" {
		o.Holder = db.NewID(c.Now())
	}
	return &Service{d: d, clk: c, key: k, o: o, wake: make(chan struct{}, 1), witness: witness{path: o.Witness}}
}

// Key gives the key, whose verifier text is for everybody.
func (s *Service) Key() *Key { return s.key }

// Queue puts a leaf into the act's own transaction with exactly one INSERT; the
// sequencer numbers it once that transaction stands.
func (s *Service) Queue(tx *db.Tx, l Leaf) error {
	tx.After(s.nudge)
	return insertLeaf(tx, l)
}

func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Sequence runs one round: it numbers up to Options.Batch waiting leaves, writes
// the tiles and signs a checkpoint, all in one transaction, and returns how many
// it numbered; 0 says that none waits. Two nodes may call it at once: one of
// them comes first and the other begins again on top.
//
// Faults: ledger.no_signer, ledger.damaged (the stored tiles do not hash to the
// last checkpoint: nothing is signed on top of them), ledger.other_key (the last
// checkpoint was signed by a key we do not know), ledger.busy.
func (s *Service) Sequence(ctx context.Context) (int, error) {
	if s.key == nil || s.key.signer == nil {
		return 0, fault.New(fault.Internal, "ledger.no_signer")
	}
	s.round.Lock()
	defer s.round.Unlock()
	for range 8 {
		n, err := s.sequence(ctx)
		if err == nil || !errors.Is(err, errRaced) {
			return n, err
		}
		s.edge = nil
	}
	return 0, fault.New(fault.Busy, "ledger.busy")
}

// errRaced says that another sequencer numbered meanwhile.
var errRaced = errors.New("ledger: another sequencer came first")

type tileRow struct {
	tileID
	hashes []byte
}

// sequence prepares one batch (reading, hashing, signing) and commits it.
func (s *Service) sequence(ctx context.Context) (int, error) {
	batch, err := s.waiting(ctx, s.o.Batch)
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	if s.edge == nil {
		if s.edge, err = s.readEdge(ctx); err != nil {
			return 0, err
		}
	}
	next := s.edge.clone()
	changed := map[tileID][]byte{}
	ids := make([]string, len(batch))
	for i, e := range batch {
		ids[i] = e.ID
		next.add(LeafHash(e.text), changed)
	}
	c, err := signCheckpoint(s.key.origin, next.size, next.root(), s.key.signer)
	if err != nil {
		return 0, err
	}
	row := stored{size: c.Size, prior: s.edge.size, root: c.Root.String(), note: c.Text, recorded: s.clk.Now()}
	tiles := sortedTiles(changed)
	err = s.d.Commit(ctx, func(tx *db.Tx) error {
		if err := insertCheckpoint(tx, row); err != nil {
			if db.IsUnique(err) {
				return errRaced
			}
			return err
		}
		n, err := numberLeaves(tx, row.prior, ids)
		if err != nil {
			return err
		}
		if n != int64(len(ids)) {
			return errRaced
		}
		return writeTiles(tx, tiles)
	})
	if err != nil {
		s.edge = nil
		return 0, err
	}
	s.edge = next
	s.witness.offer(c.Text, s.clk.Now())
	s.tell()
	return len(ids), nil
}

// Numbered gives a channel that receives after this node numbered leaves, and
// the function that gives it back. It is a nudge for a reader that must not lag
// until its next look, never a promise: another node may number, and several
// batches may be one nudge. Readers look on their own as well.
func (s *Service) Numbered() (<-chan struct{}, func()) {
	ear := make(chan struct{}, 1)
	s.ears.Lock()
	defer s.ears.Unlock()
	s.heard = append(s.heard, ear)
	return ear, func() {
		s.ears.Lock()
		defer s.ears.Unlock()
		s.heard = slices.DeleteFunc(s.heard, func(c chan struct{}) bool { return c == ear })
	}
}

// tell nudges all who listen; whoever has not looked yet is nudged already.
func (s *Service) tell() {
	s.ears.Lock()
	defer s.ears.Unlock()
	for _, ear := range s.heard {
		select {
		case ear <- struct{}{}:
		default:
		}
	}
}

// sortedTiles brings tiles into one order, so that two nodes never wait for each
// other's rows crosswise.
func sortedTiles(changed map[tileID][]byte) []tileRow {
	out := make([]tileRow, 0, len(changed))
	for id, data := range changed {
		out = append(out, tileRow{id, data})
	}
	slices.SortFunc(out, func(a, b tileRow) int {
		if a.level != b.level {
			return a.level - b.level
		}
		return int(a.number - b.number)
	})
	return out
}

// readEdge reads the right edge and insists that it hashes to the last signed
// checkpoint.
func (s *Service) readEdge(ctx context.Context) (*tree, error) {
	last, ok, err := s.head(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return &tree{}, nil
	}
	c, err := openCheckpoint(last.note, s.key.known)
	if err != nil {
		return nil, fault.New(fault.Conflict, "ledger.other_key", "file", PublicFile).Because(err)
	}
	damaged := fault.New(fault.Internal, "ledger.damaged", "size", last.size)
	if c.Size != last.size || c.Origin != s.key.origin {
		return nil, damaged.Because(fmt.Errorf("checkpoint of size %d says %d for %q", last.size, c.Size, c.Origin))
	}
	data := map[tileID][]byte{}
	ids, _ := edgeTiles(c.Size)
	for _, id := range ids {
		if data[id], err = s.tile(ctx, id); err != nil {
			return nil, err
		}
	}
	t, err := growTree(c.Size, func(id tileID) []byte { return data[id] })
	if err != nil {
		// A racing node may have committed between the two reads only with more
		// hashes, never with fewer: this is damage.
		return nil, damaged.Because(err)
	}
	if t.root() != c.Root {
		return nil, damaged.Because(errors.New("tiles do not hash to the signed root"))
	}
	return t, nil
}

// Checkpoint is the newest checkpoint as signed text. Fault:
// ledger.no_checkpoint while the log is empty.
func (s *Service) Checkpoint(ctx context.Context) (string, error) {
	last, ok, err := s.head(ctx)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "ledger.no_checkpoint")
	}
	return last.note, err
}

// CheckpointAt is the stored checkpoint of exactly this size. Fault:
// ledger.no_checkpoint.
func (s *Service) CheckpointAt(ctx context.Context, size int64) (string, error) {
	list, err := s.checkpoints(ctx, `WHERE size = $1`, size)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fault.New(fault.NotFound, "ledger.no_checkpoint")
	}
	return list[0].note, nil
}

// Leaf finds a leaf by its id: where it stands (number -1 while it waits) and
// its public text. Fault: ledger.no_leaf.
func (s *Service) Leaf(ctx context.Context, id string) (Ref, []byte, error) {
	e, ok, err := s.entryByID(ctx, id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "ledger.no_leaf")
	}
	return e.Ref, e.text, err
}

// Proof is the inclusion proof of a leaf under the newest checkpoint. Faults:
// ledger.no_leaf, ledger.not_yet (the leaf waits for its number), ledger.damaged
// (what is stored does not prove it: a proof that fails is never handed out).
func (s *Service) Proof(ctx context.Context, leafID string) (Proof, error) {
	e, ok, err := s.entryByID(ctx, leafID)
	switch {
	case err != nil:
		return Proof{}, err
	case !ok:
		return Proof{}, fault.New(fault.NotFound, "ledger.no_leaf")
	case e.Number < 0:
		return Proof{}, fault.New(fault.Busy, "ledger.not_yet")
	}
	last, _, err := s.head(ctx)
	if err != nil {
		return Proof{}, err
	}
	damaged := fault.New(fault.Internal, "ledger.damaged", "size", last.size)
	c, err := ParseCheckpoint(last.note)
	if err != nil || e.Number >= c.Size {
		return Proof{}, damaged.Because(err)
	}
	p := Proof{ID: e.ID, Number: e.Number, Hash: LeafHash(e.text), Leaf: string(e.text), Checkpoint: last.note}
	if p.Path, err = tlog.ProveRecord(c.Size, e.Number, s.hashes(ctx)); err != nil {
		return Proof{}, damaged.Because(err)
	}
	if err := tlog.CheckRecord(p.Path, c.Size, c.Root, p.Number, p.Hash); err != nil {
		return Proof{}, damaged.Because(err)
	}
	return p, nil
}

// Consistency proves that the checkpoint new (newSize 0: the newest) only adds
// to the stored checkpoint of oldSize. Faults: ledger.no_checkpoint,
// ledger.inconsistent, ledger.damaged.
func (s *Service) Consistency(ctx context.Context, oldSize, newSize int64) (Consistency, error) {
	var p Consistency
	var err error
	if p.Old, err = s.CheckpointAt(ctx, oldSize); err != nil {
		return p, err
	}
	if newSize == 0 {
		p.New, err = s.Checkpoint(ctx)
	} else {
		p.New, err = s.CheckpointAt(ctx, newSize)
	}
	if err != nil {
		return p, err
	}
	older, err := ParseCheckpoint(p.Old)
	if err != nil {
		return p, err
	}
	newer, err := ParseCheckpoint(p.New)
	if err != nil {
		return p, err
	}
	if older.Size > newer.Size {
		return p, fault.New(fault.Invalid, "ledger.inconsistent", "old", older.Size, "new", newer.Size)
	}
	damaged := fault.New(fault.Internal, "ledger.damaged", "size", newer.Size)
	if p.Path, err = tlog.ProveTree(newer.Size, older.Size, s.hashes(ctx)); err != nil {
		return p, damaged.Because(err)
	}
	if err := tlog.CheckTree(p.Path, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return p, damaged.Because(err)
	}
	return p, nil
}
