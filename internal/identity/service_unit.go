package identity

import (
	"context"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// Units are all units, also closed ones (old cases name them), parents before
// children. They come from memory; the epoch of grants says when they are stale.
func (s *Service) Units(ctx context.Context) ([]Unit, error) {
	t, err := s.now(ctx)
	if err != nil {
		return nil, err
	}
	return append([]Unit(nil), t.sorted...), nil
}

// Unit finds one unit, also a closed one. Fault: NotFound identity.no_unit.
func (s *Service) Unit(ctx context.Context, id string) (Unit, error) {
	t, err := s.now(ctx)
	if err != nil {
		return Unit{}, err
	}
	u, ok := t.units[id]
	if !ok {
		return Unit{}, fault.New(fault.NotFound, "identity.no_unit", "unit", id)
	}
	return u, nil
}

// AreaOf is the area a unit answers for: its own, else that of the nearest unit
// above that has one, else "".
func (s *Service) AreaOf(ctx context.Context, unit string) (string, error) {
	t, err := s.now(ctx)
	if err != nil {
		return "", err
	}
	return t.area(unit), nil
}

func (s *Service) now(ctx context.Context) (*tree, error) {
	epoch, err := s.near(ctx)
	if err != nil {
		return nil, err
	}
	return s.treeAt(ctx, epoch)
}

// treeAt gives the tree as of an epoch or later.
func (s *Service) treeAt(ctx context.Context, epoch int64) (*tree, error) {
	s.mu.Lock()
	t := s.tree
	s.mu.Unlock()
	if t != nil && t.epoch >= epoch {
		return t, nil
	}
	units, err := s.readUnits(ctx)
	if err != nil {
		return nil, err
	}
	t = newTree(epoch, units, s.clk.Now())
	s.mu.Lock()
	if s.tree == nil || s.tree.epoch < epoch {
		s.tree = t
	}
	s.mu.Unlock()
	return t, nil
}

// AddUnit creates a unit. ID may be given (an import, the demo) or is made; Path
// and Until are set here. Who administers at or above the parent may; a root is
// made by who administers a root. Faults: Invalid at the field, Forbidden
// identity.not_administrator, Conflict identity.unit_exists.
func (s *Service) AddUnit(ctx context.Context, by Actor, u Unit) (Unit, error) {
	err := s.administer(ctx, by, func(by Actor, t *tree, p *plan) (err error) {
		u, err = addUnit(by, t.draft(), p, u, s.clk.Now())
		return err
	})
	return u, err
}

func addUnit(by Actor, t *tree, p *plan, u Unit, now clock.Instant) (Unit, error) {
	if u.ID == "" {
		u.ID = db.NewID(now)
	}
	u.Until = 0
	if _, ok := t.units[u.ID]; ok {
		return u, fault.New(fault.Conflict, "identity.unit_exists", "unit", u.ID).At("id")
	}
	u, err := checkUnit(u, t, now)
	if err != nil {
		return u, err
	}
	if err := mayPlace(by, t, u); err != nil {
		return u, err
	}
	u = t.place(u)
	p.do(`INSERT INTO identity_unit(id, parent, path, name, name_en, kind, function, area, owner, commander, until)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,0)`,
		u.ID, u.Parent, u.Path, u.Name, u.NameEn, u.Kind, u.Function, u.Area, u.Owner, u.Commander)
	p.act(by, now, KindUnit, "add", u.fields())
	return u, nil
}

// mayPlace: where a unit stands and what area it answers for is decided above
// it, or its own administrator could widen what they administer.
func mayPlace(by Actor, t *tree, u Unit) error {
	if u.Parent == "" {
		old, stands := t.units[u.ID]
		if !chief(by) || stands && !Administers(by, old.Path) {
			return NotAdministrator()
		}
		return nil
	}
	if !Administers(by, t.units[u.Parent].Path) || u.Area != "" && t.area(u.Parent) == "" && !chief(by) {
		return NotAdministrator()
	}
	return nil
}

// ChangeUnit changes everything but parent, path and end, which have verbs of
// their own. Its name and line of work may be changed by its own administrator,
// the rest from above. Nothing changed is no act.
func (s *Service) ChangeUnit(ctx context.Context, by Actor, u Unit) error {
	return s.administer(ctx, by, func(by Actor, t *tree, p *plan) error {
		return changeUnit(by, t.draft(), p, u, s.clk.Now())
	})
}

func changeUnit(by Actor, t *tree, p *plan, u Unit, now clock.Instant) error {
	old, err := t.get(u.ID, "id", now)
	if err != nil {
		return err
	}
	u.Parent, u.Path, u.Until = old.Parent, old.Path, old.Until
	if u, err = checkUnit(u, t, now); err != nil {
		return err
	}
	if u == old {
		return nil
	}
	if u.Kind != old.Kind || u.Area != old.Area || u.Owner != old.Owner || u.Commander != old.Commander {
		err = mayPlace(by, t, u)
	} else if !Administers(by, old.Path) {
		err = NotAdministrator()
	}
	if err != nil {
		return err
	}
	if err := narrower(t, u, now); err != nil {
		return err
	}
	t.place(u)
	p.do(`UPDATE identity_unit SET name = $2, name_en = $3, kind = $4, function = $5, area = $6, owner = $7, commander = $8
		WHERE id = $1`, u.ID, u.Name, u.NameEn, u.Kind, u.Function, u.Area, u.Owner, u.Commander)
	p.act(by, now, KindUnit, "change", u.fields())
	return nil
}

// narrower refuses an area that leaves units below outside it.
func narrower(t *tree, u Unit, now clock.Instant) error {
	if u.Area == "" {
		return nil
	}
	for _, each := range t.below(u, now) {
		if each.Area != "" && !within(each.Area, u.Area) {
			return fault.New(fault.Conflict, "identity.area_leaves_out", "unit", each.Name, "code", each.Area).At("area")
		}
	}
	return nil
}

// MoveUnit puts a unit with everything below it under another parent ("" makes
// it a root). Rooms that keep paths rewrite theirs in the same transaction.
func (s *Service) MoveUnit(ctx context.Context, by Actor, id, parent string) error {
	return s.administer(ctx, by, func(by Actor, t *tree, p *plan) error {
		return s.moveUnit(by, t.draft(), p, id, parent, nil, s.clk.Now())
	})
}

// moveUnit plans a move; with code the unit answers for another area at its new
// place, which a move between two streets needs.
func (s *Service) moveUnit(by Actor, t *tree, p *plan, id, parent string, code *string, now clock.Instant) error {
	old, err := t.get(id, "id", now)
	if err != nil || old.Parent == parent {
		return err
	}
	u := old
	u.Parent = parent
	if code != nil {
		if err := checkArea(*code, "area"); err != nil {
			return err
		}
		u.Area = *code
	}
	if err := checkPlace(u, t, now); err != nil {
		return err
	}
	if err := mayPlace(by, t, old); err != nil {
		return err
	}
	if err := mayPlace(by, t, u); err != nil {
		return err
	}
	u = t.place(u)
	if err := narrower(t, Unit{ID: u.ID, Path: u.Path, Area: t.area(u.ID)}, now); err != nil {
		return err
	}
	p.do(`UPDATE identity_unit SET parent = $2, area = $3 WHERE id = $1`, u.ID, u.Parent, u.Area)
	p.do(`UPDATE identity_unit SET path = $1 || substr(path, $2) WHERE substr(path, 1, $3) = $4`,
		u.Path, len(old.Path)+1, len(old.Path), old.Path)
	for _, fn := range s.moved {
		p.then(func(tx *db.Tx) error { return fn(tx, old.Path, u.Path) })
	}
	p.act(by, now, KindUnit, "move", u.fields())
	return nil
}

// CloseUnit ends a unit and every post in it, now. What it holds must be handed
// over first, by the rooms that hold it. Fault: Conflict identity.unit_has_units.
func (s *Service) CloseUnit(ctx context.Context, by Actor, id string) error {
	return s.administer(ctx, by, func(by Actor, t *tree, p *plan) error {
		now := s.clk.Now()
		u, err := t.get(id, "id", now)
		if err != nil {
			return err
		}
		if err = mayPlace(by, t, u); err == nil {
			err = s.mayLeave(ctx, "", id)
		}
		if err != nil {
			return err
		}
		if below := t.below(u, now); len(below) > 0 {
			return fault.New(fault.Conflict, "identity.unit_has_units", "n", len(below), "unit", below[0].Name)
		}
		posts, err := s.readPosts(ctx, `unit = $1 AND (ends = 0 OR ends > $2)`, id, now)
		if err != nil {
			return err
		}
		for _, post := range posts {
			if err := s.endPost(ctx, by, t, p, post, now); err != nil {
				return err
			}
		}
		u.Until = now
		p.do(`UPDATE identity_unit SET until = $2 WHERE id = $1`, id, now)
		p.act(by, now, KindUnit, "close", u.fields())
		return nil
	})
}
