package ledger

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"linli/internal/kit/fault"
)

// Checkpoint is the head of the log at one size. Text is the signed note it was
// read from.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
	Text   string
}

// body is the text that is signed: origin, size, root, one line each
// (c2sp.org/tlog-checkpoint).
func (c Checkpoint) body() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
}

// signCheckpoint makes the signed note.
func signCheckpoint(origin string, size int64, root tlog.Hash, signer note.Signer) (Checkpoint, error) {
	c := Checkpoint{Origin: origin, Size: size, Root: root}
	text, err := note.Sign(&note.Note{Text: c.body()}, signer)
	c.Text = string(text)
	return c, err
}

// ParseCheckpoint reads the body of one checkpoint without judging its
// signature. Fault: ledger.bad_checkpoint.
func ParseCheckpoint(text string) (Checkpoint, error) {
	bad := fault.New(fault.Invalid, "ledger.bad_checkpoint")
	head, _, ok := strings.Cut(text, "\n\n")
	if !ok {
		return Checkpoint{}, bad
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 3 || lines[0] == "" {
		return Checkpoint{}, bad
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, bad.Because(fmt.Errorf("size %q", lines[1]))
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, bad.Because(err)
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root, Text: text}, nil
}

// ParseCheckpoints reads several checkpoints that stand one after another, as in
// the witness file. Fault: ledger.bad_checkpoint.
func ParseCheckpoints(text string) ([]Checkpoint, error) {
	var out []Checkpoint
	var one strings.Builder
	signed := false
	end := func() error {
		if one.Len() == 0 {
			return nil
		}
		c, err := ParseCheckpoint(one.String())
		one.Reset()
		signed = false
		out = append(out, c)
		return err
	}
	for row := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		if !strings.HasSuffix(row, "\n") {
			row += "\n"
		}
		signature := strings.HasPrefix(row, "\u2014 ")
		if signed && !signature {
			if err := end(); err != nil {
				return nil, err
			}
		}
		if one.Len() == 0 && row == "\n" {
			continue
		}
		signed = signed || signature
		one.WriteString(row)
	}
	return out, end()
}

// VerifyCheckpoint checks the signature of a checkpoint against the text of one
// verifier key (the line in ledger.pub). Faults: ledger.bad_checkpoint,
// ledger.bad_verifier, ledger.bad_signature.
func VerifyCheckpoint(text, verifierKey string) (Checkpoint, error) {
	v, err := note.NewVerifier(strings.TrimSpace(verifierKey))
	if err != nil {
		return Checkpoint{}, fault.New(fault.Invalid, "ledger.bad_verifier").Because(err)
	}
	return openCheckpoint(text, note.VerifierList(v))
}

// openCheckpoint checks that one of the known keys signed the checkpoint under
// its own origin.
func openCheckpoint(text string, known note.Verifiers) (Checkpoint, error) {
	c, err := ParseCheckpoint(text)
	if err != nil {
		return c, err
	}
	bad := fault.New(fault.Invalid, "ledger.bad_signature", "size", c.Size)
	n, err := note.Open([]byte(text), known)
	if err != nil {
		return c, bad.Because(err)
	}
	for _, s := range n.Sigs {
		if s.Name == c.Origin {
			return c, nil
		}
	}
	return c, bad.Because(fmt.Errorf("no signature by the origin %q", c.Origin))
}
