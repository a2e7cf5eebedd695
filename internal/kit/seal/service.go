package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"linli/internal/kit/fault"
)

// prefix marks a sealed text and its format: "s1.<key id>.<base64url>".
const prefix = "s1."

// Keys seals and opens. It is safe for concurrent use.
type Keys struct {
	folder string

	mu     sync.RWMutex
	roots  []root
	doors  map[string]cipher.AEAD // by key id
	newest string                 // id of the key that seals

	index   []byte            // root of the blind index and keyed hashes
	derived map[string][]byte // purposes of Keyed, few and fixed in code
}

// Open reads the key file of folder. Where there is none it makes one if create
// is set, and refuses otherwise: create must be false as soon as a database
// exists, or a lost key would be replaced in silence and the drill never seen.
func Open(folder string, create bool) (*Keys, error) {
	roots, err := readFile(folder)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, fault.New(fault.Unmet, "seal.key_missing", "file", FileName, "folder", folder)
		}
		roots = []root{newRoot("index"), newRoot("seal")}
		err = writeFile(folder, roots)
		if errors.Is(err, fs.ErrExist) { // another process made it meanwhile
			roots, err = readFile(folder)
		}
	}
	if err != nil {
		return nil, err
	}
	k := &Keys{folder: folder, derived: map[string][]byte{}}
	return k, k.use(roots)
}

// use puts the roots into force.
func (k *Keys) use(roots []root) error {
	doors := map[string]cipher.AEAD{}
	newest := ""
	for _, r := range roots {
		if r.use == "index" {
			k.index = r.secret
			continue
		}
		key, err := hkdf.Key(sha256.New, r.secret, nil, "linli/seal/1 aes-256-gcm", 32)
		if err != nil {
			return fault.Of(err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return fault.Of(err)
		}
		door, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return fault.Of(err)
		}
		doors[r.id], newest = door, r.id
	}
	k.roots, k.doors, k.newest = roots, doors, newest
	return nil
}

// bound is the associated data: format, key and context, so that none of the
// three can be exchanged under a sealed text.
func bound(id string, context []byte) []byte {
	return append([]byte("linli/seal/1\x00"+id+"\x00"), context...)
}

// Seal encrypts plain with the newest key, bound to context (for instance case
// id, value name). The answer is printable and names its key.
func (k *Keys) Seal(plain, context []byte) string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	box := k.doors[k.newest].Seal(nil, nil, plain, bound(k.newest, context))
	return prefix + k.newest + "." + base64.RawURLEncoding.EncodeToString(box)
}

// Open decrypts what Seal made under the same context. Without the key it gives
// Unmet seal.key_lost naming the key; a changed text, or one from another place,
// gives Internal seal.broken.
func (k *Keys) Open(sealed string, context []byte) ([]byte, error) {
	id := KeyOf(sealed)
	if id == "" {
		return nil, fault.New(fault.Internal, "seal.broken")
	}
	k.mu.RLock()
	door := k.doors[id]
	k.mu.RUnlock()
	if door == nil {
		return nil, fault.New(fault.Unmet, "seal.key_lost", "key", id)
	}
	box, err := base64.RawURLEncoding.Strict().DecodeString(sealed[len(prefix)+len(id)+1:])
	if err != nil {
		return nil, fault.New(fault.Internal, "seal.broken").Because(err)
	}
	plain, err := door.Open(nil, nil, box, bound(id, context))
	if err != nil {
		return nil, fault.New(fault.Internal, "seal.broken").Because(err)
	}
	return plain, nil
}

// KeyOf is the id of the key a text was sealed with, "" when it is no sealed text.
func KeyOf(sealed string) string {
	rest, ok := strings.CutPrefix(sealed, prefix)
	if !ok {
		return ""
	}
	id, _, ok := strings.Cut(rest, ".")
	if !ok || len(id) != idLength {
		return ""
	}
	return id
}

// Reseal moves a sealed text to the newest key; changed is false when it was
// sealed by it already.
func (k *Keys) Reseal(sealed string, context []byte) (again string, changed bool, err error) {
	if KeyOf(sealed) == k.Newest() {
		return sealed, false, nil
	}
	plain, err := k.Open(sealed, context)
	if err != nil {
		return "", false, err
	}
	return k.Seal(plain, context), true, nil
}

// Newest is the id of the key that seals.
func (k *Keys) Newest() string { k.mu.RLock(); defer k.mu.RUnlock(); return k.newest }

// IDs are the ids of all sealing keys in the file, oldest first.
func (k *Keys) IDs() []string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	var ids []string
	for _, r := range k.roots {
		if r.use == "seal" {
			ids = append(ids, r.id)
		}
	}
	return ids
}

// Rotate adds a new sealing key and writes the file; older keys go on opening.
func (k *Keys) Rotate() (id string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	fresh := newRoot("seal")
	roots := append(slices.Clone(k.roots), fresh)
	if err := replaceFile(k.folder, roots); err != nil {
		return "", err
	}
	return fresh.id, k.use(roots)
}

// Retire takes an old sealing key out of the file for good. The caller has
// resealed everything; what was forgotten reads as seal.key_lost from now on.
// The newest key cannot be retired.
func (k *Keys) Retire(id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if id == k.newest {
		return fault.New(fault.Conflict, "seal.key_in_use", "key", id)
	}
	roots := slices.DeleteFunc(slices.Clone(k.roots), func(r root) bool { return r.use == "seal" && r.id == id })
	if len(roots) == len(k.roots) {
		return fault.New(fault.NotFound, "seal.key_unknown", "key", id)
	}
	if err := replaceFile(k.folder, roots); err != nil {
		return err
	}
	return k.use(roots)
}

// Index is the blind index of a sealed value: equal values of one context give
// equal texts, and nothing can be learned from it without the key. It is stable
// under rotation. The caller normalises plain first.
func (k *Keys) Index(context, plain string) string {
	return k.mac("index", context, plain)
}

// Keyed is a keyed hash for one purpose, for instance the address of a request
// in a limit: without the key file the address cannot be guessed back.
func (k *Keys) Keyed(purpose, data string) string {
	return k.mac("keyed "+purpose, "", data)
}

func (k *Keys) mac(use, context, data string) string {
	m := hmac.New(sha256.New, k.derive(use))
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(context)))
	m.Write(size[:])
	m.Write([]byte(context))
	m.Write([]byte(data))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// derive gives the key of one use, made once.
func (k *Keys) derive(use string) []byte {
	k.mu.RLock()
	key := k.derived[use]
	k.mu.RUnlock()
	if key != nil {
		return key
	}
	key, err := hkdf.Key(sha256.New, k.index, nil, "linli/seal/1 "+use, 32)
	if err != nil {
		panic("seal: " + err.Error()) // only for an output longer than HKDF can give
	}
	k.mu.Lock()
	k.derived[use] = key
	k.mu.Unlock()
	return key
}
