package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/smithy-go"
)

// accountClient is the SDK's client with the operations that the SDK for Go does not have yet:
// those of the newest model, which the one for JavaScript has. They are signed by the SDK's
// signer.
type accountClient struct {
	*account.Client
	as
	calls *ledger
	book  *journal
}

// The inputs and outputs of the newer operations.
type (
	GetPrimaryEmailUpdateStatusInput struct {
		AccountId *string `json:",omitempty"`
	}
	GetPrimaryEmailUpdateStatusOutput struct {
		Status    accounttypes.PrimaryEmailUpdateStatus
		UpdatedAt any
	}
	// GetContactInformationInput is for the member of the answer that the SDK does not read.
	GetContactInformationInput struct {
		AccountId *string `json:",omitempty"`
	}
	SendPhoneNumberVerificationInput struct {
		AccountId *string `json:",omitempty"`
	}
	VerifyPhoneNumberInput struct {
		AccountId *string `json:",omitempty"`
		Otp       *string `json:",omitempty"`
	}
	phoneOutput struct{ Status string }
)

func (c accountClient) GetPrimaryEmailUpdateStatus(ctx context.Context, in *GetPrimaryEmailUpdateStatusInput) (*GetPrimaryEmailUpdateStatusOutput, error) {
	return newer[GetPrimaryEmailUpdateStatusOutput](ctx, c, in)
}

func (c accountClient) SendPhoneNumberVerification(ctx context.Context, in *SendPhoneNumberVerificationInput) (*phoneOutput, error) {
	return newer[phoneOutput](ctx, c, in)
}

func (c accountClient) VerifyPhoneNumber(ctx context.Context, in *VerifyPhoneNumberInput) (*phoneOutput, error) {
	return newer[phoneOutput](ctx, c, in)
}

// phoneStatus is how the telephone number of the primary contact stands.
func (c accountClient) phoneStatus(t testing.TB, id *string) string {
	t.Helper()
	out, err := newer[struct{ VerificationStatus string }](t.Context(), c, &GetContactInformationInput{AccountId: id})
	must(t, err)
	return out.VerificationStatus
}

// newer sends a request, and notes what came of it as the SDK's clients do.
func newer[O any](ctx context.Context, c accountClient, in any) (*O, error) {
	name := operationOf(in)
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	path := "/" + strings.ToLower(name[:1]) + name[1:]
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.s.endpoint+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	keys, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, keys, r, hex.EncodeToString(hash[:]), "account", c.Region, time.Now()); err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	out := new(O)
	call := noted{service: "account", operation: name, requestID: response.Header.Get("X-Amzn-Requestid")}
	if response.StatusCode == http.StatusOK {
		err = json.Unmarshal(text, out)
	} else {
		call.code = response.Header.Get("X-Amzn-Errortype")
		err = accountFailure(call.code, text)
	}
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	if key := "account." + name; err == nil {
		c.calls.answered[key] = true
	} else {
		if c.calls.failed[key] == nil {
			c.calls.failed[key] = map[string]bool{}
		}
		c.calls.failed[key][reflect.TypeOf(err).Elem().Name()] = true
	}
	c.book.mu.Lock()
	defer c.book.mu.Unlock()
	c.book.calls = append(c.book.calls, call)
	c.book.seen[codeOf(err)] = true
	return out, err
}

// accountFailure is the error of a code with its body.
func accountFailure(code string, text []byte) error {
	failures := map[string]error{
		"AccessDeniedException": &accounttypes.AccessDeniedException{}, "ConflictException": &accounttypes.ConflictException{},
		"InternalServerException": &accounttypes.InternalServerException{}, "ResourceNotFoundException": &accounttypes.ResourceNotFoundException{},
		"TooManyRequestsException": &accounttypes.TooManyRequestsException{}, "ValidationException": &accounttypes.ValidationException{},
	}
	failure, known := failures[code]
	if !known {
		return &smithy.GenericAPIError{Code: code, Message: string(text)}
	}
	if err := json.Unmarshal(text, failure); err != nil {
		return err
	}
	return failure
}
