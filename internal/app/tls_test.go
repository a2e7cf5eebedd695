package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// writePair makes a certificate for linli.example that ends after life.
func writePair(t *testing.T, folder string, serial int64, life time.Duration) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "linli.example"}, DNSNames: []string{"linli.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(life), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// spoken is a log that can be read while it is written.
type spoken struct {
	mu  sync.Mutex
	buf bytes.Buffer
	got chan struct{}
}

func (l *spoken) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.buf.Write(p)
	select {
	case l.got <- struct{}{}:
	default:
	}
	return n, err
}

// await waits for words in the log.
func (l *spoken) await(t *testing.T, words string) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		l.mu.Lock()
		found := strings.Contains(l.buf.String(), words)
		l.mu.Unlock()
		if found {
			return
		}
		select {
		case <-l.got:
		case <-late:
			t.Fatalf("the log never said %q", words)
		}
	}
}

func TestCertificateIsRenewedWithoutARestart(t *testing.T) {
	folder := t.TempDir()
	cert, key := writePair(t, folder, 1, 10*24*time.Hour)
	log := &spoken{got: make(chan struct{}, 1)}
	pair, err := openCertificate(cert, key, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", pair.config())
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler()}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	ctx, stop := context.WithCancel(context.Background())
	asked := make(chan os.Signal, 1)
	var wg sync.WaitGroup
	wg.Go(func() { pair.watch(ctx, asked, 20*time.Millisecond) })
	defer wg.Wait()
	defer stop()
	shown := func() int64 {
		t.Helper()
		c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	log.await(t, "ends soon")
	if shown() != 1 {
		t.Fatal("another certificate")
	}
	if err := os.WriteFile(cert, []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	log.await(t, "is not good")
	if shown() != 1 {
		t.Fatal("a bad file took the place of a good one")
	}
	writePair(t, folder, 2, 90*24*time.Hour)
	asked <- os.Interrupt // any signal of the channel asks
	log.await(t, "certificate read")
	if shown() != 2 {
		t.Fatal("the new certificate is not shown")
	}
	if days := int(pair.left(time.Now()).Hours() / 24); days != 89 {
		t.Fatalf("%d days left", days)
	}
}

func TestRedirectLeadsToTheEncryptedHouse(t *testing.T) {
	for _, c := range []struct{ public, port, host, path, to string }{
		{"", "443", "linli.example", "/report?a=b%20c", "https://linli.example/report?a=b%20c"},
		{"", "8443", "linli.example:8080", "/", "https://linli.example:8443/"},
		{"", "8443", "[::1]:8080", "/", "https://[::1]:8443/"},
		{"https://gov.example/", "443", "anything", "/x", "https://gov.example/x"},
		{"", "443", "linli.example", "//evil.example/x", "https://linli.example//evil.example/x"},
	} {
		r := httptest.NewRequest(http.MethodPost, "http://placeholder/", nil)
		r.Host = c.host
		u, err := r.URL.Parse("http://placeholder" + c.path)
		if err != nil {
			t.Fatal(err)
		}
		r.URL = u
		w := httptest.NewRecorder()
		redirect(c.public, c.port).ServeHTTP(w, r)
		if w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != c.to {
			t.Errorf("%+v: %d %s", c, w.Code, w.Header().Get("Location"))
		}
	}
	r := httptest.NewRequest(http.MethodGet, "http://placeholder/", nil)
	r.Host = "a@evil.example"
	w := httptest.NewRecorder()
	redirect("", "443").ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest {
		t.Fatalf("a bad host is led to %s", w.Header().Get("Location"))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serveRedirect(ctx, l, redirect("https://gov.example", "443")) }()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get("http://" + l.Addr().String() + "/q")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	client.CloseIdleConnections()
	if res.Header.Get("Location") != "https://gov.example/q" {
		t.Fatal(res.Header)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestCertificateCheck(t *testing.T) {
	folder := t.TempDir()
	cert, key := writePair(t, folder, 1, 10*24*time.Hour)
	var out, bad bytes.Buffer
	if status := Main([]string{"--lang", "en", "certificate", "check", cert, key}, &out, &bad); status != exitFound || !strings.Contains(out.String(), "ends soon") || !strings.Contains(out.String(), "linli.example") {
		t.Fatalf("%d %s %s", status, out.String(), bad.String())
	}
	writePair(t, folder, 2, 60*24*time.Hour)
	if status := Main([]string{"certificate", "check", cert, key}, &out, &bad); status != 0 {
		t.Fatalf("%d %s", status, bad.String())
	}
	if status := Main([]string{"certificate", "check", cert}, &out, &bad); status == 0 {
		t.Fatal("a file without key is good")
	}
}
