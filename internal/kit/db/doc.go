// Package db opens the one database of the house, SQLite or PostgreSQL, and
// gives both one text and one way to write.
//
// A verb has two halves: it prepares on a Reader and then hands Commit a closure
// that only compares and writes. On SQLite one writer runs many closures in one
// durable transaction, each in its own savepoint, and answers after that commit;
// on PostgreSQL the same closures are ordinary READ COMMITTED transactions.
//
// What must always be true: no closure's answer precedes the durable commit
// that holds it; an error or panic in one closure undoes only that closure; a
// closure may run twice and therefore does nothing but compare and write.
//
// What the two databases cannot share lives in sqlite.go-like files named
// store_sqlite.go and store_postgres.go; rooms never ask which one they have.
package db
