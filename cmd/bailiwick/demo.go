package main

import (
	"context"
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
	Endpoint string `help:"Build the sample in the server at this URL, with the AWS credentials of the environment, instead of starting one." env:"AWS_ENDPOINT_URL" placeholder:"URL"`
	serverFlags
}

// Run builds the sample, and goes on serving it unless a server was named.
func (c *demoCmd) Run(ctx context.Context) error {
	if c.Endpoint != "" {
		cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion("us-east-1"), config.WithBaseEndpoint(c.Endpoint))
		if err != nil {
			return err
		}
		sample, err := demo.Build(ctx, cfg)
		if err != nil {
			return err
		}
		return explore(os.Stdout, c.Endpoint, sample, 0)
	}
	return serve(ctx, &c.serverFlags, func(s *running) error {
		first := s.node.first
		if first.Secret == "" {
			return errors.New("this data folder is in use already; give a new --data-dir, or --ephemeral, or --endpoint to build in a running server")
		}
		// The few hundred requests that build the sample would push its description off the screen.
		s.level.Set(max(c.level(), slog.LevelWarn))
		began := time.Now()
		sample, err := demo.Build(ctx, aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String(s.endpoint),
			Credentials: credentials.NewStaticCredentialsProvider(first.AccessKeyID, first.Secret, ""),
		})
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		took := time.Since(began)
		s.level.Set(c.level())
		banner(os.Stdout, s)
		return explore(os.Stdout, s.endpoint, sample, took)
	})
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
