//go:build !race

package area

const raced = false
