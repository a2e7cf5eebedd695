package ledger

// FindingKind says what verification found. The set is closed; each kind has
// its text under "finding.ledger.<kind>".
type FindingKind string

// What verification can find.
const (
	LeafChanged      FindingKind = "leaf_changed"      // the text does not hash to what the signed tree holds
	LeafMoved        FindingKind = "leaf_moved"        // the leaf stands at another number than the signed tree holds it
	LeafMissing      FindingKind = "leaf_missing"      // numbers without a leaf
	LeafTwice        FindingKind = "leaf_twice"        // a second leaf with the same number
	LeafForm         FindingKind = "leaf_form"         // the signed text is not a leaf
	LeafUnsigned     FindingKind = "leaf_unsigned"     // a number beyond the last checkpoint
	ColumnChanged    FindingKind = "column_changed"    // a column beside the leaf says something else than the leaf
	TileChanged      FindingKind = "tile_changed"      // a stored hash is not that of its leaf or of the tile below
	TileMissing      FindingKind = "tile_missing"      // a stored hash is not there
	RootWrong        FindingKind = "root_wrong"        // the tree does not hash to what a checkpoint signed
	CheckpointForged FindingKind = "checkpoint_forged" // not signed by a key of ours, or its columns say something else
	CheckpointChain  FindingKind = "checkpoint_chain"  // a checkpoint in between is missing
	HistoryRewritten FindingKind = "history_rewritten" // the log no longer begins with what an older checkpoint signed
	HistoryCut       FindingKind = "history_cut"       // an older checkpoint signed more leaves than there are
	OtherKey         FindingKind = "other_key"         // the older checkpoint was signed by a key that is not ours
	Waiting          FindingKind = "waiting"           // leaves wait for a number for more than a minute; no damage
)

// Finding is one thing found. Number, Leaf and Case are -1 and "" where it
// concerns none.
type Finding struct {
	Kind   FindingKind
	Number int64
	Leaf   string
	Case   string
	Key    string         // text key
	Args   map[string]any // arguments of the text
}

// NewFinding makes a finding with its text key "finding.<room>.<kind>"; args
// alternate name and value. Other rooms use it for what their own checks find.
func NewFinding(room string, kind FindingKind, at Ref, args ...any) Finding {
	f := Finding{Kind: kind, Number: at.Number, Leaf: at.ID, Case: at.Case, Key: "finding." + room + "." + string(kind),
		Args: map[string]any{"number": at.Number, "leaf": at.ID, "case": at.Case}}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[args[i].(string)] = args[i+1]
	}
	return f
}

// Report is the outcome of a verification.
type Report struct {
	Size        int64     // leaves under the newest checkpoint when the run began
	Root        string    // its root, base64
	Checkpoint  string    // its signed text
	Checkpoints int       // stored checkpoints checked
	Against     int       // older checkpoints the log was held against
	Unnumbered  int       // leaves that wait for a number
	Erasures    int       // acts whose values were destroyed by a later act
	Findings    []Finding // at most 1000
	More        int       // findings beyond these
}

// mostFindings bounds a report: a log that is wholly rewritten is named once
// more often than anybody reads.
const mostFindings = 1000

// Add puts a finding into the report.
func (r *Report) Add(f Finding) {
	if len(r.Findings) >= mostFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, f)
}

// Sound says that nothing was found but leaves that wait.
func (r Report) Sound() bool {
	for _, f := range r.Findings {
		if f.Kind != Waiting {
			return false
		}
	}
	return r.More == 0
}
