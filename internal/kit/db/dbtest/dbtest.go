// Package dbtest gives tests a fresh database of each kind.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli/internal/kit/db"
)

var serial atomic.Int64

// Each runs fn once on SQLite in a temporary folder and once on a fresh
// PostgreSQL database. Without PostgreSQL only SQLite runs, except in CI, where
// that is a failure.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, open(t, db.Options{URL: Postgres(t)})) })
}

// SQLite opens a fresh SQLite database.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return open(t, db.Options{Folder: t.TempDir()})
}

func open(t testing.TB, o db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return d
}

// Postgres makes a fresh database and returns its address; it is dropped at
// the end of the test. Without a server the test is skipped, except in CI.
func Postgres(t testing.TB) string {
	t.Helper()
	address := os.Getenv("LINLI_TEST_POSTGRES")
	if address == "" {
		address = "postgres://postgres@127.0.0.1:5432/postgres"
	}
	server, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatalf("PostgreSQL address: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.PingContext(ctx); err != nil {
		server.Close()
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI needs PostgreSQL at LINLI_TEST_POSTGRES: %v", err)
		}
		t.Skipf("no PostgreSQL for tests (set LINLI_TEST_POSTGRES): %v", err)
	}
	name := fmt.Sprintf("linli_test_%d_%d_%d", os.Getpid(), time.Now().UnixNano()%1_000_000_000, serial.Add(1))
	if _, err := server.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := server.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
		server.Close()
	})
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("PostgreSQL address %s: %v", strings.Split(address, "@")[0], err)
	}
	u.Path = "/" + name
	return u.String()
}
