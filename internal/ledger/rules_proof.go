package ledger

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"linli/internal/kit/fault"
)

// Proof shows that one leaf stands in the log under a signed checkpoint. It can
// be checked with the verifier key alone, by this package or by any program that
// knows c2sp.org/tlog-proof.
type Proof struct {
	ID         string      // the leaf's id; for people, not part of what is proved
	Number     int64       // place of the leaf, counted from 0
	Hash       tlog.Hash   // the leaf's hash
	Leaf       string      // the leaf's public text
	Path       []tlog.Hash // from the leaf's neighbour up to the root's child
	Checkpoint string      // signed note
}

// Text writes the proof as c2sp.org/tlog-proof@v1, the content of a file
// NAME.tlog-proof.
func (p Proof) Text() string {
	var b strings.Builder
	b.WriteString("c2sp.org/tlog-proof@v1\nindex ")
	b.WriteString(strconv.FormatInt(p.Number, 10))
	b.WriteByte('\n')
	for _, h := range p.Path {
		b.WriteString(h.String())
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(p.Checkpoint)
	return b.String()
}

// ParseProof reads a proof in the form of c2sp.org/tlog-proof@v1; ID, Hash and
// Leaf are not in it. Fault: ledger.bad_proof.
func ParseProof(text string) (Proof, error) {
	bad := fault.New(fault.Invalid, "ledger.bad_proof")
	head, checkpoint, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || lines[0] != "c2sp.org/tlog-proof@v1" {
		return Proof{}, bad
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return Proof{}, bad
	}
	index, ok := strings.CutPrefix(lines[0], "index ")
	number, err := strconv.ParseInt(index, 10, 64)
	if !ok || err != nil || number < 0 || strconv.FormatInt(number, 10) != index {
		return Proof{}, bad.Because(err)
	}
	p := Proof{Number: number, Checkpoint: checkpoint}
	for _, row := range lines[1:] {
		h, err := tlog.ParseHash(row)
		if err != nil {
			return Proof{}, bad.Because(err)
		}
		p.Path = append(p.Path, h)
	}
	return p, nil
}

// VerifyProof checks offline that the leaf with this hash stands at the proof's
// number under its checkpoint, and that the holder of the verifier key signed
// that checkpoint. Faults: ledger.bad_proof and those of VerifyCheckpoint.
func VerifyProof(p Proof, leafHash [32]byte, verifierKey string) error {
	c, err := VerifyCheckpoint(p.Checkpoint, verifierKey)
	if err != nil {
		return err
	}
	if p.Number < 0 || p.Number >= c.Size {
		return fault.New(fault.Invalid, "ledger.bad_proof").Because(fmt.Errorf("number %d, size %d", p.Number, c.Size))
	}
	if err := tlog.CheckRecord(p.Path, c.Size, c.Root, p.Number, leafHash); err != nil {
		return fault.New(fault.Invalid, "ledger.bad_proof").Because(err)
	}
	return nil
}

// Consistency shows that the log under the checkpoint New begins with the whole
// log under the checkpoint Old.
type Consistency struct {
	Old, New string // signed notes
	Path     []tlog.Hash
}

// VerifyConsistency checks offline that the newer of two checkpoints only adds
// to the older. Faults: ledger.inconsistent and those of VerifyCheckpoint.
func VerifyConsistency(p Consistency, verifierKey string) error {
	older, err := VerifyCheckpoint(p.Old, verifierKey)
	if err != nil {
		return err
	}
	newer, err := VerifyCheckpoint(p.New, verifierKey)
	if err != nil {
		return err
	}
	bad := fault.New(fault.Conflict, "ledger.inconsistent", "old", older.Size, "new", newer.Size)
	switch {
	case older.Origin != newer.Origin || older.Size > newer.Size:
		return bad
	case older.Size == 0:
		if older.Root != (&tree{}).root() {
			return bad
		}
		return nil
	}
	if err := tlog.CheckTree(p.Path, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return bad.Because(err)
	}
	return nil
}
