// Package api_test checks what holds for every generated package.
package api_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	accountapi "github.com/bailiwick/bailiwick/api/account"
	cloudtrailapi "github.com/bailiwick/bailiwick/api/cloudtrail"
	iamapi "github.com/bailiwick/bailiwick/api/iam"
	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	resourcegroupstaggingapi "github.com/bailiwick/bailiwick/api/resourcegroupstaggingapi"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/smithy"
)

// services are the generated packages, each with its empty implementation.
var services = []struct {
	handler smithy.Handler
	empty   any
}{
	{accountapi.Handler(accountapi.Unimplemented{}), accountapi.Unimplemented{}},
	{cloudtrailapi.Handler(cloudtrailapi.Unimplemented{}), cloudtrailapi.Unimplemented{}},
	{iamapi.Handler(iamapi.Unimplemented{}), iamapi.Unimplemented{}},
	{organizationsapi.Handler(organizationsapi.Unimplemented{}), organizationsapi.Unimplemented{}},
	{resourcegroupstaggingapi.Handler(resourcegroupstaggingapi.Unimplemented{}), resourcegroupstaggingapi.Unimplemented{}},
	{stsapi.Handler(stsapi.Unimplemented{}), stsapi.Unimplemented{}},
}

// eachOperation calls f as a subtest of every operation.
func eachOperation(t *testing.T, f func(t *testing.T, h smithy.Handler, op *smithy.Operation)) {
	for _, s := range services {
		t.Run(s.handler.Service.ID, func(t *testing.T) {
			for i := range s.handler.Service.Operations {
				op := &s.handler.Service.Operations[i]
				t.Run(op.Name, func(t *testing.T) { f(t, s.handler, op) })
			}
		})
	}
}

func TestOperationsAreSortedAndFound(t *testing.T) {
	for _, s := range services {
		d := s.handler.Service
		names := make([]string, len(d.Operations))
		for i, op := range d.Operations {
			names[i] = op.Name
			if op.Index != i {
				t.Errorf("%s: index of %s is %d, want %d", d.ID, op.Name, op.Index, i)
			}
			if got := d.Operation(op.Name); got != &d.Operations[i] {
				t.Errorf("%s: Operation(%q) = %v", d.ID, op.Name, got)
			}
		}
		if !slices.IsSorted(names) {
			t.Errorf("%s: operations are not sorted", d.ID)
		}
		if d.SigningName == "" || d.EndpointPrefix == "" || d.Name == "" || d.APIVersion == "" {
			t.Errorf("description of %s is not complete: %+v", d.ID, d)
		}
	}
}

func TestUnimplementedNamesItself(t *testing.T) {
	eachOperation(t, func(t *testing.T, h smithy.Handler, op *smithy.Operation) {
		out, err := h.Invoke(context.Background(), op, op.NewInput())
		var missing *smithy.NotImplementedError
		if !errors.As(err, &missing) || missing.Operation != op.Name || missing.Service != h.Service.ID {
			t.Errorf("Invoke = %v, %v", out, err)
		}
		if out != nil {
			t.Errorf("a failed call has the output %v", out)
		}
	})
}

func TestSchemasAreConsistent(t *testing.T) {
	eachOperation(t, func(t *testing.T, _ smithy.Handler, op *smithy.Operation) {
		if op.Input != nil && op.NewInput().Schema() != op.Input {
			t.Error("NewInput has another schema than Input")
		}
		seen := map[*smithy.Schema]bool{}
		for _, s := range append([]*smithy.Schema{op.Input, op.Output}, op.Errors...) {
			if s != nil {
				checkSchema(t, s, seen)
			}
		}
		for _, e := range op.Errors {
			if e.Error == nil || e.Error.Code == "" || e.Error.Status < 400 || e.Error.Server != (e.Error.Status >= 500) {
				t.Errorf("error %s has the trait %+v", e.Name, e.Error)
			}
		}
	})
}

func checkSchema(t *testing.T, s *smithy.Schema, seen map[*smithy.Schema]bool) {
	if seen[s] {
		return
	}
	seen[s] = true
	if (s.Element != nil) != (s.Kind == smithy.KindList || s.Kind == smithy.KindMap) || (s.Key != nil) != (s.Kind == smithy.KindMap) {
		t.Errorf("%s is of kind %d and has element %v, key %v", s.Name, s.Kind, s.Element, s.Key)
	}
	if s.Pattern != nil {
		if _, err := regexp.Compile(s.Pattern.Expr); err != nil || s.Pattern.Expr == "" {
			t.Errorf("pattern of %s: %q, %v", s.Name, s.Pattern.Expr, err)
		}
	}
	if s.HasMin && s.HasMax && s.Min > s.Max {
		t.Errorf("%s is at least %v and at most %v", s.Name, s.Min, s.Max)
	}
	for i := range s.Members {
		m := &s.Members[i]
		if m.Index != i || m.Target == nil || m.WireName == "" {
			t.Errorf("member %d of %s is %+v", i, s.Name, m)
			continue
		}
		checkSchema(t, m.Target, seen)
	}
	for _, m := range []*smithy.Member{s.Key, s.Element} {
		if m != nil {
			checkSchema(t, m.Target, seen)
		}
	}
}

// TestShapesRoundTrip fills every input and output through its Decode method and expects
// its Encode method to walk exactly what was filled in.
func TestShapesRoundTrip(t *testing.T) {
	for _, s := range services {
		for _, shape := range shapesOf(s.empty) {
			for _, entries := range []int{0, 1, 3} {
				v := reflect.New(shape).Interface().(smithy.Shape)
				var in source
				in.entries = entries
				if err := v.Decode(&in); err != nil {
					t.Fatalf("%s.%s: %v", s.handler.Service.ID, shape.Name(), err)
				}
				var out sink
				out.BeginStruct(nil)
				v.Encode(&out)
				out.EndStruct(nil)
				if !slices.Equal(in.log, out.log) {
					t.Errorf("%s.%s with lists of %d:\ndecoded %q\nencoded %q", s.handler.Service.ID, shape.Name(), entries, in.log, out.log)
				}
			}
		}
	}
}

func TestUnsetMembersAreNotWritten(t *testing.T) {
	for _, s := range services {
		for _, shape := range shapesOf(s.empty) {
			var out sink
			reflect.New(shape).Interface().(smithy.Shape).Encode(&out)
			if len(out.log) != 0 {
				t.Errorf("%s.%s: an empty shape writes %q", s.handler.Service.ID, shape.Name(), out.log)
			}
		}
	}
}

// shapesOf returns the input and output types of a service's methods.
func shapesOf(empty any) []reflect.Type {
	var out []reflect.Type
	typ := reflect.TypeOf(empty)
	for i := range typ.NumMethod() {
		m := typ.Method(i).Type
		out = append(out, m.In(2).Elem(), m.Out(0).Elem())
	}
	return out
}

func TestErrorsAreModeled(t *testing.T) {
	for _, test := range []struct {
		err    smithy.ModeledError
		code   string
		status int
		text   string
	}{
		{&iamapi.NoSuchEntityException{Message: smithy.Ptr("gone")}, "NoSuchEntity", 404, "NoSuchEntity: gone"},
		{&iamapi.ServiceFailureException{}, "ServiceFailure", 500, "ServiceFailure: "},
		{&stsapi.PackedPolicyTooLargeException{}, "PackedPolicyTooLarge", 400, "PackedPolicyTooLarge: "},
		{&organizationsapi.AWSOrganizationsNotInUseException{}, "AWSOrganizationsNotInUseException", 400, "AWSOrganizationsNotInUseException: "},
		{&organizationsapi.ServiceException{}, "ServiceException", 500, "ServiceException: "},
		{&cloudtrailapi.TrailNotFoundException{Message: smithy.Ptr("x")}, "TrailNotFoundException", 400, "TrailNotFoundException: x"},
		{&accountapi.ResourceNotFoundException{}, "ResourceNotFoundException", 404, "ResourceNotFoundException: "},
	} {
		trait := test.err.Schema().Error
		if trait.Code != test.code || trait.Status != test.status || test.err.Error() != test.text {
			t.Errorf("%T is %q with %d, %q", test.err, trait.Code, trait.Status, test.err.Error())
		}
	}
}

// TestPatternsRead pins how patterns are translated: the whole value must match, and
// characters given by number are understood.
func TestPatternsRead(t *testing.T) {
	for _, test := range []struct {
		schema *smithy.Schema
		member string
		value  string
		want   bool
	}{
		{(*iamapi.CreateAccountAliasInput).Schema(nil), "AccountAlias", "pied-piper", true},
		{(*iamapi.CreateAccountAliasInput).Schema(nil), "AccountAlias", "pied--piper", false},
		{(*iamapi.CreateAccountAliasInput).Schema(nil), "AccountAlias", "pied-", false},
		{(*organizationsapi.AttachPolicyInput).Schema(nil), "PolicyId", "p-FullAWSAccess", true},
		{(*organizationsapi.AttachPolicyInput).Schema(nil), "PolicyId", "xp-FullAWSAccess", false},
		{(*organizationsapi.AttachPolicyInput).Schema(nil), "TargetId", "ou-ab12-abcdefgh", true},
		{(*organizationsapi.AttachPolicyInput).Schema(nil), "TargetId", "ou-ab12-abcdefgh-", false},
		{(*iamapi.PutUserPolicyInput).Schema(nil), "PolicyDocument", "{\n\"é\"}", true},
		{(*iamapi.PutUserPolicyInput).Schema(nil), "PolicyDocument", "{\"\u0100\"}", false},
		{(*accountapi.PutAccountNameInput).Schema(nil), "AccountId", "123456789012", true},
		{(*accountapi.PutAccountNameInput).Schema(nil), "AccountId", "1234567890123", false},
	} {
		i := slices.IndexFunc(test.schema.Members, func(m smithy.Member) bool { return m.Name == test.member })
		if got := test.schema.Members[i].Target.Pattern.Match(test.value); got != test.want {
			t.Errorf("%s of %s: %q matches: %v", test.member, test.schema.Name, test.value, got)
		}
	}
}

// source is a decoder that has every member, with entries elements in each list and map,
// down to a depth that recursive shapes do not pass.
type source struct {
	entries, depth, n int
	log               []string
}

func (d *source) note(m *smithy.Member, v any) { d.log = append(d.log, fmt.Sprint(m.Name, "=", v)) }

func (d *source) next() int { d.n++; return d.n }

func (d *source) Struct(s *smithy.Schema, member func(*smithy.Member) error) error {
	d.log = append(d.log, "{")
	d.depth++
	for i := range s.Members {
		if d.depth > 5 {
			break
		}
		if err := member(&s.Members[i]); err != nil {
			return err
		}
	}
	d.depth--
	d.log = append(d.log, "}")
	return nil
}

func (d *source) List(m *smithy.Member, element func() error) error {
	d.note(m, fmt.Sprint("list ", d.entries))
	for range d.entries {
		if err := element(); err != nil {
			return err
		}
	}
	d.log = append(d.log, "]")
	return nil
}

func (d *source) Map(m *smithy.Member, entry func(string) error) error {
	d.note(m, fmt.Sprint("map ", d.entries))
	for i := range d.entries {
		key := fmt.Sprintf("key%d", i)
		d.note(m, key)
		if err := entry(key); err != nil {
			return err
		}
	}
	d.log = append(d.log, "]")
	return nil
}

func (d *source) String(m *smithy.Member) (string, error) {
	v := fmt.Sprint("s", d.next())
	d.note(m, v)
	return v, nil
}

func (d *source) Bool(m *smithy.Member) (bool, error) {
	v := d.next()%2 == 0
	d.note(m, v)
	return v, nil
}

func (d *source) Int(m *smithy.Member) (int64, error) {
	v := int64(d.next())
	d.note(m, v)
	return v, nil
}

func (d *source) Float(m *smithy.Member) (float64, error) {
	v := float64(d.next()) / 4
	d.note(m, v)
	return v, nil
}

func (d *source) Blob(m *smithy.Member) ([]byte, error) {
	v := []byte{byte(d.next())}
	d.note(m, v)
	return v, nil
}

func (d *source) Time(m *smithy.Member) (time.Time, error) {
	v := time.Unix(int64(d.next()), 0).UTC()
	d.note(m, v)
	return v, nil
}

// sink is an encoder that writes the log of source.
type sink struct{ log []string }

func (e *sink) note(m *smithy.Member, v any) { e.log = append(e.log, fmt.Sprint(m.Name, "=", v)) }

func (e *sink) BeginStruct(*smithy.Member)          { e.log = append(e.log, "{") }
func (e *sink) EndStruct(*smithy.Member)            { e.log = append(e.log, "}") }
func (e *sink) BeginList(m *smithy.Member, n int)   { e.note(m, fmt.Sprint("list ", n)) }
func (e *sink) EndList(*smithy.Member)              { e.log = append(e.log, "]") }
func (e *sink) BeginMap(m *smithy.Member, n int)    { e.note(m, fmt.Sprint("map ", n)) }
func (e *sink) MapKey(m *smithy.Member, key string) { e.note(m, key) }
func (e *sink) EndMap(*smithy.Member)               { e.log = append(e.log, "]") }
func (e *sink) String(m *smithy.Member, v string)   { e.note(m, v) }
func (e *sink) Bool(m *smithy.Member, v bool)       { e.note(m, v) }
func (e *sink) Int(m *smithy.Member, v int64)       { e.note(m, v) }
func (e *sink) Float(m *smithy.Member, v float64)   { e.note(m, v) }
func (e *sink) Blob(m *smithy.Member, v []byte)     { e.note(m, v) }
func (e *sink) Time(m *smithy.Member, v time.Time)  { e.note(m, v) }
