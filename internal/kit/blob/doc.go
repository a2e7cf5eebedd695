// Package blob keeps attachments: files in the data folder beside SQLite, rows of
// kit_blob in PostgreSQL. It also makes pictures and documents from outside safe:
// Photo draws a picture anew, so that nothing but the picture is left of it;
// Document admits the few kinds of file an office exchanges.
//
// What must always be true: Put has made the bytes durable before it returns; Get
// gives exactly those bytes or says they are damaged; an id tells nothing, not
// even the time; a picture is measured before it is decoded, and pictures being
// decoded at once never need more than a fixed amount of memory.
package blob
