// Package paper sets pages for paper: PDF files in A4 or A3 with Chinese text,
// tables, QR codes and lines to write on. It knows no word of the domain.
//
// The font is Noto Sans SC Regular (SIL Open Font License, font/OFL.txt), embedded
// without its layout tables; a file carries only the characters it uses. What must
// always be true: whatever text comes in, a page comes out – a character that the
// font does not have is drawn as an empty square, control characters are dropped,
// text never leaves its column, and the same input gives the same bytes.
package paper
