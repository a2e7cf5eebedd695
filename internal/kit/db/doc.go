// Package db opens the one database of the house, SQLite or PostgreSQL, and
// gives both one text and one way to write.
//
// A verb has two halves: it prepares on a Reader and then hands Commit a closure
// that only compares and writes. On SQLite one writer runs many closures in one
// durable transaction and answers after that commit; where one fails, the group
// runs again with each in its own savepoint. On PostgreSQL the same closures are
// ordinary READ COMMITTED transactions.
//
// What must always be true: no closure's answer precedes the durable commit
// that holds it; an error or panic in one closure undoes only that closure; a
// closure may run twice and therefore does nothing but compare and write.
//
// What the two databases cannot share lives in store_sqlite.go,
// store_postgres.go and store_fulltext.go; rooms never ask which one they have.
package db
