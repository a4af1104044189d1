package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/bailiwick/bailiwick/operator"
)

// liveFlags say that a running server is asked, and who asks.
type liveFlags struct {
	Live          bool   `help:"Ask a running server: what the principal carries there, the organization's policies and the registered resource count."`
	Signed        bool   `help:"With --live: ask with the AWS credentials of the environment (about themselves, unless --principal says who), not as the operator."`
	OperatorToken string `help:"With --live: the operator's token; default: the file operator-token in the data folder." env:"BAILIWICK_OPERATOR_TOKEN" placeholder:"TOKEN"`
	DataDir       string `help:"With --live: the server's data folder (default: ${datadir})." env:"BAILIWICK_DATA_DIR" placeholder:"DIR"`
}

// ofServer asks a running server for a decision.
func (c *explainCmd) ofServer(ctx context.Context) (*explained, error) {
	policies := len(c.Identity) + len(c.Session) + len(c.SCP) + len(c.RCP)
	for _, file := range []string{c.Boundary, c.ResourcePolicy, c.Trust, c.EndpointPolicy} {
		policies += len(file)
	}
	if c.Action == "" || c.Principal == "" && !c.Signed || policies > 0 || c.BareSCP {
		return nil, errors.New("--live takes --principal (with --signed it may be left out) and --action, and no policies: those of the server count")
	}
	in := operator.AuthorizeInput{
		Principal: c.Principal, Action: c.Action, Resource: c.Resource, ResourceAccount: c.ResourceAccount, Context: map[string]any{},
	}
	for _, pair := range c.Context {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("--context %s: it is KEY=VALUE", pair)
		}
		have, _ := in.Context[key].([]string)
		in.Context[key] = append(have, value)
	}
	f := askerFlags{
		operatorFlags: operatorFlags{
			Endpoint: cmp.Or(c.Endpoint, "http://127.0.0.1:4566"), OperatorToken: c.OperatorToken, DataDir: c.DataDir,
		},
		Signed: c.Signed,
	}
	var out operator.AuthorizeOutput
	if err := f.call(ctx, http.MethodPost, "authorize", nil, in, &out); err != nil {
		return nil, err
	}
	answer := &explained{Explanation: &out.Explanation}
	if out.Registered == "" && c.Resource != "*" {
		answer.Notes = []string{"no registered resource that you may know of has a say: only what principals carry and organizations' policies count"}
	}
	return answer, nil
}
