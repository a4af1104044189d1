package organizations_test

import (
	"context"
	"sync"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// TestOneOfManyWins lets clients ask for the same thing at the same moment: one gets it,
// the others get AWS's word for that and nothing else.
func TestOneOfManyWins(t *testing.T) {
	const clients = 8
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			s := organized(t, e)
			dev, deny := s.unit(s.root, "Dev"), s.policy("Deny")
			member := s.account("a@example.com")
			for _, c := range []struct {
				name string
				call call
				lost string
			}{
				{"unit", of(organizationsapi.Service.CreateOrganizationalUnit, organizationsapi.CreateOrganizationalUnitInput{ParentId: &s.root, Name: new("same")}), "DuplicateOrganizationalUnit"},
				{"policy", of(organizationsapi.Service.CreatePolicy, organizationsapi.CreatePolicyInput{Name: new("same"), Type: new(scp), Content: new(denyAll), Description: new("")}), "DuplicatePolicy"},
				{"attachment", of(organizationsapi.Service.AttachPolicy, organizationsapi.AttachPolicyInput{PolicyId: &deny, TargetId: &dev}), "DuplicatePolicyAttachment"},
				{"move", of(organizationsapi.Service.MoveAccount, organizationsapi.MoveAccountInput{AccountId: &member, SourceParentId: &s.root, DestinationParentId: &dev}), "DuplicateAccount"},
				{"policy type", of(organizationsapi.Service.EnablePolicyType, organizationsapi.EnablePolicyTypeInput{RootId: &s.root, PolicyType: new(rcp)}), "PolicyTypeAlreadyEnabled"},
				{"closure", of(organizationsapi.Service.CloseAccount, organizationsapi.CloseAccountInput{AccountId: &member}), "AccountAlreadyClosed"},
				{"account", func(ctx context.Context, s *scene) error { return createOnce(ctx, s, "same@example.com") }, "EMAIL_ALREADY_EXISTS"},
			} {
				if got := together(s, clients, c.call); got[""] != 1 || got[c.lost] != clients-1 {
					t.Errorf("%s: %v, want one success and %s", c.name, got, c.lost)
				}
			}
		})
	}
}

// together makes one call many times at once and counts how they ended.
func together(s *scene, n int, c call) map[string]int {
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		count = map[string]int{}
		begin = make(chan struct{})
	)
	for range n {
		wait.Go(func() {
			<-begin
			end := code(c(s.as(management), s))
			mu.Lock()
			defer mu.Unlock()
			count[end]++
		})
	}
	close(begin)
	wait.Wait()
	return count
}

// failure is the reason of a failed request.
type failure string

func (f failure) Error() string { return string(f) }

func createOnce(ctx context.Context, s *scene, email string) error {
	made, err := s.CreateAccount(ctx, &organizationsapi.CreateAccountInput{AccountName: new("n"), Email: &email})
	if err != nil {
		return err
	}
	status, err := s.DescribeCreateAccountStatus(ctx, &organizationsapi.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
	if err != nil {
		return err
	}
	if reason := smithy.Value(status.CreateAccountStatus.FailureReason); reason != "" {
		return failure(reason)
	}
	return nil
}
