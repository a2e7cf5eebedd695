package ledger

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"linli/internal/kit/clock"
)

// The canonical text is a promise to everybody who holds a receipt: it may
// never change for format linli/1.
func TestLeafTextIsFrozen(t *testing.T) {
	l := NewLeaf(Envelope{ID: "01KA0000000000000000000001", Kind: "act", Case: "C 1", Procedure: "service-request", Act: "派发",
		From: "received", To: "dispatched", Clocks: []string{"+accept", "", "-in%take"}, Recorded: 1795507200000000, Annuls: "a\nb", Erases: "\xff"},
		[]Field{{"zone", [32]byte{1}}, {"lead unit", [32]byte{0xab}}})
	want := "linli/1\nid 01KA0000000000000000000001\nkind act\ncase C%201\nprocedure service-request\nact 派发\nfrom received\nto dispatched\n" +
		"clocks +accept -in%25take\nrecorded 1795507200000000\nannuls a%0Ab\nerases %FF\n" +
		"field lead%20unit ab" + strings.Repeat("0", 62) + "\nfield zone 01" + strings.Repeat("0", 62) + "\n"
	if diff := cmp.Diff(want, string(l.Text)); diff != "" {
		t.Fatal(diff)
	}
	if got := HashText(l.Hash); got != "57885ad41793cd2deb51aa748da00a0892661984812cc55fb7ab2700c23fd5c6" {
		t.Errorf("hash %s", got)
	}
	if l.Hash != tlog.RecordHash(l.Text) || l.Erases != "\xff" || l.Recorded != 1795507200000000 {
		t.Errorf("%+v", l)
	}
}

func TestCommitIsFrozen(t *testing.T) {
	a := Commit([16]byte{1, 2, 3}, "phone", []byte("13800000000"))
	if got := HashText(a); got != "32959a22ac79598a4a888076e346f61780a9b0794d13afdf432fb15d37fe2354" {
		t.Errorf("commitment %s", got)
	}
	for _, other := range [][32]byte{
		Commit([16]byte{1, 2, 4}, "phone", []byte("13800000000")),
		Commit([16]byte{1, 2, 3}, "phone1", []byte("3800000000")),
		Commit([16]byte{1, 2, 3}, "phone", []byte("13800000001")),
	} {
		if other == a {
			t.Error("two values, one commitment")
		}
	}
}

func envelope(t *rapid.T) (Envelope, []Field) {
	word := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z %\n]{0,6}`), rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 5), func(b []byte) string { return string(b) }))
	e := Envelope{ID: word.Draw(t, "id"), Kind: word.Draw(t, "kind"), Case: word.Draw(t, "case"), Procedure: word.Draw(t, "procedure"),
		Act: word.Draw(t, "act"), From: word.Draw(t, "from"), To: word.Draw(t, "to"), Recorded: clock.Instant(rapid.Int64().Draw(t, "recorded")),
		Annuls: word.Draw(t, "annuls"), Erases: word.Draw(t, "erases")}
	for range rapid.IntRange(0, 3).Draw(t, "clocks") {
		if c := word.Draw(t, "clock"); c != "" {
			e.Clocks = append(e.Clocks, c)
		}
	}
	var fields []Field
	for range rapid.IntRange(0, 4).Draw(t, "fields") {
		f := Field{Name: word.Draw(t, "name")}
		copy(f.Digest[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"))
		fields = append(fields, f)
	}
	return e, fields
}

// Reading back gives the same envelope: so no two envelopes share a text.
func TestLeafReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, fields := envelope(t)
		l := NewLeaf(e, fields)
		got, back, err := ParseLeaf(l.Text)
		if err != nil {
			t.Fatalf("%v\n%s", err, l.Text)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Fatal(diff)
		}
		if len(back) != len(fields) {
			t.Fatalf("%d fields of %d", len(back), len(fields))
		}
		if bytes.Contains(l.Text, []byte("\n\n")) {
			t.Fatalf("blank line in %q", l.Text)
		}
	})
}

func TestParseLeafRefuses(t *testing.T) {
	good := "linli/1\nid a\nkind act\nfield x " + strings.Repeat("0", 64) + "\n"
	if _, _, err := ParseLeaf([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "linli/1", "linli/2\nid a\n", "linli/1\nid a", "linli/1\nkind act\nid a\n", "linli/1\nid a\nid a\n", "linli/1\nid \n",
		"linli/1\nid %61\n", "linli/1\nid %4\n", "linli/1\nid %zz\n", "linli/1\nunit x\n", "linli/1\nrecorded 1x\n", "linli/1\nrecorded 01\n",
		"linli/1\nclocks a  b\n", "linli/1\nfield x 00\n", "linli/1\nfield x " + strings.Repeat("A", 64) + "\n", good + "\n", good + "x",
	} {
		if _, _, err := ParseLeaf([]byte(bad)); err == nil {
			t.Errorf("taken: %q", bad)
		}
	}
}

// plainLog keeps all hashes as tlog does: the oracle for our tiles.
type plainLog []tlog.Hash

func (p plainLog) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = p[x]
	}
	return out, nil
}

func TestTreeEqualsTlog(t *testing.T) {
	var oracle plainLog
	tr := &tree{}
	tiles := map[tileID][]byte{}
	if got := tr.root().String(); got != "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" {
		t.Errorf("empty root %s", got)
	}
	const most = 70_000
	for n := int64(0); n < most; n++ {
		text := fmt.Appendf(nil, "leaf %d", n)
		h := tlog.RecordHash(text)
		more, err := tlog.StoredHashes(n, text, oracle)
		if err != nil {
			t.Fatal(err)
		}
		oracle = append(oracle, more...)
		tr.add(h, tiles)
		size := n + 1
		if size > 600 && size%997 != 0 && size != 65535 && size != 65536 && size != 65537 && size != most {
			continue
		}
		want, err := tlog.TreeHash(size, oracle)
		if err != nil {
			t.Fatal(err)
		}
		if tr.root() != want {
			t.Fatalf("root at %d", size)
		}
		grown, err := growTree(size, func(id tileID) []byte { return tiles[id] })
		if err != nil || grown.root() != want {
			t.Fatalf("grown at %d: %v", size, err)
		}
		if diff := cmp.Diff(fmt.Sprint(tr.subtree), fmt.Sprint(grown.subtree)); diff != "" {
			t.Fatal(diff)
		}
	}
	for _, tile := range tlog.NewTiles(tileHeight, 0, most) {
		if tile.W < tileWidth && tile.N != most>>(tileHeight*(tile.L+1)) {
			continue
		}
		want, err := tlog.ReadTileData(tile, oracle)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(tiles[tileID{tile.L, tile.N}], want) {
			t.Fatalf("tile %v", tile)
		}
	}
}

func TestGrowTreeRefusesShortTiles(t *testing.T) {
	if _, err := growTree(5, func(tileID) []byte { return make([]byte, 4*32) }); err == nil {
		t.Fatal("a short tile was taken")
	}
}
