package organizations_test

import (
	"fmt"
	"slices"
	"testing"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// pages walks all pages of a list and returns their sizes and all items.
func pages(t *testing.T, get func(token *string) (ids []string, next *string, err error)) (sizes []int, all []string) {
	t.Helper()
	for token := (*string)(nil); ; {
		ids, next, err := get(token)
		if err != nil {
			t.Fatal(err)
		}
		sizes, all = append(sizes, len(ids)), append(all, ids...)
		if token = next; token == nil {
			return sizes, all
		}
	}
}

func TestPages(t *testing.T) {
	s := organized(t, storetest.Memory())
	ctx := s.as(management)
	for i := range 22 {
		s.account(fmt.Sprintf("a%d@example.com", i))
		s.unit(s.root, fmt.Sprint(i))
		s.policy(fmt.Sprint(i))
	}
	twenty, seven := (*int32)(nil), new(int32(7))
	for _, c := range []struct {
		name string
		size *int32
		get  func(token *string, size *int32) ([]string, *string, error)
		want []int
	}{
		{"accounts", twenty, func(token *string, n *int32) (ids []string, _ *string, _ error) {
			out, err := s.ListAccounts(ctx, &organizationsapi.ListAccountsInput{NextToken: token, MaxResults: n})
			for _, a := range smithy.Value(out).Accounts {
				ids = append(ids, *a.Id)
			}
			return ids, smithy.Value(out).NextToken, err
		}, []int{20, 3}},
		{"accounts of the root", seven, func(token *string, n *int32) (ids []string, _ *string, _ error) {
			out, err := s.ListAccountsForParent(ctx, &organizationsapi.ListAccountsForParentInput{ParentId: &s.root, NextToken: token, MaxResults: n})
			for _, a := range smithy.Value(out).Accounts {
				ids = append(ids, *a.Id)
			}
			return ids, smithy.Value(out).NextToken, err
		}, []int{7, 7, 7, 2}},
		{"units", seven, func(token *string, n *int32) (ids []string, _ *string, _ error) {
			out, err := s.ListOrganizationalUnitsForParent(ctx, &organizationsapi.ListOrganizationalUnitsForParentInput{ParentId: &s.root, NextToken: token, MaxResults: n})
			for _, u := range smithy.Value(out).OrganizationalUnits {
				ids = append(ids, *u.Id)
			}
			return ids, smithy.Value(out).NextToken, err
		}, []int{7, 7, 7, 1}},
		{"children", twenty, func(token *string, n *int32) (ids []string, _ *string, _ error) {
			out, err := s.ListChildren(ctx, &organizationsapi.ListChildrenInput{ParentId: &s.root, ChildType: new("ORGANIZATIONAL_UNIT"), NextToken: token, MaxResults: n})
			for _, c := range smithy.Value(out).Children {
				ids = append(ids, *c.Id)
			}
			return ids, smithy.Value(out).NextToken, err
		}, []int{20, 2}},
		{"policies", twenty, func(token *string, n *int32) (ids []string, _ *string, _ error) {
			out, err := s.ListPolicies(ctx, &organizationsapi.ListPoliciesInput{Filter: new(scp), NextToken: token, MaxResults: n})
			for _, p := range smithy.Value(out).Policies {
				ids = append(ids, *p.Id)
			}
			return ids, smithy.Value(out).NextToken, err
		}, []int{20, 3}},
		{"targets", twenty, func(token *string, n *int32) (ids []string, _ *string, _ error) {
			out, err := s.ListTargetsForPolicy(ctx, &organizationsapi.ListTargetsForPolicyInput{PolicyId: new("p-FullAWSAccess"), NextToken: token, MaxResults: n})
			for _, p := range smithy.Value(out).Targets {
				ids = append(ids, *p.TargetId)
			}
			return ids, smithy.Value(out).NextToken, err
		}, []int{20, 20, 6}},
		{"requests", seven, func(token *string, n *int32) (ids []string, _ *string, _ error) {
			out, err := s.ListCreateAccountStatus(ctx, &organizationsapi.ListCreateAccountStatusInput{States: []string{"SUCCEEDED"}, NextToken: token, MaxResults: n})
			for _, r := range smithy.Value(out).CreateAccountStatuses {
				ids = append(ids, *r.Id)
			}
			return ids, smithy.Value(out).NextToken, err
		}, []int{7, 7, 7, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sizes, all := pages(t, func(token *string) ([]string, *string, error) { return c.get(token, c.size) })
			if !slices.Equal(sizes, c.want) {
				t.Errorf("sizes of pages = %v, want %v", sizes, c.want)
			}
			if !slices.IsSorted(all) || len(slices.Compact(all)) != len(all) {
				t.Errorf("items are not in order: %v", all)
			}
		})
	}
}

func TestTokensBelongToTheirList(t *testing.T) {
	s := organized(t, storetest.Memory())
	ctx := s.as(management)
	s.account("a@example.com")
	out, err := s.ListAccounts(ctx, &organizationsapi.ListAccountsInput{MaxResults: new(int32(1))})
	if err != nil || out.NextToken == nil {
		t.Fatalf("first page = %+v, %v", out, err)
	}
	const want = "InvalidInput INVALID_NEXT_TOKEN"
	_, err = s.ListAccountsForParent(ctx, &organizationsapi.ListAccountsForParentInput{ParentId: &s.root, NextToken: out.NextToken})
	if got := code(err); got != want {
		t.Errorf("token of another list: %q", got)
	}
	for _, token := range []string{"", "!", "TGlzdEFjY291bnRz"} {
		for name, c := range map[string]call{
			"ListAccounts":        of(organizationsapi.Service.ListAccounts, organizationsapi.ListAccountsInput{NextToken: &token}),
			"ListRoots":           of(organizationsapi.Service.ListRoots, organizationsapi.ListRootsInput{NextToken: &token}),
			"ListTagsForResource": of(organizationsapi.Service.ListTagsForResource, organizationsapi.ListTagsForResourceInput{ResourceId: &s.root, NextToken: &token}),
		} {
			if got := code(c(ctx, s)); got != want {
				t.Errorf("%s with token %q: %q", name, token, got)
			}
		}
	}
}

// TestReadBack checks that what was put in comes back as it was.
func TestReadBack(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			s := organized(t, e)
			ctx := s.as(management)
			content := "{ \"Version\": \"2012-10-17\",\n \"Statement\": [{\"Sid\":\"é\",\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}] }"
			tags := []organizationsapi.Tag{{Key: new("A"), Value: new("")}, {Key: new("b"), Value: new("x y")}}
			made, err := s.CreatePolicy(ctx, &organizationsapi.CreatePolicyInput{
				Name: new("Größe"), Type: new(scp), Content: &content, Description: new(" d "), Tags: tags,
			})
			if err != nil {
				t.Fatal(err)
			}
			id := made.Policy.PolicySummary.Id
			got, err := s.DescribePolicy(ctx, &organizationsapi.DescribePolicyInput{PolicyId: id})
			if err != nil {
				t.Fatal(err)
			}
			if show(t, got.Policy) != show(t, made.Policy) || *got.Policy.Content != content || *got.Policy.PolicySummary.Description != " d " {
				t.Errorf("policy = %s, made %s", show(t, got.Policy), show(t, made.Policy))
			}
			listed, err := s.ListTagsForResource(ctx, &organizationsapi.ListTagsForResourceInput{ResourceId: id})
			if err != nil {
				t.Fatal(err)
			}
			if show(t, listed.Tags) != show(t, tags) {
				t.Errorf("tags = %s, want %s", show(t, listed.Tags), show(t, tags))
			}
			changed, err := s.UpdatePolicy(ctx, &organizationsapi.UpdatePolicyInput{PolicyId: id, Description: new("")})
			if err != nil {
				t.Fatal(err)
			}
			if p := changed.Policy; *p.Content != content || *p.PolicySummary.Name != "Größe" || *p.PolicySummary.Description != "" {
				t.Errorf("changed policy = %s", show(t, p))
			}
		})
	}
}
