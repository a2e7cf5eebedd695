// Command linli is the whole of Linli: one binary, one process, many rooms.
package main

import (
	"os"

	"linli/internal/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Stdout, os.Stderr)) }
