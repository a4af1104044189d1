package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policytest"
)

type explainCmd struct {
	RequestID string `arg:"" optional:"" help:"Id of a call that a running server refused: it stands in the error." placeholder:"REQUEST-ID"`
	Endpoint  string `help:"The server's URL." env:"AWS_ENDPOINT_URL" placeholder:"URL"`

	Test string `help:"Explain a case of this test file." placeholder:"FILE"`
	Case string `help:"The case's name, or a part of it that no other case has." placeholder:"NAME"`

	Principal       string   `help:"Who calls: an ARN, an account id (its root user), a service, or anonymous." placeholder:"ARN"`
	Action          string   `help:"The action, like s3:GetObject." placeholder:"ACTION"`
	Resource        string   `help:"The resource's ARN; * if there is none." default:"*" placeholder:"ARN"`
	ResourceAccount string   `help:"The account that owns the resource, if its ARN does not say." placeholder:"ID"`
	Identity        []string `sep:"none" help:"Identity-based policy: a file, or an AWS managed policy's name. Repeatable." placeholder:"FILE"`
	Boundary        string   `help:"Permissions boundary." placeholder:"FILE"`
	Session         []string `sep:"none" help:"Session policy. Repeatable." placeholder:"FILE"`
	ResourcePolicy  string   `help:"Policy of the resource." placeholder:"FILE" xor:"resource-policy"`
	Trust           string   `help:"Trust policy of the role that is the resource." placeholder:"FILE" xor:"resource-policy"`
	EndpointPolicy  string   `help:"Policy of the VPC endpoint." placeholder:"FILE"`
	SCP             []string `name:"scp" sep:"none" help:"Service control policy, at a level (root unless said; from the root down). Repeatable." placeholder:"[LEVEL=]FILE"`
	RCP             []string `name:"rcp" sep:"none" help:"Resource control policy, likewise." placeholder:"[LEVEL=]FILE"`
	BareSCP         bool     `name:"no-full-aws-access" help:"The levels lack FullAWSAccess: only what --scp allows is allowed."`
	Context         []string `sep:"none" help:"Condition key of the request. Repeatable; twice the same key gives it two values." placeholder:"KEY=VALUE"`

	liveFlags

	Output string `short:"o" help:"Form of the answer: ${enum}." enum:"text,json" default:"text" placeholder:"FORM"`
}

// Help says more than one line.
func (*explainCmd) Help() string {
	return "Of a running server (with the AWS credentials of the environment, of the account that made the call):\n\n" +
		"  bailiwick explain 6f1c6f0e-0b6c-4b3e-9f0d-5f7a6e1b2c3d\n\n" +
		"Of a running server, before the call is made:\n\n" +
		"  bailiwick explain --live --principal arn:aws:iam::111122223333:role/reader \\\n" +
		"      --action s3:GetObject --resource arn:aws:s3:::models/a.bin --context aws:SourceIp=192.0.2.1\n\n" +
		"Of files, without a server:\n\n" +
		"  bailiwick explain --test guardrails_test.yaml --case 'admins cannot leave'\n" +
		"  bailiwick explain --principal arn:aws:iam::111122223333:user/zoe --identity AdministratorAccess \\\n" +
		"      --scp regions.json --action ec2:RunInstances --context aws:RequestedRegion=us-east-1\n\n" +
		"Exit code: 0 if there is an answer, whatever it is; 2 if not."
}

// explained is an answer, with what is known of the call.
type explained struct {
	Call        *explainedCall        `json:"call,omitempty"`
	Case        string                `json:"case,omitempty"`
	Notes       []string              `json:"notes,omitempty"`
	Deciding    []policytest.Deciding `json:"decidingPlaces,omitempty"`
	Explanation *policy.Explanation   `json:"explanation"`
}

// Run finds the decision and writes it.
func (c *explainCmd) Run(ctx context.Context, k *kong.Context) error {
	answer, err := c.find(ctx)
	if err != nil {
		var bad *policytest.Error
		if errors.As(err, &bad) {
			var b strings.Builder
			for _, p := range bad.Problems {
				if p.Line == 0 {
					fmt.Fprintf(&b, "error: %s\n", p.Message)
					continue
				}
				writeProblem(&b, paint(colourful(k.Stderr)), "error", p)
			}
			if _, err := io.WriteString(k.Stderr, b.String()); err != nil {
				return err
			}
			return &exitError{code: exitUnusable}
		}
		return &exitError{code: exitUnusable, err: err}
	}
	if c.Output == "json" {
		return writeIndented(k.Stdout, answer)
	}
	return answer.writeText(k.Stdout, paint(colourful(k.Stdout)))
}

// find takes the way that the arguments ask for.
func (c *explainCmd) find(ctx context.Context) (*explained, error) {
	ways := 0
	for _, given := range []bool{c.RequestID != "", c.Test != "" || c.Case != "", c.Principal != "" || c.Action != ""} {
		if given {
			ways++
		}
	}
	switch {
	case c.Live && c.RequestID == "" && c.Test == "" && c.Case == "":
		return c.ofServer(ctx)
	case ways != 1 || c.Live:
		return nil, errors.New("explain takes one of: a REQUEST-ID; --test and --case; --principal and --action (bailiwick explain --help shows each)")
	case c.RequestID != "":
		return c.lookUp(ctx)
	case c.Test != "":
		return c.ofTest()
	case c.Case != "":
		return nil, errors.New("--case needs --test with the file of the case")
	default:
		return c.ofFiles()
	}
}

// ofTest explains a case of a test file.
func (c *explainCmd) ofTest() (*explained, error) {
	suite, err := policytest.Load(filepath.ToSlash(c.Test), testOptions())
	if err != nil {
		return nil, err
	}
	var found []*policytest.Case
	for i := range suite.Cases {
		x := &suite.Cases[i]
		if x.Name == c.Case {
			found = []*policytest.Case{x}
			break
		}
		if strings.Contains(strings.ToLower(x.Name), strings.ToLower(c.Case)) {
			found = append(found, x)
		}
	}
	if len(found) == 1 {
		return explainCase(found[0]), nil
	}
	message := fmt.Sprintf("no case of %s has a name with %q in it; there are:", c.Test, c.Case)
	if len(found) == 0 {
		for i := range suite.Cases {
			found = append(found, &suite.Cases[i])
		}
	} else {
		message = fmt.Sprintf("%d cases of %s have a name with %q in it:", len(found), c.Test, c.Case)
		if c.Case == "" {
			message = "--test needs --case with the name of a case:"
		}
	}
	for _, x := range found {
		message += "\n  " + x.Name
	}
	return nil, errors.New(message)
}

// ofFiles explains a question put together from files.
func (c *explainCmd) ofFiles() (*explained, error) {
	if c.Principal == "" || c.Action == "" {
		return nil, errors.New("--principal and --action are both needed")
	}
	x, err := policytest.Ask(&policytest.Query{
		Principal: c.Principal, Action: c.Action, Resource: c.Resource, ResourceAccount: c.ResourceAccount,
		Identity: c.Identity, Session: c.Session, Boundary: c.Boundary, ResourcePolicy: c.ResourcePolicy, Trust: c.Trust,
		Endpoint: c.EndpointPolicy, SCP: c.SCP, RCP: c.RCP, BareSCP: c.BareSCP, Context: c.Context,
	}, testOptions())
	if err != nil {
		return nil, err
	}
	return explainCase(x), nil
}

func explainCase(x *policytest.Case) *explained {
	r := x.Run()
	places := slices.DeleteFunc(r.Deciding(), func(d policytest.Deciding) bool { return d.Line == 0 })
	return &explained{Case: x.Name, Notes: x.Notes, Deciding: places, Explanation: &r.Explanation}
}

// writeText writes the answer for people: the outcome first, in colour.
func (e *explained) writeText(w io.Writer, p paint) error {
	var b strings.Builder
	if e.Call != nil {
		e.Call.writeText(&b)
	}
	if e.Explanation != nil {
		first, rest, _ := strings.Cut(whyText(e.Explanation), "\n")
		colour := p.red
		if e.Explanation.Allowed {
			colour = p.green
		}
		b.WriteString(p.bold(colour(first)) + "\n" + rest)
	}
	for _, d := range e.Deciding {
		fmt.Fprintf(&b, "the statement that decided stands in %s\n", p.bold(d.Place.String()))
	}
	for _, note := range e.Notes {
		fmt.Fprintf(&b, "%s %s\n", p.yellow("note:"), note)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
