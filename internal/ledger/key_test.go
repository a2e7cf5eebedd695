package ledger

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"linli/internal/kit/fault"
)

func TestKeyIsMadeOnceAndKeptClosed(t *testing.T) {
	folder := t.TempDir()
	if _, err := OpenKey(folder, "linli.test/log", false); !fault.Is(err, fault.NotFound) {
		t.Fatalf("no key: %v", err)
	}
	if _, err := OpenKey(folder, "two words", true); !fault.Is(err, fault.Invalid) {
		t.Fatalf("bad origin: %v", err)
	}
	k, err := OpenKey(folder, "linli.test/log", true)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenKey(folder, "", false)
	if err != nil || again.Verifier() != k.Verifier() || again.Origin() != "linli.test/log" {
		t.Fatalf("%v %v", again, err)
	}
	if _, err := OpenKey(folder, "other", true); !fault.Is(err, fault.Conflict) {
		t.Fatalf("other origin: %v", err)
	}
	path := filepath.Join(folder, PrivateFile)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKey(folder, "", false); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	public, err := OpenVerifier(folder)
	if err != nil || public.Verifier() != k.Verifier() || public.signer != nil {
		t.Fatalf("%+v %v", public, err)
	}
}

func TestKeyFilesThatDoNotBelongTogether(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for _, f := range []string{a, b} {
		if _, err := OpenKey(f, "linli.test/log", true); err != nil {
			t.Fatal(err)
		}
	}
	own, _ := os.ReadFile(filepath.Join(a, PublicFile))
	other, _ := os.ReadFile(filepath.Join(b, PublicFile))
	write := func(name string, raw string) {
		if err := os.WriteFile(filepath.Join(a, name), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(PublicFile, string(other))
	if _, err := OpenKey(a, "", false); fault.Of(err).Key != "ledger.other_key" {
		t.Errorf("another public key: %v", err)
	}
	write(PublicFile, string(own)+string(other)) // an earlier key is still known
	if k, err := OpenKey(a, "", false); err != nil || k.Verifier()+"\n" != string(own) {
		t.Errorf("two public keys: %v", err)
	}
	if err := os.Remove(filepath.Join(a, PublicFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKey(a, "", false); err != nil {
		t.Errorf("public file gone: %v", err)
	}
	if raw, _ := os.ReadFile(filepath.Join(a, PublicFile)); string(raw) != string(own) {
		t.Errorf("public file written again as %q", raw)
	}
	write(PrivateFile, "PRIVATE+KEY+secret")
	if _, err := OpenKey(a, "", false); fault.Of(err).Key != "ledger.bad_key" || strings.Contains(err.Error(), "secret") {
		t.Errorf("broken key: %v", err)
	}
}

func testKey(t testing.TB) *Key {
	t.Helper()
	k, err := OpenKey(t.TempDir(), "linli.test/log", true)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestCheckpointText(t *testing.T) {
	k := testKey(t)
	c, err := signCheckpoint(k.origin, 7, tlog.RecordHash([]byte("x")), k.signer)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(c.Text, "linli.test/log\n7\n") || !strings.Contains(c.Text, "=\n\n\u2014 linli.test/log ") {
		t.Fatalf("%s", c.Text)
	}
	got, err := VerifyCheckpoint(c.Text, k.Verifier())
	if err != nil || got.Size != 7 || got.Root != c.Root {
		t.Fatalf("%+v %v", got, err)
	}
	other := testKey(t)
	for name, text := range map[string]string{
		"size":   strings.Replace(c.Text, "\n7\n", "\n8\n", 1),
		"origin": strings.Replace(c.Text, "linli.test/log\n", "linli.test/lag\n", 1),
		"root":   strings.Replace(c.Text, c.Root.String(), tlog.Hash{}.String(), 1),
		"cut":    c.Text[:len(c.Text)-9],
		"empty":  "",
		"zeroes": strings.Replace(c.Text, "\n7\n", "\n07\n", 1),
		"no nl":  strings.ReplaceAll(c.Text, "\n", " "),
	} {
		if _, err := VerifyCheckpoint(text, k.Verifier()); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := VerifyCheckpoint(c.Text, other.Verifier()); fault.Of(err).Key != "ledger.bad_signature" {
		t.Errorf("other key: %v", err)
	}
	if _, err := VerifyCheckpoint(c.Text, "nonsense"); fault.Of(err).Key != "ledger.bad_verifier" {
		t.Errorf("no key: %v", err)
	}
	d, _ := signCheckpoint(k.origin, 9, tlog.RecordHash([]byte("y")), k.signer)
	for _, joined := range []string{c.Text + d.Text, c.Text + "\n" + d.Text + "\n", "\n\n" + c.Text + "\n\n" + d.Text[:len(d.Text)-1], strings.ReplaceAll(c.Text+"\n"+d.Text, "\n", "\r\n")} {
		list, err := ParseCheckpoints(joined)
		if err != nil || len(list) != 2 || list[0].Text != c.Text || list[1].Text != d.Text {
			t.Errorf("%q: %d %v", joined, len(list), err)
		}
	}
	if list, err := ParseCheckpoints(" "); err == nil {
		t.Errorf("%v", list)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("linli.test/log\n7\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n\u2014 linli.test/log AAAA\n")
	f.Add("c2sp.org/tlog-proof@v1\nindex 0\n\nx\n0\n\n")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ParseCheckpoint(s); err == nil && c.Size < 0 {
			t.Fatal(c)
		}
		ParseCheckpoints(s)
		if p, err := ParseProof(s); err == nil && p.Number < 0 {
			t.Fatal(p)
		}
		ParseLeaf([]byte(s))
	})
}
