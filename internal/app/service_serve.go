package app

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"linli/internal/area"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// memoryAim is what the heap may grow to before the collector works harder; a
// small machine has more to spare than time.
const memoryAim = 256 << 20

// TuneMemory lets the collector rest while the heap is small, as a server wants it.
func TuneMemory() {
	debug.SetGCPercent(300)
	debug.SetMemoryLimit(memoryAim)
}

// Run serves the house until it is told to stop.
func (cmd serveCommand) Run(ctx context.Context, c *console) error {
	TuneMemory()
	pair, err := cmd.certificate(slog.Default())
	if err != nil {
		return err
	}
	proxies, err := cmd.proxies()
	if err != nil {
		return err
	}
	tiles, err := area.ReadTiles(cmd.Tiles, cmd.Datum, cmd.Credit)
	if err != nil {
		return err
	}
	over, err := files(cmd.Catalog)
	if err != nil {
		return err
	}
	senders, err := cmd.senders(c)
	if err != nil {
		return err
	}
	// Listening comes first: a taken port is known before anything is made.
	l, err := net.Listen("tcp", cmd.Listen)
	if err != nil {
		return err
	}
	defer l.Close()
	plain, err := cmd.redirecting()
	if err != nil {
		return err
	}
	hand := clock.NewHand(0)
	now := clock.NewSwitch(hand)
	config := Config{Folder: cmd.Data, URL: cmd.Database, Catalog: over, Public: cmd.Public, Clock: now, Log: slog.Default(), Senders: senders}
	if cmd.Demo {
		config.Trial = "http://" + l.Addr().String()
		hand.Set(clock.At(time.Now().AddDate(0, 0, -demoSets[cmd.Set])))
	} else {
		now.Release()
	}
	h, err := Open(ctx, config)
	if err != nil {
		return cmd.explain(err)
	}
	defer h.Close()
	demo, err := h.demo(ctx, cmd, hand, c)
	if err != nil {
		return err
	}
	now.Release()
	if err := h.lift(ctx); err != nil {
		return err
	}
	h.Secured = pair != nil || len(proxies) > 0
	site, err := NewSite(h, SiteOptions{Demo: demo, Trusted: proxies, Tiles: tiles, MetricsToken: cmd.Metrics})
	if err != nil {
		return err
	}
	cmd.welcome(ctx, c, h, l, demo)
	var conf *tls.Config
	if pair != nil {
		conf = pair.config()
	}
	jobs, stop := context.WithCancel(ctx)
	defer stop()
	if pair != nil {
		go pair.watchCertificate(jobs)
	}
	if plain != nil {
		_, port, _ := net.SplitHostPort(l.Addr().String())
		go func() {
			if err := serveRedirect(jobs, plain, redirect(cmd.Public, port)); err != nil {
				h.Log.Error("the plain address does not lead to the encrypted one any more", "error", err)
			}
		}()
	}
	return h.serveAll(ctx, site, l, conf)
}

// serveAll runs the jobs, the socket and the front door until ctx ends, and
// returns when all have stopped.
func (h *House) serveAll(ctx context.Context, site *Site, l net.Listener, conf *tls.Config) error {
	jobs, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { h.Run(jobs) })
	wg.Go(func() {
		if err := h.serveSocket(jobs); err != nil {
			h.Log.Error("the local socket is not served; commands cannot reach this server", "error", err)
		}
	})
	err := site.Serve(ctx, l, conf)
	stop()
	wg.Wait()
	return err
}

func (cmd serveCommand) certificate(log *slog.Logger) (*certificate, error) {
	if cmd.TLSCert == "" && cmd.TLSKey == "" {
		if cmd.Redirect != "" {
			return nil, fault.New(fault.Invalid, "app.redirect_plain").At("redirect")
		}
		return nil, nil
	}
	return openCertificate(cmd.TLSCert, cmd.TLSKey, log)
}

// redirecting opens the plain door that leads to the encrypted one; nil where none
// is asked for.
func (cmd serveCommand) redirecting() (net.Listener, error) {
	if cmd.Redirect == "" {
		return nil, nil
	}
	return net.Listen("tcp", cmd.Redirect)
}

func (cmd serveCommand) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range cmd.Proxy {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, addrErr := netip.ParseAddr(s)
			if addrErr != nil {
				return nil, fault.New(fault.Invalid, "app.proxy", "proxy", s).At("proxy")
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}

// explain says what an operator can do about a house that does not open.
func (cmd serveCommand) explain(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fault.New(fault.Invalid, "app.folder_locked", "folder", cmd.Data).Because(err)
	}
	return err
}

// welcome prints where the house is open and, on a first run, the code that
// makes the administrator. The code is printed here and nowhere else.
func (cmd serveCommand) welcome(ctx context.Context, c *console, h *House, l net.Listener, demo bool) {
	scheme := "http://"
	if cmd.TLSCert != "" {
		scheme = "https://"
	}
	address := scheme + l.Addr().String()
	c.line("app.open", "address", address)
	if demo {
		c.line("app.demo.as", "password", DemoPassword)
		for _, who := range demoLogins {
			if _, err := h.People.Actor(ctx, who); err != nil { // of the other county
				continue
			}
			c.line("app.demo.login", "login", who, "what", c.say("app.demo.who."+who))
		}
	}
	if code, needed, err := h.People.FirstRun(ctx); err != nil {
		h.Log.Error("first run", "error", err)
	} else if needed {
		c.line("app.first_run", "address", address+"/first-run", "code", code)
	}
}

// demoLogins are the people whom the console names; all others are on the
// people page.
var demoLogins = []string{"admin", "intake1", "dispatch1", "h-lighting", "b-lighting", "verify1", "caller1", "head1", "clerk1", "grid1", "leader1", "auditor1"}
