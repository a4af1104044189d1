package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	accountapi "github.com/bailiwick/bailiwick/api/account"
	cloudtrailapi "github.com/bailiwick/bailiwick/api/cloudtrail"
	iamapi "github.com/bailiwick/bailiwick/api/iam"
	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/awsjson"
	"github.com/bailiwick/bailiwick/wire/awsquery"
	"github.com/bailiwick/bailiwick/wire/restjson"
)

// service is one service with its client, of whose operations at least some are known to
// both.
type service struct {
	svc    *smithy.Service
	client func(x *exchange) any
	least  int
}

var services = []service{
	{&accountapi.Description, func(x *exchange) any {
		return account.New(account.Options{Region: "us-east-1", HTTPClient: x, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{}})
	}, 12},
	{&cloudtrailapi.Description, func(x *exchange) any {
		return cloudtrail.New(cloudtrail.Options{Region: "us-east-1", HTTPClient: x, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{}})
	}, 49},
	{&iamapi.Description, func(x *exchange) any {
		return iam.New(iam.Options{Region: "us-east-1", HTTPClient: x, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{}})
	}, 159},
	{&organizationsapi.Description, func(x *exchange) any {
		return organizations.New(organizations.Options{Region: "us-east-1", HTTPClient: x, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{}})
	}, 55},
	{&stsapi.Description, func(x *exchange) any {
		return sts.New(sts.Options{Region: "us-east-1", HTTPClient: x, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{}})
	}, 8},
}

// exchange stands in for a server of one operation: it decodes the request as package wire
// does and gives an answer.
type exchange struct {
	svc  *smithy.Service
	op   *smithy.Operation
	in   smithy.Shape
	out  smithy.Shape
	fail smithy.ModeledError
}

func (x *exchange) Do(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	if err := x.decode(r, body); err != nil {
		return nil, fmt.Errorf("decode %q: %w", body, err)
	}
	status, header, answer := x.encode()
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(string(answer)))}, nil
}

// decode fills x.in, having found the operation in the message.
func (x *exchange) decode(r *http.Request, body []byte) error {
	x.in = x.op.NewInput()
	found := ""
	var err error
	switch x.svc.Protocol {
	case smithy.AWSQuery:
		var pairs []awsquery.Pair
		if pairs, err = awsquery.ParseForm(string(body)); err == nil {
			found, _ = awsquery.Action(pairs)
			err = awsquery.Decode(pairs, x.in)
		}
	case smithy.RESTJSON1:
		op, labels, ok := restjson.NewRouter(x.svc).Match(r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
		if ok {
			found = op.Name
			err = restjson.Decode(op, labels, r.URL.RawQuery, r.Header, body, x.in)
		}
	default:
		found = operationOf(r.Header.Get("X-Amz-Target"), x.svc)
		err = awsjson.Decode(body, x.in)
	}
	if err == nil && found != x.op.Name {
		err = fmt.Errorf("the message names operation %q instead of %q", found, x.op.Name)
	}
	return err
}

// operationOf takes the operation out of a target. Clients differ in what they put before
// the service's name ("com.amazonaws.cloudtrail.v20131101."), so only that name counts.
func operationOf(target string, svc *smithy.Service) string {
	prefix := svc.TargetPrefix[strings.LastIndexByte(svc.TargetPrefix, '.')+1:]
	dot := strings.LastIndexByte(target, '.')
	if dot < 0 || target[strings.LastIndexByte(target[:dot], '.')+1:dot] != prefix {
		return ""
	}
	return target[dot+1:]
}

// encode writes x.fail, or else x.out.
func (x *exchange) encode() (status int, header http.Header, body []byte) {
	var trait *smithy.ErrorTrait
	status = 200
	if x.fail != nil {
		trait = x.fail.Schema().Error
		status = trait.Status
	}
	header = http.Header{}
	switch x.svc.Protocol {
	case smithy.AWSQuery:
		if trait != nil {
			return status, header, awsquery.AppendError(nil, x.svc, trait.Code, "", !trait.Server, "id-1", x.fail)
		}
		return status, header, awsquery.AppendResponse(nil, x.svc, x.op, x.out, "id-1")
	case smithy.RESTJSON1:
		if trait != nil {
			header, body = restjson.EncodeError(trait.Code, "", x.fail)
			return status, header, body
		}
		return restjson.Encode(x.op, x.out)
	default:
		if trait != nil {
			return status, header, awsjson.AppendError(nil, trait.Code, "", x.fail)
		}
		return status, header, awsjson.Append(nil, x.out)
	}
}

// call calls the client's method for x.op with every member set, and reports false if the
// client has no such method.
func call(client any, x *exchange) (in, out reflect.Value, err error, known bool) {
	method := reflect.ValueOf(client).MethodByName(x.op.Name)
	if !method.IsValid() {
		return in, out, nil, false
	}
	in = reflect.New(method.Type().In(1).Elem())
	fill(in.Elem(), "", 0)
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	err, _ = results[1].Interface().(error)
	return in, results[0], err, true
}

// TestEveryOperation sends every member of every input by the client, and every member of
// every output to it.
func TestEveryOperation(t *testing.T) {
	for _, s := range services {
		t.Run(s.svc.ID, func(t *testing.T) {
			known := 0
			for i := range s.svc.Operations {
				x := &exchange{svc: s.svc, op: &s.svc.Operations[i]}
				if x.op.Output != nil {
					x.out = &smithytest.Record{Of: x.op.Output, Values: record(x.op.Output, "", 0)}
				}
				in, out, err, ok := call(s.client(x), x)
				if !ok {
					continue
				}
				known++
				if err != nil {
					t.Errorf("%s: %v", x.op.Name, err)
					continue
				}
				checkInput(t, x, in)
				checkOutput(t, x, out)
			}
			if known < s.least {
				t.Errorf("the client knows %d operations, at least %d were expected", known, s.least)
			}
		})
	}
}

func checkInput(t *testing.T, x *exchange, in reflect.Value) {
	t.Helper()
	sent, got := map[string]string{}, map[string]string{}
	flatten(in, "", sent)
	flatten(reflect.ValueOf(x.in), "", got)
	for path := range sent {
		if x.op.Input == nil || !knows(x.op.Input, path) {
			delete(sent, path)
		}
	}
	for _, line := range append(missing(got, sent), missing(sent, got)...) {
		t.Errorf("%s: input: %s", x.op.Name, line)
	}
}

func checkOutput(t *testing.T, x *exchange, out reflect.Value) {
	t.Helper()
	if x.out == nil {
		return
	}
	sent, got := map[string]string{}, map[string]string{}
	flatten(reflect.ValueOf(x.out.(*smithytest.Record).Values), "", sent)
	flatten(out, "", got)
	unknown := 0
	for path := range sent {
		if !has(out.Type(), path) {
			unknown++
			delete(sent, path)
		}
	}
	if unknown > 2 {
		t.Errorf("%s: output: %d values are unknown to the client", x.op.Name, unknown)
	}
	for _, line := range missing(got, sent) {
		t.Errorf("%s: output: %s", x.op.Name, line)
	}
}

// TestEveryError sends every modeled error, with every member set, to the client.
func TestEveryError(t *testing.T) {
	for _, s := range services {
		t.Run(s.svc.ID, func(t *testing.T) {
			done := map[string]bool{}
			for i := range s.svc.Operations {
				op := &s.svc.Operations[i]
				for _, schema := range op.Errors {
					if done[schema.Name] {
						continue
					}
					x := &exchange{svc: s.svc, op: op}
					x.fail = &smithytest.Record{Of: schema, Values: record(schema, "", 0)}
					_, _, err, ok := call(s.client(x), x)
					if !ok {
						continue
					}
					done[schema.Name] = true
					checkError(t, x, err)
				}
			}
			if len(done) < 5 {
				t.Errorf("only %d errors were sent", len(done))
			}
		})
	}
}

// apiError is what the client makes of any error that it has understood.
type apiError interface {
	error
	ErrorCode() string
	ErrorMessage() string
}

func checkError(t *testing.T, x *exchange, err error) {
	t.Helper()
	schema := x.fail.Schema()
	var api apiError
	if !errors.As(err, &api) || api.ErrorCode() != schema.Error.Code {
		t.Errorf("%s: %s: the client read %v", x.op.Name, schema.Name, err)
		return
	}
	for _, name := range []string{"message", "Message"} {
		if want, ok := x.fail.(*smithytest.Record).Values[name]; ok && api.ErrorMessage() != want {
			t.Errorf("%s: %s: the client read message %q", x.op.Name, schema.Name, api.ErrorMessage())
		}
	}
}
