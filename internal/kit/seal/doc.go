// Package seal keeps what must not be read by whoever copies the database:
// sealed values, blind indexes over them, keyed hashes and random tokens.
//
// All keys come from one file, seal.key, that lies beside the data and is not
// part of a backup. Losing it is survivable by design: everything that is not
// sealed goes on, and opening a sealed value says plainly which key is missing.
// What must always be true:
//
//   - a sealed value opens only under the context it was sealed under, so a
//     sealed text copied to another row or field is refused;
//   - the newest key seals, every key in the file opens, so rotation is: Rotate,
//     Reseal what lies in the rooms, Retire the old key;
//   - no two uses share a key: sealing, the blind index and each purpose of Keyed
//     have keys of their own, derived by HKDF-SHA-256;
//   - rotation of the sealing key leaves the blind index as it is.
package seal
