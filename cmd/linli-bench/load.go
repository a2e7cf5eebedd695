package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// figures are what one measurement gives.
type figures struct {
	rate   float64 // whole lifecycles a second
	acts   []time.Duration
	errors int
}

func (f figures) at(percent int) time.Duration {
	if len(f.acts) == 0 {
		return 0
	}
	return f.acts[min(len(f.acts)*percent/100, len(f.acts)-1)]
}

// step is one act of a lifecycle: who does it, and the body.
type step struct {
	who, act string
	values   map[string]any
}

var steps = []step{
	{"intake1", "report", map[string]any{"words": "清河菜市场门口路灯不亮，晚上看不清路", "class": "street-light", "channel": "phone", "place": map[string]any{"words": "清河菜市场", "area": "999901001001"}}},
	{"dispatch1", "dispatch", map[string]any{"lead": "lighting", "limit": "5 workdays", "item": "B01"}},
	{"h-lighting", "accept", nil},
	{"h-lighting", "answer", map[string]any{"answer": "已更换灯具，路灯恢复正常"}},
	{"verify1", "check_done", map[string]any{"finding": "现场路灯已亮"}},
	{"", "rate", map[string]any{"solved": "yes", "satisfied": "satisfied"}},
}

// load has clients run lifecycles until the time is over.
func load(ctx context.Context, r ready, kind string, clients int, length time.Duration) (figures, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	var mu sync.Mutex
	var out figures
	var failed error
	done := 0
	end := time.Now().Add(length)
	var wg sync.WaitGroup
	begun := time.Now()
	for range clients {
		wg.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				acts, err := lifecycle(client, r)
				mu.Lock()
				out.acts = append(out.acts, acts...)
				if err != nil {
					out.errors++
					failed = err
				} else {
					done++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	out.rate = float64(done) / time.Since(begun).Seconds()
	slices.Sort(out.acts)
	if done == 0 {
		return out, fmt.Errorf("no lifecycle ended: %w", failed)
	}
	if failed != nil {
		fmt.Printf("%s: %d lifecycles failed, the last: %v\n", kind, out.errors, failed)
	}
	return out, nil
}

// lifecycle is one whole life of a request.
func lifecycle(client *http.Client, r ready) (took []time.Duration, err error) {
	var receipt struct{ Case, Token string }
	for i, s := range steps {
		body := map[string]any{"act": s.act, "values": s.values}
		path := "/api/v1/cases"
		if i == 0 {
			body["procedure"] = "service-request"
		} else {
			path += "/" + receipt.Case + "/acts"
		}
		cookie := "linli_session=" + r.Cookies[s.who]
		if s.who == "" {
			cookie = "linli_link=" + receipt.Token
		}
		begun := time.Now()
		answer, err := post(client, r.Address+path, cookie, body)
		took = append(took, time.Since(begun))
		if err != nil {
			return took, fmt.Errorf("%s: %w", s.act, err)
		}
		if i == 0 {
			if err := json.Unmarshal(answer, &receipt); err != nil {
				return took, err
			}
		}
	}
	return took, nil
}

func post(client *http.Client, url, cookie string, body any) ([]byte, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Cookie", cookie)
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		return nil, fmt.Errorf("%s: %s", resp.Status, answer)
	}
	return answer, nil
}
