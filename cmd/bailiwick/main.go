// Command bailiwick is the one binary: the server and the verbs around it. Each verb has a
// file; wiring.go is the only file that knows every package.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is the command line. Every flag can also be given as BAILIWICK_… in the environment
// or by its name in the file that --config names (JSON).
type cli struct {
	Config kong.ConfigFlag `help:"Read flags from this JSON file: {\"listen\": \"127.0.0.1:4566\", …}." placeholder:"FILE" env:"BAILIWICK_CONFIG"`

	Serve      serveCmd      `cmd:"" help:"Run the server."`
	Demo       demoCmd       `cmd:"" help:"Build the sample organization in a running server, or in a fresh one that goes on serving."`
	Test       testCmd       `cmd:"" help:"Run unit tests of policies (files, no server)."`
	Validate   validateCmd   `cmd:"" help:"Check policy documents: grammar, limits, findings (files, no server)."`
	Explain    explainCmd    `cmd:"" help:"Say why a request is allowed or refused: of a running server, or of files."`
	Account    accountCmd    `cmd:"" help:"Open standalone accounts in a running server (operator)."`
	Quota      quotaCmd      `cmd:"" help:"Show and raise quotas of organizations in a running server (operator)."`
	Resource   resourceCmd   `cmd:"" help:"Register resources of other services (buckets, keys, queues, …) with their policies in a running server."`
	Partner    partnerCmd    `cmd:"" help:"Take on product providers, which ask accounts for temporary delegation (operator)."`
	Backup     backupCmd     `cmd:"" help:"Back up a server's data while it runs."`
	Restore    restoreCmd    `cmd:"" help:"Put a backup where a server will find it."`
	Export     exportCmd     `cmd:"" help:"Write all of a server's data as one archive, while it runs: to move between SQLite and PostgreSQL."`
	Import     importCmd     `cmd:"" help:"Fill an empty data folder or database with an archive."`
	MasterKey  masterKeyCmd  `cmd:"" name:"master-key" help:"Make, show, rotate and retire master keys."`
	Completion completionCmd `cmd:"" help:"Print a completion script for bash, zsh or fish."`
	Reference  referenceCmd  `cmd:"" hidden:"" help:"Write the generated pages of the documentation."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		code := 1
		var exit *exitError
		if errors.As(err, &exit) {
			code = exit.code
		}
		if text := err.Error(); text != "" {
			fmt.Fprintln(os.Stderr, "bailiwick: "+text)
		}
		os.Exit(code)
	}
}

// exitError ends the process with a code of its own. Without err everything has been said.
type exitError struct {
	code int
	err  error
}

// Error implements error.
func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

// Unwrap gives the cause.
func (e *exitError) Unwrap() error { return e.err }

func run(ctx context.Context, args []string) error {
	var c cli
	parser, err := newParser(&c)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return &exitError{code: exitUnusable, err: fmt.Errorf("%w (try bailiwick --help)", err)}
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run()
}

func newParser(c *cli) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("bailiwick"),
		kong.Description("AWS Organizations and multi-account access, self-hosted, behind the real AWS APIs.\n\nStart with: bailiwick demo"),
		kong.UsageOnError(),
		kong.Configuration(kong.JSON),
		kong.Vars{"datadir": defaultDataDir()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}
