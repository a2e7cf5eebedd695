package ledger

import (
	"os"
	"testing"

	"linli/internal/kit/text"
)

// Every kind of finding has its words, and they use only what a finding says.
func TestFindingsHaveWords(t *testing.T) {
	b, err := text.Load(os.DirFS("../../catalog"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []FindingKind{LeafChanged, LeafMoved, LeafMissing, LeafTwice, LeafForm, LeafUnsigned, ColumnChanged,
		TileChanged, TileMissing, RootWrong, CheckpointForged, CheckpointChain, HistoryRewritten, HistoryCut, OtherKey, Waiting} {
		for _, lang := range text.Languages() {
			if !b.Has(lang, "finding.ledger."+string(kind)) {
				t.Errorf("%s has no words for %s", lang, kind)
			}
		}
	}
}
