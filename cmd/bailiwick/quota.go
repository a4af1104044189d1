package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"text/tabwriter"
	"time"

	"github.com/bailiwick/bailiwick/operator"
)

// quotaCmd does what AWS does with a request to increase a quota.
type quotaCmd struct {
	List  listQuotasCmd `cmd:"" help:"Show the quotas of an organization that can be raised."`
	Set   setQuotaCmd   `cmd:"" help:"Give an organization another value of a quota, as AWS does when it grants an increase."`
	Reset resetQuotaCmd `cmd:"" help:"Give an organization the default of a quota again."`
}

// quotaFlags name the organization besides the server.
type quotaFlags struct {
	operatorFlags

	Organization string `help:"Id of the organization, or of its management account." required:"" placeholder:"ID"`
}

// call calls the operator's API below the organization and prints the quotas that it answers
// with.
func (c *quotaFlags) call(ctx context.Context, method, path string, body []byte) error {
	token, err := c.token()
	if err != nil {
		return err
	}
	var out operator.QuotasOutput
	path = "organizations/" + url.PathEscape(c.Organization) + "/quotas" + path
	if err := callOperator(ctx, method, c.Endpoint, token, path, body, &out); err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "QUOTA\tVALUE\tDEFAULT\tRAISED")
	for _, q := range out.Quotas {
		raised := "-"
		if q.RaisedAt != nil {
			raised = q.RaisedAt.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", q.Name, q.Value, q.Default, raised)
	}
	return w.Flush()
}

type listQuotasCmd struct{ quotaFlags }

// Run prints the quotas of an organization.
func (c *listQuotasCmd) Run(ctx context.Context) error {
	return c.call(ctx, http.MethodGet, "", nil)
}

type setQuotaCmd struct {
	quotaFlags

	Quota string `arg:"" help:"Name of the quota, as list shows it."`
	Value int    `arg:"" help:"Its new value."`
}

// Run sets a quota and prints all of them.
func (c *setQuotaCmd) Run(ctx context.Context) error {
	body, err := json.Marshal(operator.SetQuotaInput{Value: &c.Value})
	if err != nil {
		return err
	}
	return c.call(ctx, http.MethodPut, "/"+url.PathEscape(c.Quota), body)
}

type resetQuotaCmd struct {
	quotaFlags

	Quota string `arg:"" help:"Name of the quota, as list shows it."`
}

// Run resets a quota and prints all of them.
func (c *resetQuotaCmd) Run(ctx context.Context) error {
	return c.call(ctx, http.MethodDelete, "/"+url.PathEscape(c.Quota), nil)
}
