package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// The headers of a webhook. The signature is the HMAC-SHA-256, in hex, of the
// timestamp, a full stop and the body.
const (
	HeaderTimestamp = "X-Notify-Timestamp"
	HeaderSignature = "X-Notify-Signature"
)

// hook posts a message as JSON, signed.
type hook struct {
	url, secret string
	client      *http.Client
}

// body of a webhook.
type hookBody struct {
	ID      string            `json:"id"`
	Channel string            `json:"channel"`
	Kind    string            `json:"kind"`
	To      string            `json:"to"`
	Title   string            `json:"title,omitempty"`
	Text    string            `json:"text"`
	Link    string            `json:"link,omitempty"`
	Params  map[string]string `json:"params,omitempty"`
}

// Signature is what HeaderSignature holds; receivers reckon it again.
func Signature(secret, timestamp string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(timestamp))
	h.Write([]byte("."))
	h.Write(body)
	return "sha256=" + hex.EncodeToString(h.Sum(nil))
}

// Send posts the message; any 2xx means that it was taken, and 409 that it had
// been before.
func (k *hook) Send(ctx context.Context, m Message) (string, error) {
	raw, err := json.Marshal(bodyOf(m))
	if err != nil {
		return "", &Failure{Class: Permanent, Code: "request", Cause: errors.New("the message cannot be written")}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, k.url, bytes.NewReader(raw))
	if err != nil {
		return "", &Failure{Class: Permanent, Code: "request", Own: true, Cause: errors.New("the request cannot be made")}
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Idempotency-Key", m.ID)
	r.Header.Set(HeaderTimestamp, stamp)
	r.Header.Set(HeaderSignature, Signature(k.secret, stamp, raw))
	status, _, wait, f := do(k.client, r)
	switch {
	case f != nil:
		return "", f
	case status >= 200 && status < 300 || status == http.StatusConflict:
		return "", nil
	}
	return "", byStatus(status, wait)
}

func bodyOf(m Message) hookBody {
	return hookBody{ID: m.ID, Channel: m.Channel, Kind: m.Kind, To: m.To, Title: m.Title, Text: m.Text, Link: m.Link, Params: m.Params}
}
