package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"
)

// crowd is many clients that change one tree.
type crowd struct {
	*world
	accounts []string
	policy   string

	mu sync.Mutex
	// units are those that have been seen; some are gone.
	units []string
	// outcomes counts what the calls came to: an error code, or "" for success.
	outcomes map[string]map[string]int
}

// expected are the errors that the API reference lists for an operation and that others who
// change the same tree can cause.
var expected = map[string][]string{
	"create unit": {"ParentNotFoundException", "DuplicateOrganizationalUnitException", "ConcurrentModificationException", "ConstraintViolationException"},
	"delete unit": {"OrganizationalUnitNotFoundException", "OrganizationalUnitNotEmptyException", "ConcurrentModificationException"},
	"rename unit": {"OrganizationalUnitNotFoundException", "DuplicateOrganizationalUnitException", "ConcurrentModificationException"},
	"move account": {
		"AccountNotFoundException", "SourceParentNotFoundException", "DestinationParentNotFoundException",
		"DuplicateAccountException", "ConcurrentModificationException",
	},
	"attach": {"TargetNotFoundException", "DuplicatePolicyAttachmentException", "ConcurrentModificationException", "ConstraintViolationException"},
	"detach": {"TargetNotFoundException", "PolicyNotAttachedException", "ConcurrentModificationException"},
	"list":   {"ParentNotFoundException"},
}

// Many clients change the tree at once: each call succeeds or fails as AWS says it can, and
// the tree is a tree at the end.
func TestManyChangeTheTree(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		c := &crowd{world: organize(t, s), outcomes: map[string]map[string]int{}}
		c.units = []string{c.rootID}
		for i := range 4 {
			c.units = append(c.units, c.unit(t, c.rootID, fmt.Sprintf("Unit %d", i)))
			c.accounts = append(c.accounts, c.account(t, c.rootID, fmt.Sprintf("Account %d", i), ""))
		}
		c.policy = c.scp(t, "Some", deny("iam:DeleteUser", "*"))

		var running sync.WaitGroup
		end := time.Now().Add(3 * time.Second)
		for worker := range 8 {
			running.Go(func() {
				client := c.admin.organizations()
				for n := 0; time.Now().Before(end); n++ {
					c.step(client, fmt.Sprintf("%d %d", worker, n))
				}
			})
		}
		running.Wait()
		c.judge(t)
		c.isTree(t)
		if text := s.log.String(); strings.Contains(text, "level=ERROR") || strings.Contains(text, "panic") {
			t.Errorf("the server complains:\n%s", text)
		}
		must(t, s.stop())
		s.balanced(t)
	})
}

// step does one thing to the tree, whatever comes to hand.
func (c *crowd) step(client *organizations.Client, name string) {
	ctx := context.Background()
	unit, other, account := c.anyUnit(), c.anyUnit(), c.accounts[rand.N(len(c.accounts))]
	if unit == c.rootID {
		unit = c.anyUnit()
	}
	var what string
	var err error
	switch rand.N(10) {
	case 0, 1:
		what = "create unit"
		// Few names, so that they meet.
		var out *organizations.CreateOrganizationalUnitOutput
		out, err = client.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &other, Name: aws.String(fmt.Sprint("Name ", rand.N(3)))})
		if err == nil {
			c.mu.Lock()
			c.units = append(c.units, *out.OrganizationalUnit.Id)
			c.mu.Unlock()
		}
	case 2, 3:
		if unit == c.rootID {
			return
		}
		what = "delete unit"
		if _, err = client.DeleteOrganizationalUnit(ctx, &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &unit}); err == nil && rand.N(2) == 0 {
			// Some of those that are gone stay in the list: others may not know yet.
			c.mu.Lock()
			c.units = slices.DeleteFunc(c.units, func(id string) bool { return id == unit })
			c.mu.Unlock()
		}
	case 4:
		if unit == c.rootID {
			return
		}
		what = "rename unit"
		_, err = client.UpdateOrganizationalUnit(ctx, &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: &unit, Name: aws.String(fmt.Sprint("Name ", rand.N(3)))})
	case 5, 6, 7:
		what = "move account"
		var parents *organizations.ListParentsOutput
		if parents, err = client.ListParents(ctx, &organizations.ListParentsInput{ChildId: &account}); err == nil {
			_, err = client.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &account, SourceParentId: parents.Parents[0].Id, DestinationParentId: &other})
		}
	case 8:
		what = "attach"
		_, err = client.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &c.policy, TargetId: &other})
		if rand.N(2) == 0 {
			c.note(what, err)
			what = "detach"
			_, err = client.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: &c.policy, TargetId: &other})
		}
	default:
		what = "list"
		_, err = client.ListAccountsForParent(ctx, &organizations.ListAccountsForParentInput{ParentId: &other})
	}
	c.note(what, err)
}

// anyUnit is a unit that there was, the recent ones mostly, or the root.
func (c *crowd) anyUnit() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	recent := c.units[max(0, len(c.units)-6):]
	if rand.N(3) == 0 {
		return c.units[rand.N(min(5, len(c.units)))]
	}
	return recent[rand.N(len(recent))]
}

func (c *crowd) note(what string, err error) {
	code := ""
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		code = api.ErrorCode()
	case err != nil:
		code = err.Error()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.outcomes[what] == nil {
		c.outcomes[what] = map[string]int{}
	}
	c.outcomes[what][code]++
}

// judge expects nothing but the errors that each operation can give, and some of everything.
func (c *crowd) judge(t *testing.T) {
	t.Helper()
	for what, codes := range expected {
		if c.outcomes[what][""] == 0 {
			t.Errorf("%s never succeeded: %v", what, c.outcomes[what])
		}
		for code, n := range c.outcomes[what] {
			if code != "" && !slices.Contains(codes, code) {
				t.Errorf("%s failed %d times with %s", what, n, code)
			}
		}
	}
	t.Logf("outcomes: %v", c.outcomes)
}

// isTree walks from the root: each account is there once, no unit is deeper than allowed or
// shares its name with a sibling, and parents and children agree.
func (c *crowd) isTree(t *testing.T) {
	t.Helper()
	seen := map[string]string{}
	c.walk(t, c.rootID, 0, seen)
	for _, account := range append(c.accounts, managementID) {
		if seen[account] == "" {
			t.Errorf("the account %s hangs nowhere", account)
		}
	}
}

func (c *crowd) walk(t *testing.T, parent string, depth int, seen map[string]string) {
	t.Helper()
	ctx, client := context.Background(), c.admin.organizations()
	if depth > maxDepth {
		t.Fatalf("%s is %d levels deep", parent, depth)
	}
	names := map[string]bool{}
	for _, kind := range []orgtypes.ChildType{orgtypes.ChildTypeAccount, orgtypes.ChildTypeOrganizationalUnit} {
		for pages := organizations.NewListChildrenPaginator(client, &organizations.ListChildrenInput{ParentId: &parent, ChildType: kind}); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			must(t, err)
			for _, child := range page.Children {
				if before := seen[*child.Id]; before != "" {
					t.Errorf("%s hangs on %s and on %s", *child.Id, before, parent)
				}
				seen[*child.Id] = parent
				parents, err := client.ListParents(ctx, &organizations.ListParentsInput{ChildId: child.Id})
				must(t, err)
				if *parents.Parents[0].Id != parent {
					t.Errorf("%s is a child of %s but its parent is %s", *child.Id, parent, *parents.Parents[0].Id)
				}
				if kind == orgtypes.ChildTypeAccount {
					continue
				}
				unit, err := client.DescribeOrganizationalUnit(ctx, &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: child.Id})
				must(t, err)
				if names[*unit.OrganizationalUnit.Name] {
					t.Errorf("two units %q below %s", *unit.OrganizationalUnit.Name, parent)
				}
				names[*unit.OrganizationalUnit.Name] = true
				c.walk(t, *child.Id, depth+1, seen)
			}
		}
	}
}
