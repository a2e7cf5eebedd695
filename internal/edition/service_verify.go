package edition

import (
	"bytes"
	"context"
	"encoding/hex"

	"linli/internal/kit/fault"
	"linli/internal/ledger"
)

// What verification of editions can find, under "finding.edition.<kind>".
const (
	ContentChanged ledger.FindingKind = "content_changed" // a stored file is not what its hash says, or is gone
	EditionChanged ledger.FindingKind = "edition_changed" // an edition's list of files is not what its hash says
	EditionMissing ledger.FindingKind = "edition_missing" // a number is gone
	LeafDiffers    ledger.FindingKind = "leaf_differs"    // the leaf commits to something else than stands here
	LeafMissing    ledger.FindingKind = "leaf_missing"    // an edition without a leaf
)

// Verify holds every stored edition against its hash and its leaf, and every
// stored file against its hash. Whether the leaves themselves are whole is the
// ledger's to say. It only reads.
func (s *Service) Verify(ctx context.Context) ([]ledger.Finding, error) {
	list, err := s.rows(ctx, `ORDER BY number`)
	if err != nil {
		return nil, err
	}
	var out []ledger.Finding
	whole := map[string]bool{} // contents looked at
	next := int64(1)
	for _, r := range list {
		at := ledger.Ref{Number: -1, ID: r.Leaf}
		for ; next < r.Number; next++ {
			out = append(out, ledger.NewFinding("edition", EditionMissing, ledger.Ref{Number: -1}, "edition", next))
		}
		next = r.Number + 1
		files, err := s.filesOf(ctx, r.Number)
		if err != nil {
			return nil, err
		}
		c := catalogue{files: files}
		if hashAll(c.effective()) != r.Hash {
			out = append(out, ledger.NewFinding("edition", EditionChanged, at, "edition", r.Number))
		}
		for _, f := range c.sorted() {
			for _, h := range []string{f.Hash, f.Beneath} {
				if h == "" {
					continue
				}
				if _, known := whole[h]; !known {
					raw, err := s.contents(ctx, []string{h})
					if err != nil {
						return nil, err
					}
					content, stands := raw[h]
					good := stands && hashOf(content) == h
					whole[h] = good
					if !good {
						out = append(out, ledger.NewFinding("edition", ContentChanged, at, "edition", r.Number, "path", f.Path))
					}
				}
			}
		}
		finding, err := s.checkLeaf(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, finding...)
	}
	return out, nil
}

// checkLeaf writes the leaf again from what is stored and compares it.
func (s *Service) checkLeaf(ctx context.Context, r row) ([]ledger.Finding, error) {
	ref, stored, err := s.log.Leaf(ctx, r.Leaf)
	if fault.Is(err, fault.NotFound) {
		return []ledger.Finding{ledger.NewFinding("edition", LeafMissing, ledger.Ref{Number: -1, ID: r.Leaf}, "edition", r.Number)}, nil
	}
	if err != nil {
		return nil, err
	}
	var salt [16]byte
	raw, err := hex.DecodeString(r.salt)
	if err == nil {
		copy(salt[:], raw)
	}
	if again := ledger.NewLeaf(envelope(r.Edition), fields(r, salt)); len(raw) != len(salt) || !bytes.Equal(again.Text, stored) {
		return []ledger.Finding{ledger.NewFinding("edition", LeafDiffers, ref, "edition", r.Number)}, nil
	}
	return nil, nil
}
