package ledger

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// A tile holds up to 256 neighbouring hashes of one level of the tree, and
// tiles stand 8 levels apart, as in c2sp.org/tlog-tiles.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	tileBytes  = tileWidth * tlog.HashSize
)

// tileID names a tile: level counts in tiles, not in hashes.
type tileID struct {
	level  int
	number int64
}

// tree is the right edge of the log: all that is needed to append and to give
// the root, in memory proportional to the logarithm of its size.
type tree struct {
	size    int64
	subtree []tlog.Hash // roots of the complete subtrees, widest first
	edge    [][]byte    // per tile level the hashes of the unfinished tile
}

func (t *tree) clone() *tree {
	c := &tree{size: t.size, subtree: slices.Clone(t.subtree), edge: make([][]byte, len(t.edge))}
	for i, e := range t.edge {
		c.edge[i] = slices.Clone(e)
	}
	return c
}

// add appends one leaf hash. Every tile that changes is put into changed (which
// may be nil), finished or not.
func (t *tree) add(h tlog.Hash, changed map[tileID][]byte) {
	t.put(0, h, changed)
	level := 0
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.subtree) - 1
		h = tlog.NodeHash(t.subtree[last], h)
		t.subtree = t.subtree[:last]
		level++
		if level%tileHeight == 0 {
			t.put(level/tileHeight, h, changed)
		}
	}
	t.subtree = append(t.subtree, h)
	t.size++
}

func (t *tree) put(level int, h tlog.Hash, changed map[tileID][]byte) {
	for len(t.edge) <= level {
		t.edge = append(t.edge, nil)
	}
	t.edge[level] = append(t.edge[level], h[:]...)
	if changed != nil {
		changed[tileID{level, t.size >> (tileHeight * (level + 1))}] = t.edge[level]
	}
	if len(t.edge[level]) == tileBytes {
		t.edge[level] = nil // the finished tile stays with changed
	}
}

// root is the RFC 6962 root at the present size.
func (t *tree) root() tlog.Hash {
	if len(t.subtree) == 0 {
		return sha256.Sum256(nil)
	}
	last := len(t.subtree) - 1
	h := t.subtree[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(t.subtree[i], h)
	}
	return h
}

// edgeTiles lists the unfinished tiles of a tree of this size, lowest level
// first, with the number of hashes each must hold.
func edgeTiles(size int64) (ids []tileID, width []int) {
	for level := 0; size>>(tileHeight*level) > 0; level++ {
		if w := int(size >> (tileHeight * level) & (tileWidth - 1)); w > 0 {
			ids = append(ids, tileID{level, size >> (tileHeight * (level + 1))})
			width = append(width, w)
		}
	}
	return ids, width
}

// growTree builds the right edge of a tree from its unfinished tiles, which may
// hold more hashes than the size needs.
func growTree(size int64, tile func(tileID) []byte) (*tree, error) {
	t := &tree{size: size}
	ids, width := edgeTiles(size)
	for i := len(ids) - 1; i >= 0; i-- {
		data := tile(ids[i])
		if len(data) < width[i]*tlog.HashSize {
			return nil, fmt.Errorf("tile %d/%d holds %d of %d hashes", ids[i].level, ids[i].number, len(data)/tlog.HashSize, width[i])
		}
		data = data[:width[i]*tlog.HashSize]
		for len(t.edge) <= ids[i].level {
			t.edge = append(t.edge, nil)
		}
		t.edge[ids[i].level] = slices.Clone(data)
		for w := width[i]; w > 0; {
			part := 1 << (bits.Len(uint(w)) - 1)
			t.subtree = append(t.subtree, perfect(data[:part*tlog.HashSize]))
			data = data[part*tlog.HashSize:]
			w -= part
		}
	}
	return t, nil
}

// perfect is the root over 2^k hashes laid end to end.
func perfect(data []byte) tlog.Hash {
	if len(data) == tlog.HashSize {
		return tlog.Hash(data)
	}
	half := len(data) / 2
	return tlog.NodeHash(perfect(data[:half]), perfect(data[half:]))
}
