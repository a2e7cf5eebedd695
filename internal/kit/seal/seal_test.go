package seal_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"linli/internal/kit/fault"
	"linli/internal/kit/seal"

	"pgregory.net/rapid"
)

func open(t *testing.T, folder string) *seal.Keys {
	t.Helper()
	k, err := seal.Open(folder, true)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func wants(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != kind || f.Key != key {
		t.Fatalf("got %v, want %s %s", err, kind, key)
	}
}

func TestRoundTripAndContext(t *testing.T) {
	k := open(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		context := rapid.SliceOf(rapid.Byte()).Draw(t, "context")
		other := rapid.SliceOf(rapid.Byte()).Draw(t, "other")
		sealed := k.Seal(plain, context)
		back, err := k.Open(sealed, context)
		if err != nil || string(back) != string(plain) {
			t.Fatalf("%q came back as %q, %v", plain, back, err)
		}
		if again := k.Seal(plain, context); again == sealed {
			t.Fatal("sealing twice gave the same text")
		}
		if string(other) != string(context) {
			if _, err := k.Open(sealed, other); err == nil {
				t.Fatal("opened under another context")
			}
		}
	})
}

func TestEveryChangedByteIsRefused(t *testing.T) {
	k := open(t, t.TempDir())
	sealed := k.Seal([]byte("13900000000"), []byte("case/phone"))
	for i := range sealed {
		for _, c := range []byte{'A', '.', 0, 0xff, sealed[i] ^ 1} {
			if c == sealed[i] {
				continue
			}
			bent := sealed[:i] + string([]byte{c}) + sealed[i+1:]
			if plain, err := k.Open(bent, []byte("case/phone")); err == nil {
				t.Fatalf("byte %d changed to %q still opens as %q", i, c, plain)
			}
		}
	}
	for _, text := range []string{"", "s1.", "s1..", "s1.abcdefgh", "plain text", sealed[:len(sealed)-1], sealed + "A"} {
		if _, err := k.Open(text, []byte("case/phone")); err == nil {
			t.Fatalf("%q opens", text)
		}
	}
}

func TestLostKeyIsSaidPlainly(t *testing.T) {
	folder := t.TempDir()
	k := open(t, folder)
	sealed := k.Seal([]byte("x"), nil)
	if err := os.Remove(filepath.Join(folder, seal.FileName)); err != nil {
		t.Fatal(err)
	}
	_, err := seal.Open(folder, false)
	wants(t, err, fault.Unmet, "seal.key_missing")
	fresh := open(t, folder)
	_, err = fresh.Open(sealed, nil)
	wants(t, err, fault.Unmet, "seal.key_lost")
	if got := fault.Of(err).Args["key"]; got != k.Newest() {
		t.Fatalf("the lost key is named %v, not %v", got, k.Newest())
	}
}

func TestRotation(t *testing.T) {
	folder := t.TempDir()
	k := open(t, folder)
	first := k.Newest()
	sealed, index := k.Seal([]byte("v"), []byte("c")), k.Index("phone", "139")
	second, err := k.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	k = open(t, folder) // a restart finds both
	if k.Newest() != second || len(k.IDs()) != 2 {
		t.Fatalf("newest %s of %v", k.Newest(), k.IDs())
	}
	if back, err := k.Open(sealed, []byte("c")); err != nil || string(back) != "v" {
		t.Fatal("an old value no longer opens")
	}
	if k.Index("phone", "139") != index {
		t.Fatal("rotation moved the blind index")
	}
	wants(t, k.Retire(second), fault.Conflict, "seal.key_in_use")
	wants(t, k.Retire("nosuchid"), fault.NotFound, "seal.key_unknown")
	again, changed, err := k.Reseal(sealed, []byte("c"))
	if err != nil || !changed || seal.KeyOf(again) != second {
		t.Fatalf("reseal: %q %v %v", again, changed, err)
	}
	if _, changed, _ = k.Reseal(again, []byte("c")); changed {
		t.Fatal("resealed what was sealed by the newest")
	}
	if err := k.Retire(first); err != nil {
		t.Fatal(err)
	}
	_, err = k.Open(sealed, []byte("c"))
	wants(t, err, fault.Unmet, "seal.key_lost")
	if back, err := open(t, folder).Open(again, []byte("c")); err != nil || string(back) != "v" {
		t.Fatal("the resealed value is lost")
	}
}

func TestIndexAndKeyedHaveKeysOfTheirOwn(t *testing.T) {
	k, other := open(t, t.TempDir()), open(t, t.TempDir())
	seen := map[string]bool{}
	for _, s := range []string{
		k.Index("a", "b"), k.Index("ab", ""), k.Index("", "ab"), k.Index("b", "a"),
		k.Keyed("a", "b"), k.Keyed("", "ab"), k.Keyed("b", "ab"), other.Index("a", "b"), other.Keyed("a", "b"),
	} {
		if seen[s] {
			t.Fatal("two uses gave the same hash")
		}
		seen[s] = true
	}
	if k.Index("a", "b") != k.Index("a", "b") {
		t.Fatal("an index must be stable")
	}
}

func TestKeyFile(t *testing.T) {
	folder := t.TempDir()
	open(t, folder)
	name := filepath.Join(folder, seal.FileName)
	info, _ := os.Stat(name)
	if info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v", info.Mode())
	}
	text, _ := os.ReadFile(name)
	for what, bad := range map[string]string{
		"empty": "", "heading": "linli-seal/9\n" + string(text), "cut": string(text[:len(text)-9]),
		"bit": strings.Replace(string(text), string(text[40]), "z", 1), "no seal key": strings.Split(string(text), "seal ")[0] + "seal",
		"word": string(text) + "extra line\n", "twice the index": string(text) + strings.Split(string(text), "\n")[1] + "\n",
	} {
		if err := os.WriteFile(name, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := seal.Open(folder, true)
		if err == nil {
			t.Fatalf("%s: accepted", what)
		}
		wants(t, err, fault.Internal, "seal.key_file_damaged")
		for line := range strings.Lines(string(text)) {
			if part := strings.Fields(line); len(part) == 3 && strings.Contains(err.Error(), part[2]) {
				t.Fatal("the fault shows a secret")
			}
		}
	}
	_ = os.WriteFile(name, text, 0o600)
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	_, err := seal.Open(folder, false)
	wants(t, err, fault.Internal, "seal.key_file_open")
	_, err = seal.Open(filepath.Join(folder, "none"), true)
	wants(t, err, fault.Internal, "seal.key_file_unwritable")
}

func TestTwoStartsAgreeOnOneKey(t *testing.T) {
	folder := t.TempDir()
	var group sync.WaitGroup
	got := make([]string, 8)
	for i := range got {
		group.Go(func() {
			if k, err := seal.Open(folder, true); err == nil {
				got[i] = k.Newest() + k.Keyed("a", "b")
			}
		})
	}
	group.Wait()
	for _, g := range got {
		if g == "" || g != got[0] {
			t.Fatalf("different keys: %v", got)
		}
	}
	left, _ := filepath.Glob(filepath.Join(folder, "*"))
	if len(left) != 1 {
		t.Fatalf("files left behind: %v", left)
	}
}

func TestTokens(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token := seal.Token()
		if len(token) != 26 || strings.ToLower(token) != token || seen[token] {
			t.Fatalf("token %q", token)
		}
		seen[token] = true
	}
	if seal.HashToken("a") == seal.HashToken("b") || strings.Contains(seal.HashToken("abcdef"), "abcdef") {
		t.Fatal("hash")
	}
}
