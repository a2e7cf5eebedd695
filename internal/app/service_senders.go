package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/notify"
	"linli/internal/notice"
)

// outboxFolder is where a file sender writes inside the data folder.
const outboxFolder = "outbox"

// mostSenders bounds a file of senders.
const mostSenders = 1 << 20

// readSenders reads a file of senders; what is wrong is printed with FILE:LINE.
func (c *console) readSenders(file, data string) (notify.Senders, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > mostSenders {
		return nil, fault.New(fault.Invalid, "app.senders.large", "file", file)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	list, problems := notify.Parse(file, raw, filepath.Join(data, outboxFolder))
	for _, p := range problems {
		fmt.Fprintln(c.err, p.String())
	}
	if len(problems) > 0 {
		return nil, errFound
	}
	return list, nil
}

// senders are those of the file, and in a demo without one a file that takes all.
func (cmd serveCommand) senders(c *console) (notify.Senders, error) {
	if cmd.Senders != "" {
		return c.readSenders(cmd.Senders, cmd.Data)
	}
	if !cmd.Demo {
		return nil, nil
	}
	return notify.Senders{{Sender: &notify.Outbox{Folder: filepath.Join(cmd.Data, outboxFolder)}, Name: "outbox", Make: "file",
		For: notice.Channels(), Unsure: "again"}}, nil
}

// Run checks a file of senders.
func (cmd sendersCheck) Run(c *console) error {
	list, err := c.readSenders(cmd.File, ".")
	if err != nil {
		return err
	}
	for _, s := range list {
		fmt.Fprintln(c.out, s.Name, s.Make, s.For)
	}
	c.line("app.sound")
	return nil
}

// Run sends one trial message and says what the sender made of it.
func (cmd sendersTry) Run(ctx context.Context, c *console) error {
	list, err := c.readSenders(cmd.File, ".")
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Name != cmd.Sender {
			continue
		}
		ref, err := s.Send(ctx, notify.Message{ID: db.NewID((&clock.Wall{}).Now()), Channel: s.For[0], Kind: "trial", To: cmd.To,
			Title: c.say("app.senders.trial"), Text: c.say("app.senders.trial")})
		var f *notify.Failure
		if errors.As(err, &f) {
			c.line("app.senders.not_sent", "class", string(f.Class), "code", f.Code)
			return errFound
		}
		if err == nil {
			c.line("app.senders.sent", "ref", ref)
		}
		return err
	}
	return fault.New(fault.Invalid, "app.senders.none", "name", cmd.Sender).At("sender")
}
