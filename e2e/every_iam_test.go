package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	api "github.com/bailiwick/bailiwick/smithy"
)

// everyIAM are the scenes that call all of IAM. Each belongs to one kind of thing: it makes
// some, reads back what it put in, changes it, walks the lists page by page and takes it away.
var everyIAM = []struct {
	name  string
	scene func(t *testing.T, x *everything)
}{
	{"users", everyUser},
	{"groups", everyGroup},
	{"access keys", everyAccessKey},
	{"passwords", everyPassword},
	{"second factors", everyMFADevice},
	{"SSH keys", everySSHKey},
	{"signing certificates", everySigningCertificate},
	{"service-specific credentials", everyServiceCredential},
	{"roles", everyRole},
	{"policies", everyPolicy},
	{"attachments", everyAttachment},
	{"inline policies", everyInlinePolicy},
	{"instance profiles", everyInstanceProfile},
	{"service-linked roles", everyServiceLinkedRole},
	{"server certificates", everyServerCertificate},
	{"OpenID Connect providers", everyOIDCProvider},
	{"SAML providers", everySAMLProvider},
	{"the account", everyAccountSetting},
	{"reports", everyReport},
	{"last access", everyLastAccess},
	{"simulations", everySimulation},
	{"centralized root access", everyRootAccess},
	{"outbound federation", everyOutboundFederation},
	{"delegation", everyDelegation},
	{"role templates", everyRoleTemplate},
	{"refusals", everyIAMRefusal},
	{"what is there already, or protected", everyIAMWrong},
	{"invalid input", everyIAMInvalid},
	{"quotas", everyIAMQuota},
	{"all violations at once", everyIAMViolation},
	{"bad markers", everyIAMMarker},
}

// everything is where the scenes play: one account, its administrator, its root user.
type everything struct {
	*world
	c *iam.Client
}

// TestEveryIAMOperation calls every operation that the SDK's client of IAM has, and provokes
// every error that the model gives it or says why that cannot be.
func TestEveryIAMOperation(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		calls := s.ledger()
		w := organize(t, s)
		x := &everything{world: w, c: w.admin.iam()}
		for _, scene := range everyIAM {
			if !t.Run(scene.name, func(t *testing.T) { scene.scene(t, x) }) {
				t.Errorf("%s: failed", scene.name)
			}
		}
		if t.Failed() {
			return
		}
		calls.complete(t, "iam", methods(x.c))
		calls.allErrors(t, iamapi.Describe(), notInIAM)
	})
}

// ledger is what the calls of a server's clients came to.
type ledger struct {
	mu sync.Mutex
	// answered are the operations that succeeded, failed the modeled errors; both by
	// "iam.CreateUser".
	answered map[string]bool
	failed   map[string]map[string]bool
}

// ledger begins to note the calls of all clients that are made from now on.
func (s *server) ledger() *ledger {
	l := &ledger{answered: map[string]bool{}, failed: map[string]map[string]bool{}}
	s.watch = append(s.watch, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("ledger", l.note), middleware.After)
	})
	return l
}

func (l *ledger) note(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleInitialize(ctx, in)
	name := strings.ToLower(awsmiddleware.GetServiceID(ctx)) + "." + awsmiddleware.GetOperationName(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	var modeled smithy.APIError
	switch {
	case err == nil:
		l.answered[name] = true
	case errors.As(err, &modeled):
		if l.failed[name] == nil {
			l.failed[name] = map[string]bool{}
		}
		l.failed[name][reflect.TypeOf(modeled).Elem().Name()] = true
	}
	return out, metadata, err
}

// methods are the operations of an SDK client.
func methods(client any) (names []string) {
	of := reflect.TypeOf(client)
	for m := range of.Methods() {
		if m.Type.NumIn() == 4 && m.Type.NumOut() == 2 { // receiver, context, input, options
			names = append(names, m.Name)
		}
	}
	return names
}

// complete expects that each operation succeeded at least once.
func (l *ledger) complete(t *testing.T, service string, operations []string) {
	t.Helper()
	for _, name := range operations {
		if !l.answered[service+"."+name] {
			t.Errorf("no scene has an answer of %s", name)
		}
	}
}

// impossible says of modeled errors why nothing can provoke them here.
type impossible struct {
	// operations and failures are lists of names; "*" and "Delete*" are patterns.
	operations, failures, because string
}

func (i impossible) covers(operation, failure string) bool {
	return matchesAny(i.operations, operation) && matchesAny(i.failures, failure)
}

func matchesAny(patterns, name string) bool {
	for pattern := range strings.FieldsSeq(patterns) {
		if prefix, ok := strings.CutSuffix(pattern, "*"); ok && strings.HasPrefix(name, prefix) || pattern == name {
			return true
		}
	}
	return false
}

// allErrors expects that each modeled error was seen, or is known not to be possible, but not
// both.
func (l *ledger) allErrors(t *testing.T, service *api.Service, not []impossible) {
	t.Helper()
	used := map[string]bool{}
	for _, operation := range service.Operations {
		for _, failure := range operation.Errors {
			seen := l.failed[service.ID+"."+operation.Name][failure.Name]
			var reason string
			for _, i := range not {
				if i.covers(operation.Name, failure.Name) {
					reason = i.because
					used[fmt.Sprint(i)] = true
					break
				}
			}
			switch {
			case seen && reason != "":
				t.Errorf("%s answers %s, which is said to be impossible: %s", operation.Name, failure.Name, reason)
			case !seen && reason == "":
				t.Errorf("no scene provokes %s of %s", failure.Name, operation.Name)
			}
		}
	}
	for _, i := range not {
		if !used[fmt.Sprint(i)] {
			t.Errorf("the model has nothing of: %s of %s", i.failures, i.operations)
		}
	}
}

// ask makes the call that in is the input of.
func ask(client, in any) (any, error) {
	method := reflect.ValueOf(client).MethodByName(strings.TrimSuffix(reflect.TypeOf(in).Elem().Name(), "Input"))
	out := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), reflect.ValueOf(in)})
	err, _ := out[1].Interface().(error)
	return out[0].Interface(), err
}

// fetch makes a call that must succeed and returns its answer.
func fetch[O any](t testing.TB, client, in any) *O {
	t.Helper()
	out, err := ask(client, in)
	if err != nil {
		t.Fatal(err)
	}
	return out.(*O)
}

// do makes calls that must succeed.
func do(t testing.TB, client any, inputs ...any) {
	t.Helper()
	for _, in := range inputs {
		if _, err := ask(client, in); err != nil {
			t.Fatal(err)
		}
	}
}

// refusal is a call that must fail with a code and, unless it is empty, a message.
type refusal struct {
	in            any
	code, message string
}

func (r refusal) check(t testing.TB, client any) {
	t.Helper()
	_, err := ask(client, r.in)
	name := strings.TrimSuffix(reflect.TypeOf(r.in).Elem().Name(), "Input")
	var got smithy.APIError
	switch {
	case err == nil:
		t.Errorf("%s succeeded; want %s: %s", name, r.code, r.message)
	case !errors.As(err, &got):
		t.Errorf("%s: %v; want %s", name, err, r.code)
	case got.ErrorCode() != r.code || r.message != "" && got.ErrorMessage() != r.message:
		t.Errorf("%s\ngot  %s: %s\nwant %s: %s", name, got.ErrorCode(), got.ErrorMessage(), r.code, r.message)
	}
}

// same compares what is read with what was put in.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, jsonText(got), jsonText(want))
	}
}

// walk lists page by page, one item each, and compares with the list in one piece. The input
// and output have the members MaxItems, Marker and IsTruncated; items is the member of the
// output. It returns how many items there are.
func walk(t testing.TB, client, in any, items string) int {
	t.Helper()
	whole, err := ask(client, in)
	must(t, err)
	want := reflect.ValueOf(whole).Elem().FieldByName(items)
	again, err := ask(client, in)
	must(t, err)
	same(t, items+" read again", reflect.ValueOf(again).Elem().FieldByName(items).Interface(), want.Interface())
	got := reflect.MakeSlice(want.Type(), 0, want.Len())
	page := reflect.ValueOf(in).Elem()
	page.FieldByName("MaxItems").Set(reflect.ValueOf(new(int32(1))))
	for {
		out, err := ask(client, in)
		must(t, err)
		o := reflect.ValueOf(out).Elem()
		if o.FieldByName(items).Len() > 1 {
			t.Fatalf("a page of %d %s", o.FieldByName(items).Len(), items)
		}
		got = reflect.AppendSlice(got, o.FieldByName(items))
		if !o.FieldByName("IsTruncated").Bool() {
			if !o.FieldByName("Marker").IsNil() {
				t.Errorf("the last page of %s has a marker", items)
			}
			break
		}
		if got.Len() > want.Len() {
			t.Fatalf("more than %d %s", want.Len(), items)
		}
		page.FieldByName("Marker").Set(o.FieldByName("Marker"))
	}
	same(t, items+" page by page", got.Interface(), want.Interface())
	return want.Len()
}

// tagsOf are tags of IAM in the order that they are given: "key=value".
func tagsOf(pairs ...string) []iamtypes.Tag {
	var list []iamtypes.Tag
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		list = append(list, iamtypes.Tag{Key: &key, Value: &value})
	}
	return list
}

// namesOf reads one member of each item of a list.
func namesOf[T any](list []T, member func(T) *string) []string {
	names := []string{}
	for _, item := range list {
		names = append(names, *member(item))
	}
	return names
}

// boundaryOf is how an identity shows its permissions boundary. The type is that of the API
// Reference's text and of what AWS sends, not of the model's list of values.
func boundaryOf(arn string) *iamtypes.AttachedPermissionsBoundary {
	return &iamtypes.AttachedPermissionsBoundary{PermissionsBoundaryArn: &arn, PermissionsBoundaryType: "Policy"}
}

// sortedKeys are the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

const (
	adminPolicy    = "arn:aws:iam::aws:policy/AdministratorAccess"
	readOnlyPolicy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
)
