package ledger

import (
	"context"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"linli/internal/kit/fault"
)

// pageSize is how many leaves verification reads at once; between pages no read
// is held open, so a server that runs beside it is not hindered.
const pageSize = 1000

// patience is how long a leaf may wait for its number before it is named.
const patience = time.Minute

// Verify recomputes the whole log from the leaves' texts: every leaf against the
// stored tiles, every tile, the root under every stored checkpoint, every
// signature, the numbers, and the columns beside the leaves. against holds older
// checkpoints one after another (a line of a witness, a printed board, the file
// checkpoints.txt) or is empty: a history that was rewritten or cut since then
// is named, even where the one who did it holds the signing key.
//
// each, if not nil, is called for every leaf in order, also for leaves that came
// after the run began or still wait (Ref.Number -1), so that another room can
// hold its own rows against the leaves. What arrives during the run is never
// reported as missing. Verify only reads, also on a database opened read-only
// beside a running server.
//
// Faults: ledger.bad_checkpoint where against cannot be read, ledger.no_key.
func (s *Service) Verify(ctx context.Context, against string, each func(ref Ref, text []byte)) (Report, error) {
	if s.key == nil {
		return Report{}, fault.New(fault.NotFound, "ledger.no_key", "file", PublicFile)
	}
	older, err := ParseCheckpoints(against)
	if err != nil {
		return Report{}, fault.Of(err).At("against")
	}
	if each == nil {
		each = func(Ref, []byte) {}
	}
	head, ok, err := s.head(ctx)
	if err != nil {
		return Report{}, err
	}
	v := &verification{s: s, each: each, named: -1, lower: map[int64]tlog.Hash{}, doubted: map[int64]bool{}}
	v.tile.number = -1
	v.twin.leaves = &tree{}
	if ok {
		v.Size, v.Root, v.Checkpoint = head.size, head.root, head.note
	}
	v.takeOlder(older)
	for _, step := range []func(context.Context) error{v.walk, v.checkTiles, v.checkTail} {
		if err := step(ctx); err != nil {
			return Report{}, err
		}
	}
	v.finish()
	return v.Report, nil
}

// verification is one run of Verify.
type verification struct {
	Report
	s    *Service
	each func(Ref, []byte)

	next    int64               // the number expected next
	twin    twin                // the tree as the leaves and as the tiles have it
	tile    tileRow             // level-0 tile in hand
	named   int64               // last level-0 tile named as missing
	lower   map[int64]tlog.Hash // roots of finished level-0 tiles that agree with their leaves
	doubted map[int64]bool      // level-0 tiles that do not
	changed []suspect           // leaves that are surely not what was signed

	heads checkpointWalk
	older olderWalk
}

// walk goes through the numbered leaves under the head.
func (v *verification) walk(ctx context.Context) error {
	if err := v.judge(ctx); err != nil { // what was signed about the empty log
		return err
	}
	last := Ref{Number: 0}
	for v.next < v.Size {
		page, err := v.s.entries(ctx, last.Number, last.ID, v.Size, pageSize)
		if err != nil {
			return err
		}
		for _, e := range page {
			if e.Number < v.next {
				v.Add(NewFinding("ledger", LeafTwice, e.Ref))
				v.each(e.Ref, e.text)
				continue
			}
			if err := v.missing(ctx, e.Number); err != nil {
				return err
			}
			if err := v.leaf(ctx, e); err != nil {
				return err
			}
		}
		if len(page) == 0 {
			return v.missing(ctx, v.Size)
		}
		last = page[len(page)-1].Ref
	}
	return nil
}

// missing names the numbers from next up to end as missing and goes on with the
// hashes the tiles hold for them.
func (v *verification) missing(ctx context.Context, end int64) error {
	if v.next >= end {
		return nil
	}
	v.Add(NewFinding("ledger", LeafMissing, Ref{Number: v.next}, "last", end-1, "count", end-v.next))
	for v.next < end {
		stored, err := v.storedHash(ctx, v.next)
		if err != nil {
			return err
		}
		if stored == nil { // nothing to go on with: from here on no root can be told
			v.twin.stop(v.next)
			v.next = end
			return v.judge(ctx)
		}
		v.twin.add(*stored, *stored)
		if err := v.advance(ctx); err != nil {
			return err
		}
	}
	return nil
}

// leaf checks one leaf against the tile and its columns.
func (v *verification) leaf(ctx context.Context, e entry) error {
	stored, err := v.storedHash(ctx, e.Number)
	if err != nil {
		return err
	}
	hash := tlog.RecordHash(e.text)
	tile := e.Number >> tileHeight
	switch {
	case stored == nil:
		if v.named != tile {
			v.named = tile
			v.Add(NewFinding("ledger", TileMissing, Ref{Number: e.Number}, "level", 0, "tile", tile))
		}
		v.doubted[tile] = true
		stored = &hash
	case *stored != hash:
		v.twin.suspects = append(v.twin.suspects, suspect{ref: e.Ref, leaf: hash, tile: *stored})
		v.doubted[tile] = true
	}
	if *stored == hash {
		v.columns(e)
	}
	v.each(e.Ref, e.text)
	v.twin.add(hash, *stored)
	return v.advance(ctx)
}

// storedHash is the hash the level-0 tiles hold for a number, nil where they
// hold none.
func (v *verification) storedHash(ctx context.Context, number int64) (*tlog.Hash, error) {
	if id := (tileID{0, number >> tileHeight}); v.tile.tileID != id {
		data, err := v.s.tile(ctx, id)
		if err != nil {
			return nil, err
		}
		v.tile = tileRow{id, data}
	}
	at := int(number&(tileWidth-1)) * tlog.HashSize
	if len(v.tile.hashes) < at+tlog.HashSize {
		return nil, nil
	}
	h := tlog.Hash(v.tile.hashes[at : at+tlog.HashSize])
	return &h, nil
}

// columns holds the columns beside a leaf against the leaf's own text.
func (v *verification) columns(e entry) {
	env, _, err := ParseLeaf(e.text)
	if err != nil {
		v.Add(NewFinding("ledger", LeafForm, e.Ref))
		return
	}
	if env.Erases != "" {
		v.Erasures++
	}
	for _, c := range []struct {
		name string
		same bool
	}{
		{"id", env.ID == e.ID}, {"kind", env.Kind == e.Kind}, {"case_id", env.Case == e.Case},
		{"erases", env.Erases == e.erases}, {"recorded", env.Recorded == e.recorded},
	} {
		if !c.same {
			v.Add(NewFinding("ledger", ColumnChanged, Ref{e.Number, env.ID, env.Kind, env.Case}, "column", c.name))
		}
	}
}

// advance goes on to the next number and judges what was signed at this size.
func (v *verification) advance(ctx context.Context) error {
	v.next++
	if v.next%tileWidth == 0 {
		if done := v.next>>tileHeight - 1; !v.doubted[done] && len(v.tile.hashes) == tileBytes {
			v.lower[done] = perfect(v.tile.hashes)
		}
	}
	return v.judge(ctx)
}

// checkTiles holds every hash in the upper tiles against the tile below it.
func (v *verification) checkTiles(ctx context.Context) error {
	lower, size := v.lower, v.Size
	if v.twin.broken { // beyond, the missing leaves are named already
		size = v.twin.reach
	}
	for level := 1; size>>(tileHeight*level) > 0; level++ {
		upper := map[int64]tlog.Hash{}
		total := size >> (tileHeight * level)
		for number := int64(0); number<<tileHeight < total; number++ {
			data, err := v.s.tile(ctx, tileID{level, number})
			if err != nil {
				return err
			}
			width := int(min(tileWidth, total-number<<tileHeight))
			if len(data) < width*tlog.HashSize {
				v.Add(NewFinding("ledger", TileMissing, Ref{Number: -1}, "level", level, "tile", number))
				continue
			}
			sure := width == tileWidth
			for k := range width {
				below, ok := lower[number<<tileHeight+int64(k)]
				if ok && below != tlog.Hash(data[k*tlog.HashSize:(k+1)*tlog.HashSize]) {
					v.Add(NewFinding("ledger", TileChanged, Ref{Number: -1}, "level", level, "tile", number))
					sure = false
					break
				}
				sure = sure && ok
			}
			if sure {
				upper[number] = perfect(data[:tileBytes])
			}
		}
		lower = upper
	}
	return nil
}

// checkTail looks at what stands beyond the head: leaves that came since, wait,
// or carry a number nobody signed.
func (v *verification) checkTail(ctx context.Context) error {
	late := v.s.clk.Now().Add(-patience)
	tail, signed, err := v.s.tail(ctx, v.Size)
	if err != nil {
		return err
	}
	old, oldest := 0, Ref{}
	for _, e := range tail {
		v.columns(e)
		v.each(e.Ref, e.text)
		switch {
		case e.Number >= signed || e.Number < -1:
			v.Add(NewFinding("ledger", LeafUnsigned, e.Ref, "size", signed))
		case e.Number == -1:
			v.Unnumbered++
			if e.recorded < late {
				if old++; old == 1 {
					oldest = e.Ref
				}
			}
		}
	}
	if old > 0 {
		v.Add(NewFinding("ledger", Waiting, oldest, "count", old))
	}
	return nil
}

// finish turns what was gathered into findings.
func (v *verification) finish() {
	v.changed = append(v.changed, v.twin.suspects...)
	place := map[tlog.Hash]int64{}
	for _, c := range v.changed {
		place[c.tile] = c.ref.Number
	}
	for _, c := range v.changed {
		if to, ok := place[c.leaf]; ok {
			v.Add(NewFinding("ledger", LeafMoved, c.ref, "to", to))
		} else {
			v.Add(NewFinding("ledger", LeafChanged, c.ref))
		}
	}
	v.finishHeads()
	v.finishOlder()
}
