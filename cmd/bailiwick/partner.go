package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"github.com/bailiwick/bailiwick/operator"
)

type partnerCmd struct {
	Register     registerPartnerCmd `cmd:"" help:"Let an account ask for temporary delegation, as AWS lets the accounts of product providers that it has taken on."`
	Template     partnerTemplateCmd `cmd:"" help:"Register a policy template of a product provider."`
	Boundary     partnerBoundaryCmd `cmd:"" help:"Register a permissions boundary of a product provider."`
	Messages     partnerMessagesCmd `cmd:"" help:"Show what AWS would have published to a product provider's topics: states of its delegation requests, and exchange tokens."`
	RoleTemplate roleTemplateCmd    `cmd:"" help:"Register a role template, as AWS services bring theirs."`
}

type registerPartnerCmd struct {
	operatorFlags

	ID     string `name:"account-id" help:"Id of the account." required:"" placeholder:"ID"`
	Domain string `help:"Domain of the product provider." required:"" placeholder:"DOMAIN"`
	Name   string `help:"Name of the product provider, for those whom it asks." required:"" placeholder:"NAME"`
}

// Run registers the account.
func (c *registerPartnerCmd) Run(ctx context.Context) error {
	in := operator.RegisterPartnerInput{AccountID: c.ID, Domain: c.Domain, Name: c.Name}
	if err := c.post(ctx, "partners", in, &in); err != nil {
		return err
	}
	fmt.Printf("Account %s is registered for %s.\n", in.AccountID, in.Domain)
	return nil
}

// partnerPolicyFlags are a document of a product provider.
type partnerPolicyFlags struct {
	operatorFlags

	Domain string `help:"Domain of the product provider." required:"" placeholder:"DOMAIN"`
	Name   string `help:"Name of the policy; it cannot be registered again." required:"" placeholder:"NAME"`
	File   string `arg:"" help:"File with the document." type:"existingfile"`
}

func (f *partnerPolicyFlags) register(ctx context.Context, kind string) error {
	text, err := os.ReadFile(f.File)
	if err != nil {
		return err
	}
	var out operator.RegisterPolicyOutput
	in := operator.RegisterPolicyInput{Name: f.Name, Document: string(text)}
	if err := f.post(ctx, "partners/"+url.PathEscape(f.Domain)+"/"+kind, in, &out); err != nil {
		return err
	}
	fmt.Println(out.ARN)
	return nil
}

type partnerTemplateCmd struct{ partnerPolicyFlags }

// Run registers the template and prints its ARN.
func (c *partnerTemplateCmd) Run(ctx context.Context) error { return c.register(ctx, "templates") }

type partnerBoundaryCmd struct{ partnerPolicyFlags }

// Run registers the boundary and prints its ARN.
func (c *partnerBoundaryCmd) Run(ctx context.Context) error { return c.register(ctx, "boundaries") }

type partnerMessagesCmd struct {
	operatorFlags

	ID string `name:"account-id" help:"Id of the product provider's account." required:"" placeholder:"ID"`
}

// Run prints each message as a line of JSON, in the form that IAM gives it.
func (c *partnerMessagesCmd) Run(ctx context.Context) error {
	token, err := c.token()
	if err != nil {
		return err
	}
	var out operator.PartnerMessagesOutput
	if err := callOperator(ctx, http.MethodGet, c.Endpoint, token, "partners/"+url.PathEscape(c.ID)+"/messages", nil, &out); err != nil {
		return err
	}
	for _, m := range out.Messages {
		line, err := json.Marshal(m)
		if err != nil {
			return err
		}
		fmt.Println(string(line))
	}
	return nil
}

type roleTemplateCmd struct {
	operatorFlags

	File string `arg:"" help:"File with the template and one of its versions as JSON; docs/delegation.md has an example." type:"existingfile"`
}

// Run registers the role template and prints its ARN.
func (c *roleTemplateCmd) Run(ctx context.Context) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	var out operator.RegisterPolicyOutput
	if err := c.post(ctx, "role-templates", json.RawMessage(text), &out); err != nil {
		return err
	}
	fmt.Println(out.ARN)
	return nil
}

// post sends a body to the operator's API.
func (c *operatorFlags) post(ctx context.Context, path string, in, out any) error {
	token, err := c.token()
	if err != nil {
		return err
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return callOperator(ctx, http.MethodPost, c.Endpoint, token, path, body, out)
}
