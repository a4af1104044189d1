// Command bailiwick is the one binary: the server and the verbs around it. Each verb has a
// file; wiring.go is the only file that knows every package.
package main

import (
	"context"
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
	Account    accountCmd    `cmd:"" help:"Open standalone accounts in a running server (operator)."`
	Completion completionCmd `cmd:"" help:"Print a completion script for bash, zsh or fish."`
	Reference  referenceCmd  `cmd:"" hidden:"" help:"Write the generated pages of the documentation."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bailiwick: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	var c cli
	parser, err := newParser(&c)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w (try bailiwick --help)", err)
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
