package awsjson_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	cloudtrailapi "github.com/bailiwick/bailiwick/api/cloudtrail"
	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsjson"
)

// exchange stands in for a server: it keeps the body of the request and gives an answer.
type exchange struct {
	request []byte
	status  int
	answer  []byte
}

func (x *exchange) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	x.request = body
	return &http.Response{
		StatusCode: x.status,
		Header:     http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body:       io.NopCloser(strings.NewReader(string(x.answer))),
	}, nil
}

func organizationsClient(x *exchange) *organizations.Client {
	return organizations.New(organizations.Options{
		Region: "us-east-1", HTTPClient: x, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
	})
}

// decoded decodes the request that the exchange has seen and compares it with want.
func decoded(t *testing.T, x *exchange, in, want smithy.Shape) {
	t.Helper()
	if err := awsjson.Decode(x.request, in); err != nil {
		t.Fatalf("Decode(%s): %v", x.request, err)
	}
	if !reflect.DeepEqual(in, want) {
		t.Errorf("decoded %s from %s", awsjson.Append(nil, in), x.request)
	}
}

func TestClientCreateAccount(t *testing.T) {
	requested := time.UnixMilli(1612345678123).UTC()
	x := &exchange{status: 200, answer: awsjson.Append(nil, &organizationsapi.CreateAccountOutput{
		CreateAccountStatus: &organizationsapi.CreateAccountStatus{
			Id: smithy.Ptr("car-1"), State: smithy.Ptr("IN_PROGRESS"), AccountName: smithy.Ptr("Größe \"1\"\n<&>"), RequestedTimestamp: &requested,
		},
	})}
	out, err := organizationsClient(x).CreateAccount(context.Background(), &organizations.CreateAccountInput{
		AccountName: aws.String("Größe \"1\"\n<&>\u2028😀"), Email: aws.String("a@example.com"), IamUserAccessToBilling: types.IAMUserAccessToBillingDeny,
		Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("")}, {Key: aws.String("l"), Value: aws.String("v")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	decoded(t, x, &organizationsapi.CreateAccountInput{}, &organizationsapi.CreateAccountInput{
		AccountName: smithy.Ptr("Größe \"1\"\n<&>\u2028😀"), Email: smithy.Ptr("a@example.com"), IamUserAccessToBilling: smithy.Ptr("DENY"),
		Tags: []organizationsapi.Tag{{Key: smithy.Ptr("k"), Value: smithy.Ptr("")}, {Key: smithy.Ptr("l"), Value: smithy.Ptr("v")}},
	})
	status := out.CreateAccountStatus
	if *status.AccountName != "Größe \"1\"\n<&>" || !status.RequestedTimestamp.Equal(requested) || status.State != types.CreateAccountStateInProgress {
		t.Errorf("the client read %+v", status)
	}
}

func TestClientListAccounts(t *testing.T) {
	page := accountsPage()
	x := &exchange{status: 200, answer: awsjson.Append(nil, page)}
	out, err := organizationsClient(x).ListAccounts(context.Background(), &organizations.ListAccountsInput{
		MaxResults: aws.Int32(20), NextToken: aws.String("token"),
	})
	if err != nil {
		t.Fatal(err)
	}
	decoded(t, x, &organizationsapi.ListAccountsInput{}, &organizationsapi.ListAccountsInput{
		MaxResults: smithy.Ptr(int32(20)), NextToken: smithy.Ptr("token"),
	})
	if len(out.Accounts) != len(page.Accounts) || *out.NextToken != *page.NextToken {
		t.Fatalf("the client read %d accounts", len(out.Accounts))
	}
	for i, a := range out.Accounts {
		want := page.Accounts[i]
		if *a.Arn != *want.Arn || *a.Email != *want.Email || string(a.Status) != *want.Status || !a.JoinedTimestamp.Equal(*want.JoinedTimestamp) {
			t.Errorf("account %d: %+v", i, a)
		}
	}
}

func TestClientEmptyInput(t *testing.T) {
	x := &exchange{status: 200, answer: []byte(`{}`)}
	if _, err := organizationsClient(x).ListRoots(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	decoded(t, x, &organizationsapi.ListRootsInput{}, &organizationsapi.ListRootsInput{})
}

func TestClientErrors(t *testing.T) {
	modeled := &organizationsapi.ConstraintViolationException{
		Message: smithy.Ptr("too many"), Reason: smithy.Ptr("ACCOUNT_NUMBER_LIMIT_EXCEEDED"),
	}
	x := &exchange{status: 400, answer: awsjson.AppendError(nil, "ConstraintViolationException", "", modeled)}
	_, err := organizationsClient(x).ListRoots(context.Background(), nil)
	var violation *types.ConstraintViolationException
	if !errors.As(err, &violation) || violation.ErrorMessage() != "too many" || violation.Reason != types.ConstraintViolationExceptionReasonAccountNumberLimitExceeded {
		t.Errorf("the client read %v", err)
	}

	x.answer = awsjson.AppendError(nil, "ValidationException", "bad", nil)
	_, err = organizationsClient(x).ListRoots(context.Background(), nil)
	var generic interface{ ErrorCode() string }
	if !errors.As(err, &generic) || generic.ErrorCode() != "ValidationException" || !strings.Contains(err.Error(), "bad") {
		t.Errorf("the client read %v", err)
	}
}

func TestClientLookupEvents(t *testing.T) {
	start := time.UnixMilli(1763769000250).UTC()
	x := &exchange{status: 200, answer: awsjson.Append(nil, &cloudtrailapi.LookupEventsOutput{
		Events: []cloudtrailapi.Event{{EventId: smithy.Ptr("e"), EventTime: &start, CloudTrailEvent: smithy.Ptr(`{"a":"b\n"}`)}},
	})}
	client := cloudtrail.New(cloudtrail.Options{
		Region: "us-east-1", HTTPClient: x, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
	})
	out, err := client.LookupEvents(context.Background(), &cloudtrail.LookupEventsInput{
		StartTime: &start, MaxResults: aws.Int32(7),
		LookupAttributes: []cloudtrailtypes.LookupAttribute{{AttributeKey: cloudtrailtypes.LookupAttributeKeyEventName, AttributeValue: aws.String("AssumeRole")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	decoded(t, x, &cloudtrailapi.LookupEventsInput{}, &cloudtrailapi.LookupEventsInput{
		StartTime: &start, MaxResults: smithy.Ptr(int32(7)),
		LookupAttributes: []cloudtrailapi.LookupAttribute{{AttributeKey: smithy.Ptr("EventName"), AttributeValue: smithy.Ptr("AssumeRole")}},
	})
	if e := out.Events[0]; !e.EventTime.Equal(start) || *e.CloudTrailEvent != `{"a":"b\n"}` {
		t.Errorf("the client read %+v", e)
	}
}
