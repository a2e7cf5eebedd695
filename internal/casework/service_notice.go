package casework

import (
	"context"
	"linli/internal/procedure"
	"slices"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

// Notice is what of a case is public: the fields that its acts published, and
// nothing else.
type Notice struct {
	ID, Number string
	Title      procedure.Words // of the procedure
	Subject    string
	Area       string
	Norm       string
	Published  clock.Instant // recorded, of the newest version
	Over       bool          // no longer posted
	Stands     []Standing
	Versions   []Version            // the newest first
	Procedure  *procedure.Procedure // as the case keeps it
}

// Standing says until when a notice stands at least.
type Standing struct {
	Words procedure.Words
	Norm  string
	Until clock.Instant // the first moment at which it may come down; 0 = not known yet
}

// Version is what one act published.
type Version struct {
	Act      string // id
	Words    procedure.Words
	Happened clock.Instant
	Recorded clock.Instant
	Fields   []string
	Values   Values // a value erased since is Gone
	Leaf     string
}

// Notices lists published cases, the newest first: those that stand or, with
// over, those that came down. after is the cursor of the page before.
func (s *Service) Notices(ctx context.Context, area string, over bool, after string, limit int) ([]Notice, string, error) {
	q := &page{}
	q.where = append(q.where, "c.published > 0")
	if over {
		q.where = append(q.where, "c.kind = 'final'")
	} else {
		q.where = append(q.where, "c.kind <> 'final'")
	}
	if area != "" {
		if _, err := strconv.ParseUint(area, 10, 64); err != nil {
			return nil, "", fault.New(fault.Invalid, "procedure.value_area").At("area")
		}
		q.and("c.area >= %s AND c.area < %s", area, area+":")
	}
	if after != "" {
		at, id, ok := strings.Cut(after, ".")
		n, err := strconv.ParseInt(at, 10, 64)
		if !ok || err != nil || !procedure.IDPattern.MatchString(id) {
			return nil, "", fault.New(fault.Invalid, "casework.cursor").At("after")
		}
		q.and("(c.published, c.id) < (%s, %s)", n, id)
	}
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+db.Columns("c", caseColumns)+` FROM casework_case c WHERE `+strings.Join(q.where, " AND ")+
		` ORDER BY c.published DESC, c.id DESC LIMIT `+q.arg(limit+1), q.args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	var out []Notice
	for rows.Next() {
		c, err := scanCase(rows)
		if err != nil {
			return nil, "", err
		}
		n, err := s.notice(ctx, c)
		if err != nil {
			return nil, "", err
		}
		out = append(out, n)
	}
	next := ""
	if len(out) > limit {
		out = out[:limit]
		next = strconv.FormatInt(int64(out[limit-1].Published), 10) + "." + out[limit-1].ID
	}
	return out, next, rows.Err()
}

// Posted lists the published cases of one procedure under an area with all their
// versions, those that stand and those that came down, until there are so many as
// asked for. It looks by pages of 200 at most, so that a few more may come.
func (s *Service) Posted(ctx context.Context, procedure, area string, most int) ([]Notice, error) {
	var out []Notice
	for after := ""; ; {
		rows, next, err := s.List(ctx, identity.SystemActor(), Filter{Procedure: procedure, Area: area, After: after, Limit: 200})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.Published == 0 {
				continue
			}
			n, err := s.Notice(ctx, row.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, n)
		}
		if after = next; next == "" || len(out) >= most {
			return out, nil
		}
	}
}

// notice is a published case without its versions. The subject is told only
// where it was published.
func (s *Service) notice(ctx context.Context, c *Case) (Notice, error) {
	p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
	if err != nil {
		return Notice{}, err
	}
	n := Notice{ID: c.ID, Number: c.Number, Title: p.Title, Area: c.Area, Norm: p.Norm, Published: c.Published, Over: c.Kind == procedure.Final, Procedure: p}
	for _, a := range p.Acts {
		if p.Subject != "" && slices.Contains(a.Publish, p.Subject) {
			n.Subject = c.Title
		}
	}
	return n, nil
}

// Notice finds one published case by its number or id, with every version.
// Fault: NotFound, also for a case that was never published.
func (s *Service) Notice(ctx context.Context, number string) (Notice, error) {
	c, err := s.load(ctx, number)
	if err != nil {
		return Notice{}, err
	}
	if c.Published == 0 {
		return Notice{}, fault.New(fault.NotFound, "casework.no_notice")
	}
	n, err := s.notice(ctx, c)
	if err != nil {
		return n, err
	}
	for _, def := range n.Procedure.Clocks {
		if k, had := c.clocks[def.Name]; had && k.Kind == law.AtLeast && k.Status != procedure.Void {
			n.Stands = append(n.Stands, Standing{def.Words, def.Norm, k.Duty})
		}
	}
	acts, err := s.actsOf(ctx, s.DB.Reader(), c.ID)
	if err != nil {
		return n, err
	}
	return n, s.versions(ctx, &n, acts)
}

// versions replays the acts and keeps what each publication said.
func (s *Service) versions(ctx context.Context, n *Notice, acts []ActRow) error {
	annulled := map[string]bool{}
	for _, a := range acts {
		annulled[a.Annuls] = true
	}
	held := Values{}
	for _, a := range acts {
		if annulled[a.ID] {
			continue
		}
		if err := held.Take(a.Body); err != nil {
			return err
		}
		def := n.Procedure.Act(a.Act)
		if !a.Delta.Publish || def == nil {
			continue
		}
		v := Version{Act: a.ID, Words: def.Words, Happened: a.Happened, Recorded: a.Recorded, Fields: def.Publish, Values: Values{}, Leaf: s.leafHash(ctx, a.ID)}
		for _, f := range def.Publish {
			if value, ok := held[f]; ok {
				if _, sealed := value.(Sealed); !sealed {
					v.Values[f] = value
				}
			}
		}
		n.Versions = append(n.Versions, v)
	}
	slices.Reverse(n.Versions)
	return nil
}
