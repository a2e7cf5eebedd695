package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"linli/internal/kit/fault"
)

// certificateNear is how long before its end a certificate is spoken of, and how
// often the files are looked at.
const (
	certificateNear = 21 * 24 * time.Hour
	certificateLook = 30 * time.Second
)

// certificate is the pair of files by which the house speaks TLS. It is read again
// when the files change or the program gets SIGHUP; where the new ones are not
// good the old ones stay.
type certificate struct {
	cert, key string
	log       *slog.Logger
	now       atomic.Pointer[tls.Certificate]
	seen      string // sizes and times of the files that were read last
}

func openCertificate(cert, key string, log *slog.Logger) (*certificate, error) {
	c := &certificate{cert: cert, key: key, log: log}
	if err := c.read(); err != nil {
		return nil, err
	}
	metrics.GetOrCreateGauge("linli_certificate_days_left", func() float64 { return math.Floor(c.left(time.Now()).Hours() / 24) })
	return c, nil
}

// read takes the files as they are now.
func (c *certificate) read() error {
	seen := c.stamp()
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	if pair.Leaf == nil {
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return fmt.Errorf("certificate: %w", err)
		}
	}
	c.now.Store(&pair)
	c.seen = seen
	return nil
}

// stamp tells the files' present state apart from others.
func (c *certificate) stamp() string {
	var s strings.Builder
	for _, name := range []string{c.cert, c.key} {
		if info, err := os.Stat(name); err == nil {
			fmt.Fprintf(&s, "%d %d;", info.Size(), info.ModTime().UnixNano())
		}
	}
	return s.String()
}

func (c *certificate) left(now time.Time) time.Duration { return c.now.Load().Leaf.NotAfter.Sub(now) }

// config gives every new connection the certificate of the moment.
func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.now.Load(), nil }}
}

// watch reads the files again when they change or somebody asks (asked), and speaks
// up once a day while the end is near; until ctx ends.
func (c *certificate) watch(ctx context.Context, asked <-chan os.Signal, look time.Duration) {
	beat := time.NewTicker(look)
	defer beat.Stop()
	var warned time.Time
	failed := ""
	for {
		if now := time.Now(); c.left(now) < certificateNear && now.Sub(warned) >= 24*time.Hour {
			warned = now
			c.log.Warn("the certificate ends soon; renew its files, they are taken over without a restart", "file", c.cert, "ends", c.now.Load().Leaf.NotAfter)
		}
		force := false
		select {
		case <-ctx.Done():
			return
		case <-asked:
			force = true
		case <-beat.C:
		}
		stamp := c.stamp()
		if !force && (stamp == c.seen || stamp == failed) {
			continue
		}
		if err := c.read(); err != nil {
			failed = stamp // said once, until the files change again
			c.log.Error("the new certificate is not good; the one in use stays", "error", err)
			continue
		}
		failed, warned = "", time.Time{}
		c.log.Info("certificate read", "file", c.cert, "ends", c.now.Load().Leaf.NotAfter)
	}
}

// watchCertificate is watch for the program: SIGHUP asks.
func (c *certificate) watchCertificate(ctx context.Context) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGHUP)
	defer signal.Stop(asked)
	c.watch(ctx, asked, certificateLook)
}

// redirect leads from plain HTTP to the encrypted address: public where it is
// given, else the host that was asked for.
func redirect(public string, port string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := strings.TrimSuffix(public, "/")
		if !strings.HasPrefix(to, "https://") {
			host := r.Host
			if h, _, err := net.SplitHostPort(host); err == nil {
				host = h
			}
			if host == "" || strings.ContainsAny(host, "/\\@?# \t") {
				http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
				return
			}
			to = "https://" + host
			if port != "" && port != "443" {
				to = "https://" + net.JoinHostPort(strings.Trim(host, "[]"), port)
			}
		}
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, to+r.URL.RequestURI(), http.StatusPermanentRedirect)
	})
}

// serveRedirect answers on l until ctx ends.
func serveRedirect(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: 30 * time.Second,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	_ = server.Close() // nothing here is worth waiting for
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Run says what a certificate is and when it ends; a finding where that is near,
// where it is over, or where the key is another's.
func (cmd certificateCheck) Run(c *console) error {
	key := cmd.Key
	if key == "" {
		key = cmd.File // chain and key in one file
	}
	found, err := openCertificate(cmd.File, key, slog.New(slog.DiscardHandler))
	if err != nil {
		return fault.New(fault.Invalid, "app.certificate_bad", "text", err.Error())
	}
	leaf, left := found.now.Load().Leaf, found.left(time.Now())
	c.line("app.certificate", "names", strings.Join(leaf.DNSNames, ", "), "issuer", leaf.Issuer.String(), "ends", leaf.NotAfter.Format(time.DateTime), "days", int(left.Hours()/24))
	switch {
	case left <= 0:
		c.line("app.certificate_over")
		return errFound
	case left < certificateNear:
		c.line("app.certificate_near")
		return errFound
	}
	return nil
}
