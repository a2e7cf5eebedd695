package ledger

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"linli/internal/kit/fault"
)

// Names of the two key files in the data folder. The private one never leaves
// the house; the public one is what a witness needs. The public file may hold
// further lines: verifiers of keys that signed earlier and were replaced.
const (
	PrivateFile = "ledger.key"
	PublicFile  = "ledger.pub"
)

// Key signs checkpoints, or only verifies them where it was opened by
// OpenVerifier.
type Key struct {
	origin   string
	verifier string
	signer   note.Signer
	known    note.Verifiers
}

// Origin names the log, as in the first line of every checkpoint.
func (k *Key) Origin() string { return k.origin }

// Verifier is the public key as text, for VerifyProof and for witnesses.
func (k *Key) Verifier() string { return k.verifier }

// OpenKey opens the signing key in the folder; with create it makes one for
// origin where there is none. origin "" takes the one in the file. Faults:
// ledger.no_key, ledger.bad_key, ledger.other_origin, ledger.bad_origin.
func OpenKey(folder, origin string, create bool) (*Key, error) {
	path := filepath.Join(folder, PrivateFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, fault.New(fault.NotFound, "ledger.no_key", "file", path)
		}
		if raw, err = makeKey(folder, origin); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, fault.New(fault.Internal, "ledger.bad_key", "file", path).Because(err)
	}
	tighten(path)
	secret := strings.TrimSpace(string(raw))
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, fault.New(fault.Invalid, "ledger.bad_key", "file", path) // the cause could quote the key
	}
	if origin != "" && signer.Name() != origin {
		return nil, fault.New(fault.Conflict, "ledger.other_origin", "stands", signer.Name(), "asked", origin)
	}
	own, err := verifierOf(secret, signer.Name())
	if err != nil {
		return nil, fault.New(fault.Invalid, "ledger.bad_key", "file", path)
	}
	lines, err := publicLines(folder, own)
	if err != nil {
		return nil, err
	}
	k, err := verifying(lines, own)
	if err == nil {
		k.signer = signer
	}
	return k, err
}

// OpenVerifier opens only the public half, for looking at a log on a machine
// that must not be able to sign. Faults: ledger.no_key, ledger.bad_verifier.
func OpenVerifier(folder string) (*Key, error) {
	path := filepath.Join(folder, PublicFile)
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "ledger.no_key", "file", path).Because(err)
	}
	lines := strings.Fields(string(raw))
	if len(lines) == 0 {
		return nil, fault.New(fault.NotFound, "ledger.no_key", "file", path)
	}
	return verifying(lines, lines[0])
}

func verifying(lines []string, own string) (*Key, error) {
	k := &Key{verifier: own}
	var list []note.Verifier
	for _, l := range lines {
		v, err := note.NewVerifier(l)
		if err != nil {
			return nil, fault.New(fault.Invalid, "ledger.bad_verifier").Because(err)
		}
		if l == own {
			k.origin = v.Name()
		}
		list = append(list, v)
	}
	k.known = note.VerifierList(list...)
	return k, nil
}

// makeKey writes a new private key; a second process that came first wins.
func makeKey(folder, origin string) ([]byte, error) {
	if origin == "" || strings.ContainsAny(origin, "+ \t\r\n") {
		return nil, fault.New(fault.Invalid, "ledger.bad_origin", "origin", origin)
	}
	secret, _, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, fault.New(fault.Internal, "ledger.bad_key").Because(err)
	}
	path := filepath.Join(folder, PrivateFile)
	err = writeNew(path, secret+"\n", 0o600)
	if errors.Is(err, fs.ErrExist) {
		return os.ReadFile(path)
	}
	if err != nil {
		return nil, fault.New(fault.Internal, "ledger.bad_key", "file", path).Because(err)
	}
	return []byte(secret), nil
}

// publicLines reads ledger.pub, writes it where it is missing, and insists that
// the own verifier stands in it.
func publicLines(folder, own string) ([]string, error) {
	path := filepath.Join(folder, PublicFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := writeNew(path, own+"\n", 0o644); err != nil && !errors.Is(err, fs.ErrExist) {
			slog.Warn("ledger: the public key file cannot be written", "file", path, "err", err)
		}
		return []string{own}, nil
	}
	if err != nil {
		return nil, fault.New(fault.Internal, "ledger.bad_key", "file", path).Because(err)
	}
	lines := strings.Fields(string(raw))
	if !slices.Contains(lines, own) {
		return nil, fault.New(fault.Conflict, "ledger.other_key", "file", path)
	}
	return lines, nil
}

// writeNew writes a file that must not stand yet and flushes it to the disk.
func writeNew(path, content string, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(path)
	}
	return err
}

// tighten takes the key file away from other accounts where a copy or a restore
// left it open.
func tighten(path string) {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return
	}
	slog.Warn("ledger: the private key could be read by other accounts; taken away from them", "file", path)
	if err := os.Chmod(path, 0o600); err != nil {
		slog.Error("ledger: the private key stays readable by other accounts", "file", path, "err", err)
	}
}

// verifierOf derives the public half from the note package's private key text
// "PRIVATE+KEY+name+hash+base64(1, seed)".
func verifierOf(secret, name string) (string, error) {
	parts := strings.SplitN(secret, "+", 5) // base64 may hold '+' itself, the other parts cannot
	if len(parts) != 5 {
		return "", errors.New("private key: wrong form")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", errors.New("private key: wrong form")
	}
	public := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	return note.NewEd25519VerifierKey(name, public)
}
