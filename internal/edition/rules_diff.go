package edition

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Line is one line of a difference: Op is ' ' (in both), '-' (only before) or
// '+' (only after); Old and New count lines from 1, 0 where there is none.
type Line struct {
	Op       byte
	Old, New int
	Text     string
}

// around is how many unchanged lines stand around a change.
const around = 3

// mostEdits bounds the search for the shortest difference; a file that was
// changed more than that is shown as taken out and put in.
const mostEdits = 400

// readable says whether content can be shown line by line.
func readable(raw []byte) bool { return utf8.Valid(raw) && bytes.IndexByte(raw, 0) < 0 }

// hunks compares two texts and gives the changed places with their context.
func hunks(before, after []byte) [][]Line {
	all := compare(lines(before), lines(after))
	var out [][]Line
	for i := 0; i < len(all); {
		if all[i].Op == ' ' {
			i++
			continue
		}
		from := max(i-around, 0)
		end, quiet := i, 0
		for end < len(all) && quiet <= 2*around {
			if all[end].Op == ' ' {
				quiet++
			} else {
				quiet = 0
			}
			end++
		}
		end -= max(quiet-around, 0)
		out = append(out, all[from:end])
		i = end
	}
	return out
}

func lines(raw []byte) []string {
	if len(raw) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
}

// compare gives all lines of both texts in order (Myers' shortest edit script
// between the common beginning and end).
func compare(a, b []string) []Line {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	out := make([]Line, 0, len(a)+len(b))
	i, j := 0, 0
	step := func(op byte) {
		l := Line{Op: op}
		if op != '+' {
			l.Old, l.Text = i+1, a[i]
			i++
		}
		if op != '-' {
			l.New, l.Text = j+1, b[j]
			j++
		}
		out = append(out, l)
	}
	for range head {
		step(' ')
	}
	for _, op := range script(a[head:len(a)-tail], b[head:len(b)-tail]) {
		step(op)
	}
	for range tail {
		step(' ')
	}
	return out
}

// script is the shortest series of ' ', '-' and '+' that leads from a to b, or
// all '-' and then all '+' where it would be longer than mostEdits.
func script(a, b []string) []byte {
	most := min(len(a)+len(b), mostEdits)
	reach := make([]int, 2*most+3) // furthest line of a on diagonal k, at k+most+1
	var steps [][]int
	for d := 0; d <= most; d++ {
		for k := -d; k <= d; k += 2 {
			at := k + most + 1
			x := reach[at-1] + 1
			if k == -d || k != d && reach[at-1] < reach[at+1] {
				x = reach[at+1]
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			reach[at] = x
			if x >= len(a) && x-k >= len(b) {
				return back(append(steps, slices.Clone(reach)), most, d, len(a), len(b))
			}
		}
		steps = append(steps, slices.Clone(reach))
	}
	return append(bytes.Repeat([]byte{'-'}, len(a)), bytes.Repeat([]byte{'+'}, len(b))...)
}

// back walks the steps from the end to the beginning.
func back(steps [][]int, most, d, x, y int) []byte {
	var out []byte
	for ; d > 0; d-- {
		reach := steps[d-1]
		k := x - y
		at := k + most + 1
		op := byte('-')
		from := k - 1
		if k == -d || k != d && reach[at-1] < reach[at+1] {
			op, from = '+', k+1
		}
		px := reach[from+most+1]
		after := px // where the edit led, before the equal lines that follow it
		if op == '-' {
			after++
		}
		out = append(out, bytes.Repeat([]byte{' '}, x-after)...)
		out = append(out, op)
		x, y = px, px-from
	}
	out = append(out, bytes.Repeat([]byte{' '}, x)...)
	slices.Reverse(out)
	return out
}
