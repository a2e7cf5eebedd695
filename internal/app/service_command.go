package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"linli/internal/procedure"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"linli/catalog"
	"linli/internal/edition"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/law"
)

// The exit statuses of the program.
const (
	exitFound = 1 // a check found something, or the command failed
	exitUsage = 2 // the words or values of the call are wrong
)

// console is where a command talks.
type console struct {
	out, err io.Writer
	lang     string
	words    *text.Book
}

func (c *console) say(key string, args ...any) string {
	m := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		m[asText(args[i])] = args[i+1]
	}
	return c.words.Say(c.lang, key, m)
}

func (c *console) line(key string, args ...any) { fmt.Fprintln(c.out, c.say(key, args...)) }

// errFound ends a command that found something: it said so already.
var errFound = errors.New("found")

// Main runs one command line and gives the exit status: 0, 1 where a check found
// something or the command failed, 2 where it was called wrongly.
func Main(args []string, out, errOut io.Writer) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("linli"), kong.Description("Linli: grassroots governance of a county or district."),
		kong.Writers(out, errOut), kong.Exit(func(status int) { exited = status }), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(errOut, err)
		return exitUsage
	}
	call, err := parser.Parse(args)
	if exited >= 0 { // help was asked for and printed
		return exited
	}
	if err != nil {
		fmt.Fprintln(errOut, "linli:", err)
		return exitUsage
	}
	book, err := text.Load(catalog.Files)
	if err != nil {
		fmt.Fprintln(errOut, err)
		return exitFound
	}
	say := &console{out: out, err: errOut, lang: language(c.Lang), words: book}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	call.BindTo(ctx, (*context.Context)(nil))
	return say.exit(call.Run(say), strings.HasPrefix(call.Command(), "law "))
}

// exit says what went wrong and gives the status.
func (c *console) exit(err error, usage bool) int {
	var f *fault.Fault
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errFound):
		return exitFound
	case errors.Is(err, db.ErrLocked):
		fmt.Fprintln(c.err, "linli:", c.say("app.locked"))
	case errors.As(err, &f) && f.Kind != fault.Internal:
		words := httpx.Words(c.words, c.lang, f)
		if f.Field != "" {
			words = f.Field + ": " + words
		}
		fmt.Fprintln(c.err, "linli:", words)
	default:
		fmt.Fprintln(c.err, "linli:", err)
	}
	if usage {
		return exitUsage
	}
	return exitFound
}

// language is the one asked for, else the environment's.
func language(asked string) string {
	for _, s := range []string{asked, os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")} {
		switch {
		case strings.HasPrefix(s, "en"):
			return text.English
		case strings.HasPrefix(s, "zh"):
			return text.Chinese
		}
	}
	return text.Chinese
}

// Run prints the version.
func (versionCommand) Run(c *console) error {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	fmt.Fprintln(c.out, "linli", version)
	return nil
}

// files is the catalogue of the program with a county's folder over it.
func files(dir string) (fs.FS, error) {
	if dir == "" {
		return catalog.Files, nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fault.New(fault.Invalid, "app.no_folder", "folder", dir)
	}
	return edition.Overlay(catalog.Files, os.DirFS(dir)), nil
}

// checker builds the rooms that check a catalogue, without a database.
func checker() (check func(fs.FS) []edition.Problem, done func(), err error) {
	folder, err := os.MkdirTemp("", "linli-check-")
	if err != nil {
		return nil, nil, err
	}
	h, err := Open(context.Background(), Config{Folder: folder, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		os.RemoveAll(folder)
		return nil, nil, err
	}
	return h.Editions.Check, func() { h.Close(); os.RemoveAll(folder) }, nil
}

func (c *console) problems(list []edition.Problem) error {
	for _, p := range list {
		fmt.Fprintln(c.out, p.String())
	}
	if len(list) > 0 {
		return errFound
	}
	c.line("app.sound")
	return nil
}

// Run checks a county's folder laid over the program's catalogue.
func (cmd catalogCheck) Run(c *console) error {
	over, err := files(cmd.Dir)
	if err != nil {
		return err
	}
	check, done, err := checker()
	if err != nil {
		return err
	}
	defer done()
	return c.problems(check(over))
}

// Run publishes a folder's files.
func (cmd catalogPublish) Run(ctx context.Context, c *console) error {
	t := task{Verb: "publish", Options: map[string]string{"reason": cmd.Reason, "remove": strings.Join(cmd.Remove, "\n")}}
	err := filepath.WalkDir(cmd.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(cmd.Dir, path)
		t.Files = append(t.Files, taskFile{filepath.ToSlash(name), raw})
		return err
	})
	if err != nil {
		return err
	}
	return c.send(ctx, cmd.place, t)
}

// Run reads the log again into what a reader of it keeps.
func (cmd rebuildCommand) Run(ctx context.Context, c *console) error {
	return c.send(ctx, cmd.place, task{Verb: "rebuild", Options: map[string]string{"reader": cmd.Reader}})
}

// Run checks procedure files, each in the place of the program's of its name.
func (cmd procedureCheck) Run(c *console) error {
	check, done, err := checker()
	if err != nil {
		return err
	}
	defer done()
	var all []edition.Problem
	for _, file := range cmd.Files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name := "procedure/" + filepath.Base(file)
		for _, p := range check(edition.Overlay(catalog.Files, oneFile(name, raw))) {
			if p.File == name {
				p.File = file
				all = append(all, p)
			}
		}
	}
	return c.problems(all)
}

// Run draws a procedure.
func (cmd procedureDraw) Run(c *console) error {
	name, raw := cmd.Name, []byte(nil)
	var err error
	if strings.HasSuffix(name, ".yaml") {
		raw, err = os.ReadFile(name)
	} else {
		name = "procedure/" + name + ".yaml"
		raw, err = fs.ReadFile(catalog.Files, name)
	}
	if err != nil {
		return err
	}
	p, problems := procedure.Parse(name, raw)
	if p == nil {
		return c.problems(problems)
	}
	_, err = io.WriteString(c.out, procedure.Draw(p, c.lang))
	return err
}

// Run prints the JSON Schema of a procedure file.
func (procedureSchema) Run(c *console) error {
	_, err := c.out.Write(procedure.Schema())
	return err
}

// lawDue and the others give the law's commands their console.
type (
	lawDue  struct{ law.DueCommand }
	lawCode struct{ law.CodeCommand }
	lawList struct{ law.ListCommand }
	lawShow struct{ law.ShowCommand }
	lawTry  struct{ law.TryCommand }
)

// Run prints the end of a period as JSON.
func (cmd lawDue) Run(c *console) error { return cmd.DueCommand.Run(c.out, catalog.Files) }

// Run prints VALID or INVALID with the reason.
func (cmd lawCode) Run(c *console) error { return cmd.CodeCommand.Run(c.out, catalog.Files) }

// Run prints every rule.
func (cmd lawList) Run(c *console) error { return cmd.ListCommand.Run(c.out, catalog.Files, c.lang) }

// Run prints one rule.
func (cmd lawShow) Run(c *console) error { return cmd.ShowCommand.Run(c.out, catalog.Files) }

// Run prints the answer of a rule as JSON.
func (cmd lawTry) Run(c *console) error { return cmd.TryCommand.Run(c.out, catalog.Files) }
