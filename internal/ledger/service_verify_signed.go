package ledger

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// suspect is a leaf whose text does not hash to what the tile holds; only the
// next signed root tells which of the two was changed.
type suspect struct {
	ref        Ref
	leaf, tile tlog.Hash
}

// twin is the tree twice: as the leaves' texts have it and as the stored tiles
// have it. While both agree there is one.
type twin struct {
	leaves, tiles *tree // tiles is nil while they agree
	suspects      []suspect
	broken        bool  // hashes are missing: no root can be told any more
	reach         int64 // size at which that was
}

func (t *twin) stop(reach int64) {
	if !t.broken {
		t.broken, t.reach = true, reach
	}
}

func (t *twin) add(leaf, tile tlog.Hash) {
	if t.broken {
		return
	}
	if t.tiles == nil && leaf != tile {
		t.tiles = t.leaves.clone()
	}
	if t.tiles != nil {
		t.tiles.add(tile, nil)
	}
	t.leaves.add(leaf, nil)
}

// holds says whether either tree has this root.
func (t *twin) holds(root tlog.Hash) bool {
	return !t.broken && (t.leaves.root() == root || t.tiles != nil && t.tiles.root() == root)
}

// checkpointWalk goes through the stored checkpoints beside the leaves.
type checkpointWalk struct {
	page  []stored
	at    int64 // size of the last one read, -1 at first
	begun bool
	done  bool
	prior int64 // size of the last one judged

	wrong     int   // checkpoints whose root is not that of the tree
	wrongSize int64 // size of the first of them
}

// olderWalk goes through the checkpoints of "against".
type olderWalk struct {
	list []Checkpoint // in order of size
	good int64        // size of the last one the log holds
	bad  []int64      // sizes of those it does not
	cut  []int64      // sizes beyond the log
}

// judge holds the tree against everything signed at the size reached.
func (v *verification) judge(ctx context.Context) error {
	for {
		w := &v.heads
		if len(w.page) == 0 && !w.done {
			from := w.at
			if !w.begun {
				from, w.begun = -1, true
			}
			var err error
			w.page, err = v.s.checkpoints(ctx, `WHERE size > $1 AND size <= $2 ORDER BY size LIMIT $3`, from, v.Size, pageSize)
			if err != nil {
				return err
			}
			w.done = len(w.page) < pageSize
		}
		if len(w.page) == 0 || w.page[0].size > v.next {
			break
		}
		c := w.page[0]
		w.page, w.at = w.page[1:], c.size
		v.judgeStored(c)
	}
	for len(v.older.list) > 0 && v.older.list[0].Size <= v.next {
		v.judgeOlder(v.older.list[0])
		v.older.list = v.older.list[1:]
	}
	return nil
}

// judgeStored checks one stored checkpoint: signature, columns, chain, root. A
// good root also tells whether leaf or tile was changed, where they differ.
func (v *verification) judgeStored(row stored) {
	v.Checkpoints++
	none := Ref{Number: -1}
	if row.prior != v.heads.prior {
		v.Add(NewFinding("ledger", CheckpointChain, none, "size", row.size, "prior", row.prior, "stands", v.heads.prior))
	}
	v.heads.prior = row.size
	c, err := openCheckpoint(row.note, v.s.key.known)
	if err != nil || c.Origin != v.s.key.origin || c.Size != row.size || c.Root.String() != row.root {
		v.Add(NewFinding("ledger", CheckpointForged, none, "size", row.size))
		return
	}
	t := &v.twin
	switch {
	case t.broken || row.size != v.next: // cannot be told; what is missing is named
	case t.leaves.root() == c.Root:
		for _, s := range t.suspects {
			v.Add(NewFinding("ledger", TileChanged, s.ref, "level", 0, "tile", s.ref.Number>>tileHeight))
		}
		t.tiles, t.suspects = nil, nil
	case t.tiles != nil && t.tiles.root() == c.Root:
		v.changed = append(v.changed, t.suspects...)
		t.leaves, t.tiles, t.suspects = t.tiles, nil, nil
	default:
		if v.heads.wrong++; v.heads.wrong == 1 {
			v.heads.wrongSize = row.size
		}
	}
}

func (v *verification) finishHeads() {
	if v.heads.wrong > 0 {
		v.Add(NewFinding("ledger", RootWrong, Ref{Number: -1}, "size", v.heads.wrongSize, "count", v.heads.wrong))
	}
}

// takeOlder brings the checkpoints of "against" into order and names those our
// key did not sign; their roots are compared all the same.
func (v *verification) takeOlder(list []Checkpoint) {
	slices.SortFunc(list, func(a, b Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	v.Against = len(list)
	for _, c := range list {
		if _, err := openCheckpoint(c.Text, v.s.key.known); err != nil || c.Origin != v.s.key.origin {
			v.Add(NewFinding("ledger", OtherKey, Ref{Number: -1}, "size", c.Size, "origin", c.Origin))
		}
		if c.Size > v.Size {
			v.older.cut = append(v.older.cut, c.Size)
		} else {
			v.older.list = append(v.older.list, c)
		}
	}
}

func (v *verification) judgeOlder(c Checkpoint) {
	if c.Size == v.next && v.twin.holds(c.Root) {
		v.older.good = c.Size
		return
	}
	v.older.bad = append(v.older.bad, c.Size)
}

func (v *verification) finishOlder() {
	if bad := v.older.bad; len(bad) > 0 {
		// The last good one may stand behind the first bad one, where a signed
		// checkpoint of another tree is among them: then only the size is named.
		from := min(v.older.good, bad[0])
		v.Add(NewFinding("ledger", HistoryRewritten, Ref{Number: -1}, "from", from, "size", bad[0], "count", len(bad)))
	}
	if cut := v.older.cut; len(cut) > 0 {
		v.Add(NewFinding("ledger", HistoryCut, Ref{Number: -1}, "size", cut[len(cut)-1], "have", v.Size, "count", len(cut)))
	}
}
