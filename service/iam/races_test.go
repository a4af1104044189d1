package iam_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// together makes calls at the same time and returns their error codes, sorted; the empty
// one is success.
func (f *fixture) together(calls ...func() error) []string {
	codes := make([]string, len(calls))
	var wg sync.WaitGroup
	for n, call := range calls {
		wg.Go(func() { codes[n], _ = code(call()) })
	}
	wg.Wait()
	slices.Sort(codes)
	return codes
}

// each makes n calls of what in returns.
func (f *fixture) each(n int, ctx func(n int) context.Context, in func(n int) smithy.Shape) []string {
	calls := make([]func() error, n)
	for i := range calls {
		calls[i] = func() error { return f.call(ctx(i), in(i)) }
	}
	return f.together(calls...)
}

// Of many who want the same at once, as many get it as may.
func TestRacesForWhatIsThereOnce(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.populate(t)
			same := func(int) context.Context { return f.ctx }
			taken := []string{"", "EntityAlreadyExists", "EntityAlreadyExists", "EntityAlreadyExists"}

			equal(t, "a device of one name", f.each(4, same, func(n int) smithy.Shape {
				return &iamapi.CreateVirtualMFADeviceInput{VirtualMFADeviceName: ptr([]string{"x", "X"}[n%2])}
			}), taken)
			equal(t, "an instance profile of one name", f.each(4, same, func(n int) smithy.Shape {
				return &iamapi.CreateInstanceProfileInput{InstanceProfileName: ptr([]string{"x", "X"}[n%2])}
			}), taken)
			stranger := as(t, other, "x")
			equal(t, "one alias for two accounts", f.each(4, func(n int) context.Context {
				return []context.Context{f.ctx, stranger}[n%2]
			}, func(int) smithy.Shape { return &iamapi.CreateAccountAliasInput{AccountAlias: ptr("wanted")} }), taken)
			equal(t, "one service-linked role", f.each(4, same, func(int) smithy.Shape {
				return &iamapi.CreateServiceLinkedRoleInput{AWSServiceName: ptr("sso.amazonaws.com")}
			}), []string{"", "InvalidInput", "InvalidInput", "InvalidInput"})

			a, _ := f.newPhone(t, "phone")
			first, second := a.code(-1), a.code(0)
			equal(t, "one device for two users", f.each(4, same, func(n int) smithy.Shape {
				return &iamapi.EnableMFADeviceInput{
					UserName: ptr([]string{"alice", "bob"}[n%2]), SerialNumber: ptr(phone),
					AuthenticationCode1: first, AuthenticationCode2: second,
				}
			}), taken)
		})
	}
}

// Two who need a service's role at the same time both get it.
func TestRaceForANeededRole(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			for _, service := range []string{"sso.amazonaws.com", "ram.amazonaws.com", "config.amazonaws.com"} {
				calls := make([]func() error, 4)
				for n := range calls {
					calls[n] = func() error {
						return f.DB.Update(t.Context(), func(tx *store.Tx) error {
							_, err := iam.EnsureServiceLinkedRole(f.ctx, tx, home, service)
							return err
						})
					}
				}
				equal(t, service, f.together(calls...), []string{"", "", "", ""})
			}
		})
	}
}

// The last place among a user's devices is given once.
func TestRaceForTheLastDevice(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.populate(t)
			enables := make([]func() error, 10)
			for n := range enables {
				a, d := f.newPhone(t, fmt.Sprint("phone", n))
				enables[n] = func() error {
					return f.call(f.ctx, &iamapi.EnableMFADeviceInput{
						UserName: ptr("alice"), SerialNumber: d.SerialNumber,
						AuthenticationCode1: a.code(-1), AuthenticationCode2: a.code(0),
					})
				}
			}
			got := f.together(enables...)
			equal(t, "outcomes", got, []string{"", "", "", "", "", "", "", "", "LimitExceeded", "LimitExceeded"})
		})
	}
}
