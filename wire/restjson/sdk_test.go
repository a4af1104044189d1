package restjson_test

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
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/restjson"
)

// server stands behind a client: it routes and decodes the request as package wire does,
// and gives an answer.
type server struct {
	t      *testing.T
	svc    *smithy.Service
	in     smithy.Shape
	answer func(op *smithy.Operation) (status int, header http.Header, body []byte)
}

func (s *server) Do(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	op, labels, found := restjson.NewRouter(s.svc).Match(r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
	if !found {
		s.t.Fatalf("no operation for %s %s", r.Method, r.URL)
	}
	s.in = op.NewInput()
	if err := restjson.Decode(op, labels, r.URL.RawQuery, r.Header, body, s.in); err != nil {
		s.t.Fatalf("%s: %v", op.Name, err)
	}
	status, header, answer := s.answer(op)
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(string(answer)))}, nil
}

func accountClient(s *server) *account.Client {
	s.svc = &accountapi.Description
	return account.New(account.Options{Region: "us-east-1", HTTPClient: s, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{}})
}

func answers(out smithy.Shape) func(*smithy.Operation) (int, http.Header, []byte) {
	return func(op *smithy.Operation) (int, http.Header, []byte) { return restjson.Encode(op, out) }
}

func TestClientGetContactInformation(t *testing.T) {
	s := &server{t: t, answer: answers(&accountapi.GetContactInformationOutput{ContactInformation: &accountapi.ContactInformation{
		FullName: smithy.Ptr("Zoë \"Z\""), City: smithy.Ptr("Köln"),
	}})}
	out, err := accountClient(s).GetContactInformation(context.Background(), &account.GetContactInformationInput{AccountId: aws.String("111122223333")})
	if err != nil {
		t.Fatal(err)
	}
	if want := (&accountapi.GetContactInformationInput{AccountId: smithy.Ptr("111122223333")}); !reflect.DeepEqual(s.in, want) {
		t.Errorf("decoded %+v", s.in)
	}
	if c := out.ContactInformation; *c.FullName != "Zoë \"Z\"" || *c.City != "Köln" || c.CompanyName != nil {
		t.Errorf("the client read %+v", c)
	}
}

func TestClientPutAlternateContact(t *testing.T) {
	s := &server{t: t, answer: answers(nil)}
	_, err := accountClient(s).PutAlternateContact(context.Background(), &account.PutAlternateContactInput{
		AlternateContactType: types.AlternateContactTypeBilling, EmailAddress: aws.String("a@example.com"),
		Name: aws.String("A"), PhoneNumber: aws.String("+1 5"), Title: aws.String("T"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &accountapi.PutAlternateContactInput{
		AlternateContactType: smithy.Ptr("BILLING"), EmailAddress: smithy.Ptr("a@example.com"),
		Name: smithy.Ptr("A"), PhoneNumber: smithy.Ptr("+1 5"), Title: smithy.Ptr("T"),
	}
	if !reflect.DeepEqual(s.in, want) {
		t.Errorf("decoded %+v", s.in)
	}
}

func TestClientListRegions(t *testing.T) {
	s := &server{t: t, answer: answers(&accountapi.ListRegionsOutput{
		Regions: []accountapi.Region{{RegionName: smithy.Ptr("eu-west-1"), RegionOptStatus: smithy.Ptr("ENABLED_BY_DEFAULT")}}, NextToken: smithy.Ptr("n"),
	})}
	out, err := accountClient(s).ListRegions(context.Background(), &account.ListRegionsInput{
		MaxResults: aws.Int32(5), RegionOptStatusContains: []types.RegionOptStatus{types.RegionOptStatusEnabled},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := (&accountapi.ListRegionsInput{MaxResults: smithy.Ptr(int32(5)), RegionOptStatusContains: []string{"ENABLED"}}); !reflect.DeepEqual(s.in, want) {
		t.Errorf("decoded %+v", s.in)
	}
	if *out.NextToken != "n" || out.Regions[0].RegionOptStatus != types.RegionOptStatusEnabledByDefault {
		t.Errorf("the client read %+v", out)
	}
}

func TestClientError(t *testing.T) {
	s := &server{t: t, answer: func(*smithy.Operation) (int, http.Header, []byte) {
		header, body := restjson.EncodeError("ResourceNotFoundException", "", &accountapi.ResourceNotFoundException{Message: smithy.Ptr("no contact")})
		return 404, header, body
	}}
	_, err := accountClient(s).GetAlternateContact(context.Background(), &account.GetAlternateContactInput{AlternateContactType: types.AlternateContactTypeBilling})
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) || missing.ErrorMessage() != "no contact" {
		t.Errorf("the client read %v", err)
	}
}

// TestClientBindings uses the access portal's client, whose operations bind members to the
// query and to a header.
func TestClientBindings(t *testing.T) {
	input := smithytest.Structure("GetRoleCredentialsRequest",
		smithy.Member{Name: "roleName", Target: smithytest.String, Required: true, Binding: smithy.BindQuery, BindingName: "role_name"},
		smithy.Member{Name: "accountId", Target: smithytest.String, Required: true, Binding: smithy.BindQuery, BindingName: "account_id"},
		smithy.Member{Name: "accessToken", Target: smithytest.Secret, Required: true, Binding: smithy.BindHeader, BindingName: "x-amz-sso_bearer_token"},
	)
	output := smithytest.Structure("GetRoleCredentialsResponse", smithy.Member{Name: "roleCredentials", Target: smithytest.Structure("RoleCredentials",
		smithy.Member{Name: "accessKeyId", Target: smithytest.String}, smithy.Member{Name: "expiration", Target: smithytest.Long})})
	expires := time.Now().UnixMilli()
	s := &server{
		t: t,
		svc: &smithy.Service{Operations: []smithy.Operation{{
			Name: "GetRoleCredentials", Method: "GET", URI: "/federation/credentials", Status: 200, Input: input, Output: output,
			NewInput: func() smithy.Shape { return smithytest.New(input) },
		}}},
		answer: answers(&smithytest.Record{Of: output, Values: values{"roleCredentials": values{"accessKeyId": "ASIA", "expiration": expires}}}),
	}
	client := sso.New(sso.Options{Region: "us-east-1", HTTPClient: s, Retryer: aws.NopRetryer{}})
	out, err := client.GetRoleCredentials(context.Background(), &sso.GetRoleCredentialsInput{
		AccessToken: aws.String("tok/en=="), AccountId: aws.String("111122223333"), RoleName: aws.String("a b&c+d"),
	})
	if err != nil {
		t.Fatal(err)
	}
	got := s.in.(*smithytest.Record).Values
	if want := (values{"roleName": "a b&c+d", "accountId": "111122223333", "accessToken": "tok/en=="}); !reflect.DeepEqual(got, want) {
		t.Errorf("decoded %v", got)
	}
	if c := out.RoleCredentials; *c.AccessKeyId != "ASIA" || c.Expiration != expires {
		t.Errorf("the client read %+v", c)
	}
}
