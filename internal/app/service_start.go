package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"linli/internal/app/year"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// demoDays is how far back the demo's cases reach: six months are in figures by
// month, most of the cases are of the last forty days.
const demoDays = 166

// demoSets are the counties that a demo can be, each with how far back it reaches.
var demoSets = map[string]int{"county": demoDays, "streets": year.Days}

// demoMark is the epoch that says that a house is a demo; it never goes away,
// so that demo accounts are never served as if they were real.
const demoMark = "demo"

// demo fills an empty house with the fictitious county where it was asked for,
// and says whether the house is a demo. A demo is served only as one, and what
// was not begun as a demo never becomes one.
func (h *House) demo(ctx context.Context, cmd serveCommand, hand *clock.Hand, c *console) (bool, error) {
	asked := cmd.Demo
	epochs, err := h.DB.Epochs(ctx)
	if err != nil {
		return false, err
	}
	marked := epochs[demoMark] == 1
	switch {
	case marked && !asked:
		return true, fault.New(fault.Conflict, "app.demo.only")
	case marked || !asked:
		return marked, nil
	}
	units, err := h.People.Units(ctx)
	if err != nil {
		return false, err
	}
	if len(units) > 0 {
		return false, fault.New(fault.Conflict, "app.demo.not_empty")
	}
	c.line("app.demo.filling")
	begun := time.Now()
	if err := h.DB.Commit(ctx, func(tx *db.Tx) error { return tx.SetEpoch(demoMark, 1) }); err != nil {
		return false, err
	}
	hash, err := h.People.HashPassword(ctx, DemoPassword, "demo")
	if err != nil {
		return false, err
	}
	if cmd.Set == "streets" {
		_, err = h.FillYear(ctx, hand, clock.At(time.Now()), cmd.Seed, hash, 1)
	} else if err = h.LoadCounty(ctx, hand.Now().Day(), hash); err == nil {
		err = h.FillDemo(ctx, hand, clock.At(time.Now()), cmd.Seed)
	}
	if err != nil {
		return false, fmt.Errorf("the fictitious county: %w", err)
	}
	h.Log.Info("demo filled", "took", time.Since(begun).Round(time.Millisecond))
	return true, nil
}

// Run names the open cases that this program could not carry on. It only reads,
// also beside the older program that serves.
func (cmd upgradeCheck) Run(ctx context.Context, c *console) error {
	h, err := Open(ctx, Config{Folder: cmd.Data, URL: cmd.Database, ReadOnly: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer h.Close()
	lost, err := h.Cases.UpgradeCheck(ctx)
	if err != nil {
		return err
	}
	for _, l := range lost {
		c.line("app.upgrade.lost", "procedure", l.Procedure, "edition", l.Edition, "cases", l.Cases, "what", l.What)
	}
	if len(lost) > 0 {
		return errFound
	}
	c.line("app.sound")
	return nil
}

// Run checks a data folder, or a server over the network.
func (cmd verifyCommand) Run(ctx context.Context, c *console) error {
	against := ""
	if cmd.Against != "" {
		raw, err := os.ReadFile(cmd.Against)
		if err != nil {
			return err
		}
		against = string(raw)
	}
	if cmd.Server != "" {
		return cmd.remote(ctx, c, against)
	}
	h, err := Open(ctx, Config{Folder: cmd.Data, URL: cmd.Database, ReadOnly: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer h.Close()
	v, err := h.Verify(ctx, against)
	if err != nil {
		return err
	}
	for _, f := range v.Findings {
		fmt.Fprintln(c.out, c.words.Say(c.lang, f.Key, f.Args))
	}
	if v.More > 0 {
		c.line("app.verify.more", "n", v.More)
	}
	c.line("app.verify.looked", "size", v.Size, "acts", v.Acts, "cases", v.Cases, "checkpoints", v.Checkpoints, "erased", v.Erased, "waiting", v.Unnumbered)
	if v.Sealed > 0 {
		c.line("app.verify.sealed", "n", v.Sealed)
	}
	if against != "" {
		c.line("app.verify.against", "n", v.Against)
	}
	if !v.Sound() {
		c.line("app.verify.damaged", "n", len(v.Findings)+v.More)
		return errFound
	}
	c.line("app.verify.sound")
	return nil
}
