package notify

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Outbox writes messages into a file a day, one JSON object a line: for trials,
// where nothing may leave the machine.
type Outbox struct {
	Folder string

	mu sync.Mutex
}

// line of the file.
type outLine struct {
	At string `json:"at"`
	hookBody
}

// Send appends the message.
func (o *Outbox) Send(_ context.Context, m Message) (string, error) {
	now := time.Now()
	raw, err := json.Marshal(outLine{now.Format(time.RFC3339), bodyOf(m)})
	if err != nil {
		return "", &Failure{Class: Permanent, Code: "request", Cause: errors.New("the message cannot be written")}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.append(now.Format("2006-01-02")+".jsonl", append(raw, '\n')); err != nil {
		return "", &Failure{Class: Again, Code: "file", Own: true, Cause: err}
	}
	return "", nil
}

func (o *Outbox) append(name string, line []byte) error {
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(o.Folder, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(line)
	return errors.Join(err, f.Close())
}
