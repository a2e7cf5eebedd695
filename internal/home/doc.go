// Package home is the resident's page of the own neighbourhood (我的网格): in which
// grid a place lies, to which village or community and street it belongs, who
// works there, which telephone to call – and the poster (网格公示牌) that hangs in
// the stairwell with the code that leads to the report page.
//
// What must always be true: a place on a border or in a gap is shown with its
// neighbours, never guessed; of a person only the name and the post are shown, as
// they are on the board outside, never a private telephone; everything is open to
// anybody and writes nothing.
//
// Norms: 国务院办公厅 基层便民服务公开; rules.md 6.1 (接诉即办: one number, one door).
package home
