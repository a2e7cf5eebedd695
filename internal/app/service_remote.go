package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"linli/internal/kit/fault"
	"linli/internal/ledger"
)

// mostAnswer bounds what a foreign server may answer.
const mostAnswer = 1 << 20

// remote checks over the network what a server says of its log: that the newest
// checkpoint is signed by the key that was kept, and that the log only continues
// every older checkpoint. What stands in the log it cannot see from there.
func (cmd verifyCommand) remote(ctx context.Context, c *console, against string) error {
	var newest struct{ Checkpoint, Verifier string }
	if err := cmd.get(ctx, "/api/v1/checkpoint", &newest); err != nil {
		return err
	}
	key := newest.Verifier
	if cmd.Key != "" {
		raw, err := os.ReadFile(cmd.Key)
		if err != nil {
			return err
		}
		key = strings.TrimSpace(string(raw))
	} else {
		c.line("app.verify.believed")
	}
	now, err := ledger.VerifyCheckpoint(newest.Checkpoint, key)
	if err != nil {
		c.line("finding.app.signature")
		return errFound
	}
	older, err := ledger.ParseCheckpoints(against)
	if err != nil {
		return fault.Of(err).At("against")
	}
	found := 0
	for _, old := range older {
		if !cmd.continues(ctx, key, old, now) {
			c.line("finding.app.rewritten", "size", old.Size)
			found++
		}
	}
	c.line("app.verify.remote", "size", now.Size, "n", len(older))
	if found > 0 {
		c.line("app.verify.damaged", "n", found)
		return errFound
	}
	c.line("app.verify.sound")
	return nil
}

// continues says whether the log at now begins with the log at old. A server
// that cannot prove it counts as one that rewrote it.
func (cmd verifyCommand) continues(ctx context.Context, key string, old, now ledger.Checkpoint) bool {
	if _, err := ledger.VerifyCheckpoint(old.Text, key); err != nil || old.Size > now.Size {
		return false
	}
	if old.Size == now.Size || old.Size == 0 {
		return old.Size == 0 || old.Root == now.Root
	}
	var answer struct {
		Old, New string
		Hashes   []string
	}
	if err := cmd.get(ctx, fmt.Sprintf("/api/v1/consistency?old=%d&new=%d", old.Size, now.Size), &answer); err != nil {
		return false
	}
	proof := ledger.Consistency{Old: old.Text, New: now.Text} // ours, not what the server repeats of them
	for _, s := range answer.Hashes {
		h, err := tlog.ParseHash(s)
		if err != nil {
			return false
		}
		proof.Path = append(proof.Path, h)
	}
	return ledger.VerifyConsistency(proof, key) == nil
}

func (cmd verifyCommand) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(cmd.Server, "/")+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fault.New(fault.Invalid, "app.server_answer", "status", resp.Status).At("server")
	}
	return json.Unmarshal(raw, into)
}
