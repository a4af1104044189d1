package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/bailiwick/bailiwick/demo"
)

type demoCmd struct {
	Endpoint  string `help:"Build the sample in the server at this URL, with the AWS credentials of the environment, instead of starting one." env:"AWS_ENDPOINT_URL" placeholder:"URL"`
	Accounts  int    `help:"Build a large organization of so many accounts (10 to 100000) in place of the stories." placeholder:"N"`
	Seed      uint64 `help:"With --accounts: which account goes where; the same seed gives the same tree." default:"1" placeholder:"N"`
	Clients   int    `help:"With --accounts: how many requests are under way at once." default:"32" placeholder:"N"`
	Inventory string `help:"With --accounts: write ids and access keys of what was built to this file (JSON, readable by you only)." placeholder:"FILE"`
	BuildOnly bool   `help:"End once the sample is built, instead of serving it."`
	serverFlags
}

// Run builds the sample, and goes on serving it unless a server was named.
func (c *demoCmd) Run(ctx context.Context) error {
	if c.Accounts == 0 && c.Inventory != "" {
		return errors.New("--inventory is for --accounts: the stories print what they made")
	}
	if c.Endpoint != "" {
		cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion("us-east-1"), config.WithBaseEndpoint(c.Endpoint))
		if err != nil {
			return err
		}
		return c.build(ctx, cfg, c.Endpoint, func() {})
	}
	if c.Weather != "" {
		return errors.New("the sample is not built under --weather: build it with --data-dir and --build-only, and serve that folder with --weather")
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	return serve(ctx, &c.serverFlags, func(s *running) error {
		first := s.node.first
		if first.Secret == "" {
			return errors.New("this data folder is in use already; give a new --data-dir, or --ephemeral, or --endpoint to build in a running server")
		}
		// The requests that build the sample would push its description off the screen.
		s.level.Set(max(c.level(), slog.LevelWarn))
		err := c.build(ctx, aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String(s.endpoint),
			Credentials: credentials.NewStaticCredentialsProvider(first.AccessKeyID, first.Secret, ""),
		}, s.endpoint, func() {
			s.level.Set(c.level())
			banner(os.Stdout, s)
		})
		if c.BuildOnly {
			stop()
		}
		return err
	})
}

// build builds and then, after built was called, tells what there is.
func (c *demoCmd) build(ctx context.Context, cfg aws.Config, endpoint string, built func()) error {
	began := time.Now()
	if c.Accounts == 0 {
		sample, err := demo.Build(ctx, cfg)
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		took := time.Since(began)
		built()
		return explore(os.Stdout, endpoint, sample, took)
	}
	large, err := demo.BuildLarge(ctx, cfg, demo.LargeOptions{
		Accounts: c.Accounts, Seed: c.Seed, Clients: c.Clients, Report: reportStep(os.Stderr),
	})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	took := time.Since(began)
	if c.Inventory != "" {
		if err := writeInventory(c.Inventory, large); err != nil {
			return err
		}
	}
	built()
	return exploreLarge(os.Stdout, endpoint, c.Inventory, large, took)
}

// reportStep tells of each step of a large organization, which takes its time.
func reportStep(w io.Writer) func(step string, count int, took time.Duration) {
	return func(step string, count int, took time.Duration) {
		fmt.Fprintf(w, "%8d %-22s %10s %10.0f /s\n", count, step, took.Round(time.Millisecond), float64(count)/took.Seconds())
	}
}

// writeInventory writes what was built, with its secrets.
func writeInventory(path string, large *demo.Large) error {
	text, err := json.Marshal(large)
	if err != nil {
		return err
	}
	const ownerOnly = 0o600
	if err := os.WriteFile(path, append(text, '\n'), ownerOnly); err != nil {
		return fmt.Errorf("--inventory: %w", err)
	}
	return nil
}

// exploreLarge tells what there is.
func exploreLarge(w io.Writer, endpoint, inventory string, l *demo.Large, took time.Duration) error {
	var b strings.Builder
	fmt.Fprintf(&b, "The organization %s has %d accounts in %d OUs, %d guardrails and %d machine users, and was built in %s.\n\n",
		l.OrganizationID, len(l.Accounts)+1, len(l.Units), len(l.Guardrails), len(l.Machines), took.Round(time.Millisecond))
	fmt.Fprintf(&b, "  export AWS_ENDPOINT_URL=%s AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n", endpoint)
	fmt.Fprintf(&b, "  export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s   # its administrator\n", l.Admin.AccessKeyID, l.Admin.Secret)
	if inventory != "" {
		fmt.Fprintf(&b, "\nIds and access keys are in %s.\n", inventory)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// explore tells what there is and what to try.
func explore(w io.Writer, endpoint string, s *demo.Sample, took time.Duration) error {
	var b strings.Builder
	fmt.Fprintf(&b, "The sample organization %s has %d accounts", s.OrganizationID, len(s.Accounts)+1)
	if took > 0 {
		fmt.Fprintf(&b, " and was built in %s", took.Round(time.Millisecond))
	}
	b.WriteString(".\n\nPeople to be:\n\n")
	for _, p := range s.People {
		fmt.Fprintf(&b, "  %-14s %s\n  %-14s AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s\n", p.Name, p.About, "", p.AccessKeyID, p.Secret)
	}
	dinesh := s.Person("dinesh")
	role := func(account string) string {
		return "arn:aws:iam::" + s.Accounts[account] + ":role/" + demo.AdminRole
	}
	fmt.Fprintf(&b, `
Try as dinesh of team A:

  export AWS_ENDPOINT_URL=%s AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s

  aws sts assume-role --role-session-name me --role-arn %s     # his own account: allowed
  aws sts assume-role --role-session-name me --role-arn %s     # team B's: refused, and it says why
  aws organizations list-accounts                              # refused too

`, endpoint, dinesh.AccessKeyID, dinesh.Secret, role("Dev Team A"), role("Dev Team B"))
	_, err := io.WriteString(w, b.String())
	return err
}
