// Command linli-bench measures whole lifecycles of requests over HTTP, on
// SQLite and on PostgreSQL, against the bare engine: the same rows in the same
// grouping behind bare net/http, JSON in and out. It prints one table.
//
// Each server is a process of its own on the loopback; load is bounded in count
// and time, and everything ends with the command.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "server" {
		exit(serve(os.Args[2:]))
		return
	}
	clients := flag.Int("clients", 32, "clients that work at once")
	seconds := flag.Int("seconds", 15, "how long each measurement lasts")
	postgres := flag.String("postgres", os.Getenv("LINLI_TEST_POSTGRES"), "postgres:// address for the second half; empty leaves it out")
	profile := flag.String("profile", "", "folder for CPU profiles of the servers")
	only := flag.String("only", "", "measure only these: sqlite, postgres, bare, house (comma list)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(measureAll(ctx, *clients, time.Duration(*seconds)*time.Second, *postgres, *profile, *only))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// ready is the line a server prints when it can be asked.
type ready struct {
	Address string
	Cookies map[string]string // person -> session token
}

// row is one line of the table.
type row struct {
	database, kind string
	figures        figures
}

func measureAll(ctx context.Context, clients int, length time.Duration, postgres, profile, only string) error {
	databases := []struct{ name, url string }{{"SQLite", ""}}
	if postgres != "" {
		databases = append(databases, struct{ name, url string }{"PostgreSQL", postgres})
	}
	var rows []row
	for _, d := range databases {
		for _, kind := range []string{"bare", "house"} {
			if only != "" && !strings.Contains(only, kind) && !strings.Contains(only, strings.ToLower(d.name)) {
				continue
			}
			f, err := measure(ctx, d.url, kind, clients, length, profile)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", d.name, kind, err)
			}
			rows = append(rows, row{d.name, kind, f})
		}
	}
	fmt.Printf("\n%d clients, %s each; a lifecycle is six durable acts with their leaves: report, dispatch, accept, answer, check, rate\n\n", clients, length)
	fmt.Printf("%-11s %-6s %14s %9s %9s %9s %9s %8s %7s\n", "database", "kind", "lifecycles/s", "acts/s", "p50 ms", "p95 ms", "p99 ms", "errors", "ratio")
	bare := map[string]float64{}
	for _, r := range rows {
		ratio := ""
		if r.kind == "bare" {
			bare[r.database] = r.figures.rate
		} else if b := bare[r.database]; b > 0 {
			ratio = fmt.Sprintf("%.2f", r.figures.rate/b)
		}
		fmt.Printf("%-11s %-6s %14.0f %9.0f %9.1f %9.1f %9.1f %8d %7s\n", r.database, r.kind, r.figures.rate, 6*r.figures.rate,
			ms(r.figures.at(50)), ms(r.figures.at(95)), ms(r.figures.at(99)), r.figures.errors, ratio)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// measure starts one server as a child, loads it and ends it by its id.
func measure(ctx context.Context, url, kind string, clients int, length time.Duration, profile string) (figures, error) {
	folder, err := os.MkdirTemp("", "linli-bench-")
	if err != nil {
		return figures{}, err
	}
	defer os.RemoveAll(folder)
	args := []string{"server", "-kind", kind, "-folder", folder}
	if url != "" {
		args = append(args, "-postgres", url)
	}
	if profile != "" {
		name := "sqlite"
		if url != "" {
			name = "postgres"
		}
		args = append(args, "-profile", fmt.Sprintf("%s/%s-%s.pprof", profile, name, kind))
	}
	child := exec.CommandContext(ctx, os.Args[0], args...)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		return figures{}, err
	}
	if err := child.Start(); err != nil {
		return figures{}, err
	}
	defer func() {
		_ = child.Process.Signal(os.Interrupt)
		_ = child.Wait()
	}()
	var r ready
	if err := json.NewDecoder(out).Decode(&r); err != nil {
		return figures{}, fmt.Errorf("the server did not come up: %w", err)
	}
	if _, err := load(ctx, r, kind, clients, length/5); err != nil { // warm-up, not counted
		return figures{}, err
	}
	return load(ctx, r, kind, clients, length)
}
