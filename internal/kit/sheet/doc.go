// Package sheet writes workbooks (.xlsx) and reads tables out of workbooks and
// CSV files. It knows nothing of what stands in them.
//
// Writing: Write streams a Book of Sheets; rows come from an iterator, so that a
// hundred thousand of them need little memory. Text stays text: what begins with
// = + - @ or a tab is an inline string in a cell formatted as text, so that it is
// no formula now and does not become one when somebody edits the cell. Control
// characters and broken UTF-8 are cleaned. Whole numbers and amounts of more than
// 15 digits are written as text, since a spreadsheet would round them. Money is
// given in fen and shown in yuan with two places; moments are China's time.
//
// Reading: Read gives the tables of a file, and a table's rows stream. The zip's
// directory is held to the limits before anything is unpacked, and what is
// unpacked is held to them again. A Cell says whether it is a formula's last
// value, part of a merge, a number of more digits than a spreadsheet keeps; a Row
// has the number that a person sees; hidden rows, columns and tables are said to
// be hidden. Rows without any value are left out and count for nothing. Old .xls,
// .xlsb, OpenDocument and files under a password are refused by name. CSV may be
// UTF-8 with or without mark, UTF-16 with mark, or GB18030.
//
// What must always be true:
//   - No text that is written becomes a formula.
//   - Nothing that is read may take more memory than the limits say: a table is
//     never held whole; only the workbook's shared texts are.
//   - Every refusal is a fault of kind Invalid under the key "sheet.…" that says
//     where (table, row, column), never a bare error of a library.
package sheet
