package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/operator"
)

type accountCmd struct {
	Create      createAccountCmd `cmd:"" help:"Open a standalone account, as a new customer of AWS does: it can be invited into an organization."`
	VerifyEmail verifyEmailCmd   `cmd:"" help:"Vouch for the e-mail address of an account's root user, which AWS verifies by mail."`
	Codes       codesCmd         `cmd:"" help:"Show the one-time codes that AWS would have sent to new e-mail addresses and telephone numbers of an account."`
}

// operatorFlags find the server and prove to be its operator.
type operatorFlags struct {
	Endpoint      string `help:"URL of the server." default:"http://127.0.0.1:4566" env:"AWS_ENDPOINT_URL" placeholder:"URL"`
	OperatorToken string `help:"The operator's token; default: the file operator-token in the data folder." env:"BAILIWICK_OPERATOR_TOKEN" placeholder:"TOKEN"`
	DataDir       string `help:"The server's data folder (default: ${datadir})." env:"BAILIWICK_DATA_DIR" placeholder:"DIR"`
}

type createAccountCmd struct {
	operatorFlags

	Name  string `help:"Name of the account." required:"" placeholder:"NAME"`
	Email string `help:"E-mail address of its root user." required:"" placeholder:"EMAIL"`
	ID    string `name:"account-id" help:"Its id (12 digits); default: random." placeholder:"ID"`

	EmailUnverified bool `help:"Leave the e-mail address to be verified: until then its organization cannot invite accounts."`
}

// Run opens the account and prints the access key of its root user in the form of a
// credentials file.
func (c *createAccountCmd) Run(ctx context.Context) error {
	token, err := c.token()
	if err != nil {
		return err
	}
	body, err := json.Marshal(operator.CreateAccountInput{Name: c.Name, Email: c.Email, AccountID: c.ID, EmailUnverified: c.EmailUnverified})
	if err != nil {
		return err
	}
	var out operator.CreateAccountOutput
	if err := callOperator(ctx, http.MethodPost, c.Endpoint, token, "accounts", body, &out); err != nil {
		return err
	}
	fmt.Printf("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n", out.AccountID, out.AccessKeyID, out.SecretAccessKey)
	return nil
}

type verifyEmailCmd struct {
	operatorFlags

	ID string `name:"account-id" help:"Id of the account." required:"" placeholder:"ID"`
}

// Run vouches for the e-mail address of an account's root user.
func (c *verifyEmailCmd) Run(ctx context.Context) error {
	token, err := c.token()
	if err != nil {
		return err
	}
	var out struct {
		AccountID string `json:"AccountId"`
	}
	if err := callOperator(ctx, http.MethodPost, c.Endpoint, token, "accounts/"+url.PathEscape(c.ID)+"/verify-email", nil, &out); err != nil {
		return err
	}
	fmt.Printf("The e-mail address of account %s is verified.\n", out.AccountID)
	return nil
}

type codesCmd struct {
	operatorFlags

	ID string `name:"account-id" help:"Id of the account." required:"" placeholder:"ID"`
}

// Run prints one line for each code that waits: kind, destination, code and when it expires.
func (c *codesCmd) Run(ctx context.Context) error {
	token, err := c.token()
	if err != nil {
		return err
	}
	var out operator.OneTimeCodesOutput
	if err := callOperator(ctx, http.MethodGet, c.Endpoint, token, "accounts/"+url.PathEscape(c.ID)+"/codes", nil, &out); err != nil {
		return err
	}
	for _, code := range out.Codes {
		// The destination is what a caller of the API has written.
		fmt.Printf("%s\t%q\t%s\t%s\n", code.Kind, code.Destination, code.Code, code.ExpiresAt.UTC().Format(time.RFC3339))
	}
	return nil
}

func (c *operatorFlags) token() (string, error) {
	if c.OperatorToken != "" {
		return c.OperatorToken, nil
	}
	dir := c.DataDir
	if dir == "" {
		dir = defaultDataDir()
	}
	text, err := os.ReadFile(filepath.Join(dir, "operator-token"))
	if err != nil {
		return "", fmt.Errorf("no --operator-token, and none in the data folder: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// callOperator calls the operator's API.
func callOperator(ctx context.Context, method, endpoint, token, path string, body []byte, out any) error {
	target := strings.TrimRight(endpoint, "/") + operator.Prefix + path
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		var failure struct{ Message string }
		if json.Unmarshal(text, &failure) != nil || failure.Message == "" {
			failure.Message = res.Status
		}
		return fmt.Errorf("the server answered: %s", failure.Message)
	}
	return json.Unmarshal(text, out)
}
