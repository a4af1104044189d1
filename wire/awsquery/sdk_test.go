package awsquery_test

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
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	iamapi "github.com/bailiwick/bailiwick/api/iam"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsquery"
)

// exchange stands in for a server: it keeps the body of the request and gives an answer.
type exchange struct {
	request string
	status  int
	answer  []byte
}

func (x *exchange) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	x.request = string(body)
	return &http.Response{
		StatusCode: x.status,
		Header:     http.Header{"Content-Type": {"text/xml"}},
		Body:       io.NopCloser(strings.NewReader(string(x.answer))),
	}, nil
}

func iamClient(x *exchange) *iam.Client {
	return iam.New(iam.Options{Region: "us-east-1", HTTPClient: x, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{}})
}

func stsClient(x *exchange) *sts.Client {
	return sts.New(sts.Options{Region: "us-east-1", HTTPClient: x, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{}})
}

func answer(svc *smithy.Service, operation string, out smithy.Shape) []byte {
	return awsquery.AppendResponse(nil, svc, svc.Operation(operation), out, "11112222-3333")
}

// decoded decodes the request that the exchange has seen and compares it with want.
func decoded(t *testing.T, x *exchange, action string, in, want smithy.Shape) {
	t.Helper()
	pairs, err := awsquery.ParseForm(x.request)
	if err != nil {
		t.Fatalf("%s: %v", x.request, err)
	}
	if got, version := awsquery.Action(pairs); got != action || version == "" {
		t.Errorf("action %q, version %q", got, version)
	}
	if err := awsquery.Decode(pairs, in); err != nil {
		t.Fatalf("%s: %v", x.request, err)
	}
	if !reflect.DeepEqual(in, want) {
		t.Errorf("decoded %q from %s", writeForm(in), x.request)
	}
}

func TestClientAssumeRole(t *testing.T) {
	expires := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	x := &exchange{status: 200, answer: answer(&stsapi.Description, "AssumeRole", &stsapi.AssumeRoleOutput{
		AssumedRoleUser:  &stsapi.AssumedRoleUser{Arn: smithy.Ptr("arn:aws:sts::111122223333:assumed-role/r/s"), AssumedRoleId: smithy.Ptr("AROAEXAMPLE:s")},
		Credentials:      &stsapi.Credentials{AccessKeyId: smithy.Ptr("ASIAEXAMPLE"), SecretAccessKey: smithy.Ptr("a/b+c&<d>"), SessionToken: smithy.Ptr("token=="), Expiration: &expires},
		PackedPolicySize: smithy.Ptr(int32(6)),
	})}
	out, err := stsClient(x).AssumeRole(context.Background(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::111122223333:role/r"), RoleSessionName: aws.String("s"), DurationSeconds: aws.Int32(900),
		Policy:            aws.String("{\"Version\": \"2012-10-17\",\n \"Statement\":[]}"),
		PolicyArns:        []ststypes.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")}},
		Tags:              []ststypes.Tag{{Key: aws.String("team"), Value: aws.String("größe & co")}, {Key: aws.String("empty"), Value: aws.String("")}},
		TransitiveTagKeys: []string{"team"},
	})
	if err != nil {
		t.Fatal(err)
	}
	decoded(t, x, "AssumeRole", &stsapi.AssumeRoleInput{}, &stsapi.AssumeRoleInput{
		RoleArn: smithy.Ptr("arn:aws:iam::111122223333:role/r"), RoleSessionName: smithy.Ptr("s"), DurationSeconds: smithy.Ptr(int32(900)),
		Policy:            smithy.Ptr("{\"Version\": \"2012-10-17\",\n \"Statement\":[]}"),
		PolicyArns:        []stsapi.PolicyDescriptorType{{Arn: smithy.Ptr("arn:aws:iam::aws:policy/ReadOnlyAccess")}},
		Tags:              []stsapi.Tag{{Key: smithy.Ptr("team"), Value: smithy.Ptr("größe & co")}, {Key: smithy.Ptr("empty"), Value: smithy.Ptr("")}},
		TransitiveTagKeys: []string{"team"},
	})
	//lint:ignore SA1019 older clients read it
	if c := out.Credentials; *c.SecretAccessKey != "a/b+c&<d>" || !c.Expiration.Equal(expires) || *out.PackedPolicySize != 6 {
		t.Errorf("the client read %+v", c)
	}
}

func TestClientCreateUserAndListUsers(t *testing.T) {
	created := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	user := iamapi.User{
		Arn: smithy.Ptr("arn:aws:iam::111122223333:user/a/bob"), Path: smithy.Ptr("/a/"), UserId: smithy.Ptr("AIDAEXAMPLE"),
		UserName: smithy.Ptr("bob"), CreateDate: &created, Tags: []iamapi.Tag{{Key: smithy.Ptr("k"), Value: smithy.Ptr("v\r\n")}},
	}
	x := &exchange{status: 200, answer: answer(&iamapi.Description, "CreateUser", &iamapi.CreateUserOutput{User: &user})}
	out, err := iamClient(x).CreateUser(context.Background(), &iam.CreateUserInput{
		UserName: aws.String("bob"), Path: aws.String("/a/"), Tags: []iamtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	decoded(t, x, "CreateUser", &iamapi.CreateUserInput{}, &iamapi.CreateUserInput{
		UserName: smithy.Ptr("bob"), Path: smithy.Ptr("/a/"), Tags: []iamapi.Tag{{Key: smithy.Ptr("k"), Value: smithy.Ptr("v")}},
	})
	if u := out.User; *u.UserName != "bob" || !u.CreateDate.Equal(created) || *u.Tags[0].Value != "v\r\n" {
		t.Errorf("the client read %+v", u)
	}

	x.answer = answer(&iamapi.Description, "ListUsers", &iamapi.ListUsersOutput{
		Users: []iamapi.User{user, user}, IsTruncated: smithy.Ptr(true), Marker: smithy.Ptr("m"),
	})
	list, err := iamClient(x).ListUsers(context.Background(), &iam.ListUsersInput{MaxItems: aws.Int32(2)})
	if err != nil {
		t.Fatal(err)
	}
	decoded(t, x, "ListUsers", &iamapi.ListUsersInput{}, &iamapi.ListUsersInput{MaxItems: smithy.Ptr(int32(2))})
	if len(list.Users) != 2 || !list.IsTruncated || *list.Marker != "m" {
		t.Errorf("the client read %+v", list)
	}
}

func TestClientMapsBlobsAndNoOutput(t *testing.T) {
	x := &exchange{status: 200, answer: answer(&iamapi.Description, "GetAccountSummary", &iamapi.GetAccountSummaryOutput{
		SummaryMap: map[string]int32{"Users": 27, "AccountMFAEnabled": 0},
	})}
	summary, err := iamClient(x).GetAccountSummary(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if summary.SummaryMap["Users"] != 27 || len(summary.SummaryMap) != 2 {
		t.Errorf("the client read %v", summary.SummaryMap)
	}

	x.answer = answer(&iamapi.Description, "GetCredentialReport", &iamapi.GetCredentialReportOutput{Content: []byte("user,arn\n")})
	report, err := iamClient(x).GetCredentialReport(context.Background(), nil)
	if err != nil || string(report.Content) != "user,arn\n" {
		t.Errorf("the client read %+v, %v", report, err)
	}

	x.answer = answer(&iamapi.Description, "DeleteUser", nil)
	if _, err := iamClient(x).DeleteUser(context.Background(), &iam.DeleteUserInput{UserName: aws.String("bob")}); err != nil {
		t.Error(err)
	}
	if strings.Contains(string(x.answer), "Result") {
		t.Errorf("an operation without output has a result: %s", x.answer)
	}
}

func TestClientEmptyList(t *testing.T) {
	x := &exchange{status: 200, answer: answer(&iamapi.Description, "TagUser", nil)}
	if _, err := iamClient(x).TagUser(context.Background(), &iam.TagUserInput{UserName: aws.String("bob"), Tags: []iamtypes.Tag{}}); err != nil {
		t.Fatal(err)
	}
	decoded(t, x, "TagUser", &iamapi.TagUserInput{}, &iamapi.TagUserInput{UserName: smithy.Ptr("bob"), Tags: []iamapi.Tag{}})
}

func TestClientErrors(t *testing.T) {
	modeled := &iamapi.NoSuchEntityException{Message: smithy.Ptr("The user with name bob cannot be found.")}
	x := &exchange{status: 404, answer: awsquery.AppendError(nil, &iamapi.Description, "NoSuchEntity", "", true, "1234", modeled)}
	_, err := iamClient(x).GetUser(context.Background(), &iam.GetUserInput{UserName: aws.String("bob")})
	var missing *iamtypes.NoSuchEntityException
	if !errors.As(err, &missing) || missing.ErrorMessage() != "The user with name bob cannot be found." || !strings.Contains(err.Error(), "1234") {
		t.Errorf("the client read %v", err)
	}

	x = &exchange{status: 403, answer: awsquery.AppendError(nil, &stsapi.Description, "AccessDenied", "not <allowed>", true, "1234", nil)}
	_, err = stsClient(x).GetCallerIdentity(context.Background(), nil)
	var generic interface {
		ErrorCode() string
		ErrorMessage() string
	}
	if !errors.As(err, &generic) || generic.ErrorCode() != "AccessDenied" || generic.ErrorMessage() != "not <allowed>" {
		t.Errorf("the client read %v", err)
	}
}
