package casework

import (
	"context"
	"embed"
	"io/fs"
	"linli/internal/procedure"
	"log/slog"
	"maps"
	"slices"

	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/law"
	"linli/internal/ledger"
)

// Parts are the rooms and tools the engine stands on.
type Parts struct {
	DB       *db.DB
	Clock    clock.Clock
	Keys     *seal.Keys
	Ledger   *ledger.Service
	Editions *edition.Service
	People   *identity.Service
	Log      *slog.Logger
}

// Service is the engine.
type Service struct {
	histories histories
	Parts
	checks  map[string]Check
	effects map[string]Effect
	facts   map[string]Fact
	rules   *edition.Compiled[*rules]
	judges  *edition.Compiled[*judges]
	onErase []func(ctx context.Context, blobs []string)
	onAct   []func(tx *db.Tx, procedure string, row ActRow) error
}

// rules are what the engine reads of one edition.
type rules struct {
	procedures procedure.Procedures
	calendars  law.Calendars
	views      map[string][]identity.Relation
}

// New makes the engine. Checks and effects are registered before Start.
func New(p Parts) *Service {
	s := &Service{Parts: p, checks: map[string]Check{}, effects: map[string]Effect{}, facts: map[string]Fact{}}
	s.rules, s.judges = edition.Compile(p.Editions, s.compile), edition.Compile(p.Editions, appoint)
	p.Editions.OnCheck(s.CheckFiles)
	p.People.OnMove(moved)
	return s
}

// RegisterCheck offers a named check to procedures; the roof calls it.
func (s *Service) RegisterCheck(name string, c Check) { s.checks[name] = c }

// RegisterEffect offers a named effect to procedures; the roof calls it.
func (s *Service) RegisterEffect(name string, e Effect) { s.effects[name] = e }

// RegisterFact offers a fact reader to decision rules; the roof calls it.
func (s *Service) RegisterFact(name string, f Fact) { s.facts[name] = f }

// OnErase has fn destroy what an erasure leaves outside the tables: attachments.
func (s *Service) OnErase(fn func(ctx context.Context, blobs []string)) {
	s.onErase = append(s.onErase, fn)
}

// OnAct has fn write, on tables of its own room only, in the transaction of every
// act that somebody does: for what may not wait for the log, such as taking back.
func (s *Service) OnAct(fn func(tx *db.Tx, procedure string, row ActRow) error) {
	s.onAct = append(s.onAct, fn)
}

// CheckFiles checks all procedures of a catalogue.
func (s *Service) CheckFiles(files fs.FS) []edition.Problem {
	return procedure.CheckFiles(files, slices.Collect(maps.Keys(s.checks)), slices.Collect(maps.Keys(s.effects)), slices.Collect(maps.Keys(s.facts)))
}

func (s *Service) compile(files fs.FS) (*rules, error) {
	procedures, _ := procedure.Load(files, procedure.Names{})
	// Problems were refused when the edition was published; what an older binary
	// let pass is kept running as it was read.
	calendars, err := law.ParseCalendars(files)
	if err != nil {
		return nil, err
	}
	views, err := identity.Views(files)
	if err != nil {
		return nil, err
	}
	return &rules{procedures, calendars, views}, nil
}

// ProcedureAt finds a procedure as it stood in an edition.
func (s *Service) ProcedureAt(ctx context.Context, name string, number int64) (*procedure.Procedure, error) {
	r, err := s.rules.At(ctx, number)
	if err != nil {
		return nil, err
	}
	p := r.procedures[name]
	if p == nil {
		return nil, fault.New(fault.NotFound, "casework.no_procedure", "procedure", name).At("procedure")
	}
	return p, nil
}

// Procedure finds a procedure of the edition in force.
func (s *Service) Procedure(ctx context.Context, name string) (*procedure.Procedure, error) {
	return s.ProcedureAt(ctx, name, s.Editions.Current())
}

// Procedures lists the procedures of the edition in force by name.
func (s *Service) Procedures(ctx context.Context) ([]*procedure.Procedure, error) {
	r, _, err := s.rules.Now(ctx)
	if err != nil {
		return nil, err
	}
	var out []*procedure.Procedure
	for _, name := range slices.Sorted(maps.Keys(r.procedures)) {
		out = append(out, r.procedures[name])
	}
	return out, nil
}

// Right gives the relations of a right that catalog/rights/views.yaml names:
// annul, erase, move, reveal. Rights are always those of the newest edition.
func (s *Service) Right(ctx context.Context, name string) ([]identity.Relation, error) {
	r, _, err := s.rules.Now(ctx)
	if err != nil {
		return nil, err
	}
	return r.views[name], nil
}

// sees are the relations through which a case of the procedure may be seen.
func (r *rules) sees(p *procedure.Procedure) []identity.Relation {
	if p != nil && p.See != nil {
		return p.See
	}
	return r.views["case"]
}

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "casework", files)
}

// moved keeps the seals of cases true when a unit moves in the tree.
func moved(tx *db.Tx, old, now string) error {
	_, err := tx.Exec(`UPDATE casework_case SET sealed = $2 || SUBSTR(sealed, $3) WHERE sealed >= $1 AND sealed < $4`,
		old, now, len(old)+1, old+"\x7f")
	return err
}
