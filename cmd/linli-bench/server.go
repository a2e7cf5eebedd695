package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"time"

	"linli/catalog"
	"linli/internal/app"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// serve is the child: one server on a fresh database, until it is interrupted.
func serve(args []string) error {
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	kind := flags.String("kind", "house", "house or bare")
	folder := flags.String("folder", "", "data folder")
	postgres := flags.String("postgres", "", "PostgreSQL address; empty is SQLite")
	profile := flags.String("profile", "", "file for a CPU profile")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	address, drop, err := freshDatabase(*postgres)
	if err != nil {
		return err
	}
	defer drop()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if *kind == "bare" {
		return serveBare(ctx, l, *folder, address)
	}
	return serveHouse(ctx, l, *folder, address, *profile)
}

// heapProfile writes what the server holds in memory at its end: the collector's
// work follows from it.
func heapProfile(path string) {
	f, err := os.Create(path)
	if err == nil {
		defer f.Close()
		runtime.GC()
		err = pprof.WriteHeapProfile(f)
	}
	if err != nil {
		slog.Error("heap profile", "error", err)
	}
}

// freshDatabase makes a database of its own on a PostgreSQL server.
func freshDatabase(server string) (address string, drop func(), err error) {
	if server == "" {
		return "", func() {}, nil
	}
	h, err := sql.Open("pgx", server)
	if err != nil {
		return "", nil, err
	}
	name := fmt.Sprintf("linli_bench_%d", os.Getpid())
	if _, err := h.Exec("CREATE DATABASE " + name); err != nil {
		return "", nil, err
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, err
	}
	u.Path = "/" + name
	return u.String(), func() {
		if _, err := h.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			slog.Error("drop the database", "error", err)
		}
		h.Close()
	}, nil
}

func serveHouse(ctx context.Context, l net.Listener, folder, address, profile string) error {
	app.TuneMemory()
	log := slog.New(slog.DiscardHandler) // what a log costs is the operator's choice
	h, err := app.Open(ctx, app.Config{Folder: folder, URL: address, Catalog: catalog.Files, Log: log})
	if err != nil {
		return err
	}
	defer h.Close()
	if profile != "" {
		defer heapProfile(profile + ".heap")
	}
	hash, err := h.People.HashPassword(ctx, app.DemoPassword, "demo")
	if err != nil {
		return err
	}
	if err := h.LoadCounty(ctx, clock.Date(2026, time.January, 1), hash); err != nil {
		return err
	}
	site, err := app.NewSite(h, app.SiteOptions{})
	if err != nil {
		return err
	}
	r := ready{Address: "http://" + l.Addr().String(), Cookies: map[string]string{}}
	for _, s := range steps {
		if s.who == "" || r.Cookies[s.who] != "" {
			continue
		}
		token, _, err := h.People.SignIn(ctx, s.who, app.DemoPassword, "127.0.0.1")
		if err != nil {
			return err
		}
		r.Cookies[s.who] = token
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		return err
	}
	go h.Run(ctx)
	return site.Serve(ctx, l, nil)
}

func openBare(ctx context.Context, folder, address string) (*db.DB, error) {
	d, err := db.Open(ctx, db.Options{Folder: folder, URL: address})
	if err != nil {
		return nil, err
	}
	return d, migrateBare(ctx, d)
}
