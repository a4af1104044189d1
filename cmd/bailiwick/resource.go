package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/bailiwick/bailiwick/operator"
)

type resourceCmd struct {
	Register resourceRegisterCmd `cmd:"" help:"Register a resource, or change its registration."`
	List     resourceListCmd     `cmd:"" help:"List registered resources."`
	Show     resourceShowCmd     `cmd:"" help:"Show a registered resource with its policy and tags."`
	Remove   resourceRemoveCmd   `cmd:"" help:"Remove the registration of a resource."`
	Apply    resourceApplyCmd    `cmd:"" help:"Make registrations what a file says (JSON or YAML), all or nothing."`
}

// askerFlags find the server and say who asks: its operator, or with --signed whoever the
// AWS credentials of the environment belong to.
type askerFlags struct {
	operatorFlags

	Signed bool `help:"Ask as the principal of the AWS credentials of the environment, not as the operator: what it may do in the resource's own service counts."`
}

// call calls the API below /_bailiwick/v1/.
func (f *askerFlags) call(ctx context.Context, method, path string, query url.Values, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	target := strings.TrimRight(f.Endpoint, "/") + operator.Prefix + "v1/" + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if err := f.prove(ctx, req, body); err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	const most = 64 << 20
	text, err := io.ReadAll(io.LimitReader(res.Body, most))
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		var failure struct{ Code, Message string }
		if json.Unmarshal(text, &failure) != nil || failure.Message == "" {
			failure.Message = res.Status
		}
		if id := res.Header.Get("X-Amzn-Requestid"); id != "" {
			failure.Message += "\n(request id " + plain(id) + ")"
		}
		return fmt.Errorf("the server answered: %s", plainLines(failure.Message))
	}
	return json.Unmarshal(text, out)
}

// prove adds the operator's token or a signature.
func (f *askerFlags) prove(ctx context.Context, req *http.Request, body []byte) error {
	if !f.Signed {
		token, err := f.token()
		if err == nil {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithDefaultRegion("us-east-1"))
	if err != nil {
		return err
	}
	credentials, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("--signed needs AWS credentials: %w", err)
	}
	sum := sha256.Sum256(body)
	return v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), operator.SigningName, cfg.Region, time.Now())
}

type resourceRegisterCmd struct {
	askerFlags

	ARN     string            `arg:"" help:"The resource's ARN." placeholder:"ARN"`
	Account string            `name:"account-id" help:"The account that owns it, if its ARN does not say (S3 buckets)." placeholder:"ID"`
	Type    string            `help:"Its type, for resources that are not known." placeholder:"TYPE"`
	Policy  string            `help:"File with its resource-based policy; - is standard input." placeholder:"FILE"`
	Tags    map[string]string `help:"Its tags." placeholder:"KEY=VALUE;…"`
}

// Run registers the resource.
func (c *resourceRegisterCmd) Run(ctx context.Context, k *kong.Context) error {
	in := operator.Resource{ARN: c.ARN, Account: c.Account, Type: c.Type, Tags: c.Tags}
	if c.Policy != "" {
		text, err := readInput(c.Policy)
		if err != nil {
			return err
		}
		// As a text, so that it is kept as it is written.
		if in.Policy, err = json.Marshal(string(text)); err != nil {
			return err
		}
	}
	var out operator.ResourceChanges
	if err := c.call(ctx, http.MethodPut, "resource", nil, in, &out); err != nil {
		return err
	}
	return writeChanges(k.Stdout, &out)
}

type resourceRemoveCmd struct {
	askerFlags

	ARN string `arg:"" help:"The resource's ARN." placeholder:"ARN"`
}

// Run removes the registration.
func (c *resourceRemoveCmd) Run(ctx context.Context, k *kong.Context) error {
	var out operator.ResourceChanges
	if err := c.call(ctx, http.MethodDelete, "resource", url.Values{"arn": {c.ARN}}, nil, &out); err != nil {
		return err
	}
	return writeChanges(k.Stdout, &out)
}

type resourceShowCmd struct {
	askerFlags

	ARN string `arg:"" help:"The resource's ARN." placeholder:"ARN"`
}

// Run prints the resource as JSON.
func (c *resourceShowCmd) Run(ctx context.Context, k *kong.Context) error {
	var out operator.Resource
	if err := c.call(ctx, http.MethodGet, "resource", url.Values{"arn": {c.ARN}}, nil, &out); err != nil {
		return err
	}
	return writeIndented(k.Stdout, out)
}

type resourceListCmd struct {
	askerFlags

	Account string `name:"account-id" help:"Only those of this account." placeholder:"ID"`
	Output  string `short:"o" help:"Form of the answer: ${enum}; json is a file for apply." enum:"text,json" default:"text" placeholder:"FORM"`
}

// Run prints one line for each resource (account, type, ARN), or a file for apply.
func (c *resourceListCmd) Run(ctx context.Context, k *kong.Context) error {
	file := operator.ResourceFile{Version: operator.FileVersion, Resources: []operator.Resource{}}
	query := url.Values{"limit": {"1000"}}
	if c.Account != "" {
		query.Set("account", c.Account)
	}
	for {
		var page operator.ResourceList
		if err := c.call(ctx, http.MethodGet, "resources", query, nil, &page); err != nil {
			return err
		}
		for _, r := range page.Resources {
			r.CreatedAt, r.UpdatedAt = nil, nil
			file.Resources = append(file.Resources, r)
		}
		if page.Next == "" {
			break
		}
		query.Set("after", page.Next)
	}
	if c.Output == "json" {
		return writeIndented(k.Stdout, file)
	}
	for _, r := range file.Resources {
		if _, err := fmt.Fprintf(k.Stdout, "%s\t%s\t%s\n", r.Account, plain(r.Type), plain(r.ARN)); err != nil {
			return err
		}
	}
	return nil
}

type resourceApplyCmd struct {
	askerFlags

	File   string `short:"f" help:"The file; - is standard input." required:"" placeholder:"FILE"`
	DryRun bool   `help:"Change nothing: tell what would change."`
	Prune  bool   `help:"Remove what is registered in the accounts of the file and does not stand in it."`
}

// Help says more than one line.
func (*resourceApplyCmd) Help() string {
	return "The file (JSON or YAML; docs/resources.md has all of it):\n\n" +
		"  version: 1\n  resources:\n  - arn: arn:aws:s3:::pied-piper-models\n    account: \"111122223333\"\n" +
		"    policy: {Version: \"2012-10-17\", Statement: [{Effect: Allow, Principal: {AWS: …}, Action: s3:GetObject, Resource: …}]}\n" +
		"    tags: {team: compression}"
}

// Run applies the file.
func (c *resourceApplyCmd) Run(ctx context.Context, k *kong.Context) error {
	text, err := readInput(c.File)
	if err != nil {
		return err
	}
	raw, err := jsonOfFile(text)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	var file operator.ResourceFile
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	file.DryRun, file.Prune = c.DryRun || file.DryRun, c.Prune || file.Prune
	var out operator.ResourceChanges
	if err := c.call(ctx, http.MethodPost, "resources/apply", nil, file, &out); err != nil {
		return err
	}
	return writeChanges(k.Stdout, &out)
}

func readInput(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}

// writeChanges tells what became of each resource, and at the end in numbers.
func writeChanges(w io.Writer, out *operator.ResourceChanges) error {
	var b strings.Builder
	count := map[string]int{}
	for _, c := range out.Changes {
		count[c.Way]++
		if c.Way == "keep" {
			continue
		}
		fmt.Fprintf(&b, "%s %s (%s of account %s)%s\n", c.Way, plain(c.ARN), plain(c.Type), c.Account, changed(&c))
		for _, f := range c.Warnings {
			fmt.Fprintf(&b, "  %s at %s: %s (%s)\n", strings.ToLower(f.Type), f.Pos, plain(f.Message), f.Code)
		}
	}
	verb := ""
	if out.DryRun {
		verb = "to be "
	}
	fmt.Fprintf(&b, "%d %screated, %d %supdated, %d %sremoved, %d as they are\n",
		count["create"], verb, count["update"], verb, count["remove"], verb, count["keep"])
	_, err := io.WriteString(w, b.String())
	return err
}

func changed(c *operator.ResourceChange) string {
	switch {
	case c.Way != "update":
		return ""
	case c.Policy && c.Tags:
		return ": policy and tags"
	case c.Policy:
		return ": policy"
	case c.Tags:
		return ": tags"
	default:
		return ": type"
	}
}
