package resourcegroupstaggingapi_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tagapi "github.com/bailiwick/bailiwick/api/resourcegroupstaggingapi"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

var red = iam.Tag{Key: "Team", Value: "red"}

func everywhere(t *testing.T, run func(t *testing.T, s *scene)) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) { run(t, newScene(t, e)) })
	}
}

func TestGetResources(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		policy, profile, role, queue := s.furnish(boss, red, iam.Tag{Key: "free"})
		ctx := s.as(boss, "u", allowAll)
		account := org.AccountARN(boss, s.organization.ID, s.member)
		root := org.RootARN(boss, s.organization.ID, s.organization.RootID)
		s.update(func(ctx context.Context, tx *store.Tx) error {
			if err := org.TagResource(ctx, tx, s.organization, s.organization.RootID, []org.Tag{{Key: "Team", Value: "blue"}}); err != nil {
				return err
			}
			return org.TagResource(ctx, tx, s.organization, s.member, []org.Tag{{Key: "Team", Value: "blue"}})
		})
		all := []string{profile, policy, account, root}
		s.same("all", s.list(ctx, tagapi.GetResourcesInput{}), all)
		s.same("one by one", s.list(ctx, tagapi.GetResourcesInput{ResourcesPerPage: smithy.Ptr(int32(1))}), all)
		s.same("by tags", s.list(ctx, tagapi.GetResourcesInput{TagsPerPage: smithy.Ptr(int32(100))}), all)
		s.same("of IAM", s.list(ctx, tagapi.GetResourcesInput{ResourceTypeFilters: []string{"iam"}}), []string{profile, policy})
		s.same("of two types", s.list(ctx, tagapi.GetResourcesInput{ResourceTypeFilters: []string{"iam:policy", "organizations:root"}}), []string{policy, root})
		filter := func(key string, values ...string) tagapi.TagFilter {
			return tagapi.TagFilter{Key: &key, Values: values}
		}
		s.same("by value", s.list(ctx, tagapi.GetResourcesInput{TagFilters: []tagapi.TagFilter{filter("Team", "green", "blue")}}), []string{account, root})
		s.same("by two filters", s.list(ctx, tagapi.GetResourcesInput{TagFilters: []tagapi.TagFilter{filter("Team", "red", "blue"), filter("free")}}), []string{profile, policy})
		s.same("by another spelling", s.list(ctx, tagapi.GetResourcesInput{TagFilters: []tagapi.TagFilter{filter("team")}}), nil)
		s.same("by ARN", s.list(ctx, tagapi.GetResourcesInput{ResourceARNList: []string{root, role, policy, "arn:aws:iam::" + boss + ":policy/none"}}), []string{policy, root})

		s.region = "eu-west-1"
		there := s.as(boss, "v", allowAll)
		s.same("in another Region", s.list(there, tagapi.GetResourcesInput{}), []string{queue})
		s.region = "us-east-1"

		// What had tags once stays in the list without them.
		if _, err := s.UntagResources(ctx, &tagapi.UntagResourcesInput{ResourceARNList: []string{policy, account}, TagKeys: []string{"Team", "free"}}); err != nil {
			t.Fatal(err)
		}
		out, err := s.GetResources(ctx, &tagapi.GetResourcesInput{})
		s.must(err)
		for _, m := range out.ResourceTagMappingList {
			if bare := len(m.Tags) == 0; m.Tags == nil || bare != (*m.ResourceARN == policy || *m.ResourceARN == account) {
				t.Errorf("%s has %v", *m.ResourceARN, m.Tags)
			}
		}
		s.same("still there", s.list(ctx, tagapi.GetResourcesInput{}), all)
		// The member's account has nothing of it.
		s.same("of the member", s.list(s.as(s.member, "u", allowAll), tagapi.GetResourcesInput{}), nil)
	})
}

func TestGetResourcesRefuses(t *testing.T) {
	s := newScene(t, storetest.Memory())
	s.furnish(boss, red)
	ctx := s.as(boss, "u", allowAll)
	token := func() *string {
		out, err := s.GetResources(ctx, &tagapi.GetResourcesInput{ResourcesPerPage: smithy.Ptr(int32(1))})
		s.must(err)
		return out.PaginationToken
	}()
	yes := smithy.Ptr(true)
	for name, in := range map[string]tagapi.GetResourcesInput{
		"ARNs and types":      {ResourceARNList: []string{"x"}, ResourceTypeFilters: []string{"iam"}},
		"ARNs and filters":    {ResourceARNList: []string{"x"}, TagFilters: []tagapi.TagFilter{{Key: smithy.Ptr("k")}}},
		"ARNs and pages":      {ResourceARNList: []string{"x"}, ResourcesPerPage: smithy.Ptr(int32(5))},
		"excluding alone":     {ExcludeCompliantResources: yes},
		"no resources":        {ResourcesPerPage: smithy.Ptr(int32(0))},
		"too many resources":  {ResourcesPerPage: smithy.Ptr(int32(101))},
		"few tags":            {TagsPerPage: smithy.Ptr(int32(99))},
		"filter without key":  {TagFilters: []tagapi.TagFilter{{Values: []string{"v"}}}},
		"no token":            {PaginationToken: smithy.Ptr("none")},
		"token of another":    {PaginationToken: token, ResourceTypeFilters: []string{"iam"}},
		"types without bound": {ResourceTypeFilters: make([]string, 101)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.GetResources(ctx, &in)
			(&scene{t: t}).refused(err, "InvalidParameterException")
		})
	}
	s.now = s.now.Add(16 * time.Minute)
	_, err := s.GetResources(ctx, &tagapi.GetResourcesInput{PaginationToken: token})
	s.refused(err, "PaginationTokenExpiredException")
}

func TestKeysAndValues(t *testing.T) {
	s := newScene(t, storetest.Memory())
	s.furnish(boss, red, iam.Tag{Key: "a", Value: "1"})
	ctx := s.as(boss, "u", allowAll)
	s.update(func(ctx context.Context, tx *store.Tx) error {
		return org.TagResource(ctx, tx, s.organization, s.member, []org.Tag{{Key: "Team", Value: "blue"}})
	})
	keys, err := s.GetTagKeys(ctx, &tagapi.GetTagKeysInput{})
	s.must(err)
	s.same("keys", keys.TagKeys, []string{"Team", "a"})
	values, err := s.GetTagValues(ctx, &tagapi.GetTagValuesInput{Key: smithy.Ptr("Team")})
	s.must(err)
	s.same("values", values.TagValues, []string{"blue", "red"})
}

// TestTagResources tags all kinds at once and reads what failed, and why.
func TestTagResources(t *testing.T) {
	everywhere(t, func(t *testing.T, s *scene) {
		policy, profile, role, queue := s.furnish(boss)
		s.govern(teams)
		ctx := s.as(boss, "u", allowAll)
		account, gone := org.AccountARN(boss, s.organization.ID, s.member), "arn:aws:iam::"+boss+":policy/gone"
		group, foreign := "arn:aws:iam::"+boss+":group/g", "arn:aws:iam::"+s.member+":policy/p"
		wrongPath := "arn:aws:iam::" + boss + ":instance-profile/i"
		out, err := s.TagResources(ctx, &tagapi.TagResourcesInput{
			ResourceARNList: []string{policy, profile, role, account, gone, group, foreign, wrongPath, queue, "nonsense"},
			Tags:            map[string]string{"Team": "green"},
		})
		s.must(err)
		var got []string
		for name, f := range out.FailedResourcesMap {
			got = append(got, fmt.Sprintf("%s: %s %d", name, *f.ErrorCode, *f.StatusCode))
		}
		slices.Sort(got)
		want := []string{
			policy + ": InvalidInput 400",
			gone + ": NoSuchEntity 404", group + ": InternalServiceException 500", foreign + ": InvalidParameterException 400",
			wrongPath + ": InvalidParameterException 400", queue + ": InvalidParameterException 400", "nonsense: InvalidParameterException 400",
		}
		slices.Sort(want)
		s.same("failures", got, want)
		s.same("tagged", s.list(ctx, tagapi.GetResourcesInput{}), []string{profile, account})

		s.region = "eu-west-1"
		there := s.as(boss, "v", allowAll)
		out, err = s.TagResources(there, &tagapi.TagResourcesInput{ResourceARNList: []string{queue}, Tags: map[string]string{"Team": "green"}})
		s.must(err)
		if f := out.FailedResourcesMap[queue]; smithy.Value(f.ErrorCode) != "TagPolicyException" || *f.ErrorMessage != org.TagPolicyMessage("Team") {
			t.Errorf("the queue: %v", f)
		}
		out, err = s.TagResources(there, &tagapi.TagResourcesInput{ResourceARNList: []string{queue}, Tags: map[string]string{"Team": "blue"}})
		if err != nil || out.FailedResourcesMap == nil || len(out.FailedResourcesMap) > 0 {
			t.Errorf("%v, %v", out, err)
		}
		s.same("the queue", s.list(there, tagapi.GetResourcesInput{}), []string{queue})
		_, err = s.TagResources(ctx, &tagapi.TagResourcesInput{ResourceARNList: []string{policy}, Tags: map[string]string{"AWS:x": ""}})
		s.refused(err, "InvalidParameterException")
	})
}

// TestTaggingNeedsTheOwnersPermission gives somebody the tagging API and one action of IAM,
// for tags that say so.
func TestTaggingNeedsTheOwnersPermission(t *testing.T) {
	s := newScene(t, storetest.Memory())
	policy, profile, _, _ := s.furnish(boss, iam.Tag{Key: "stage", Value: "dev"})
	ctx := s.as(boss, "u", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"tag:*","Resource":"*"},
		{"Effect":"Allow","Action":["iam:TagPolicy","iam:UntagPolicy"],"Resource":"*","Condition":{
			"StringEquals":{"aws:ResourceTag/stage":"dev"},"ForAllValues:StringEquals":{"aws:TagKeys":["Team"]},
			"StringEqualsIfExists":{"aws:RequestTag/Team":"red"}}}]}`)
	put := func(tags map[string]string) map[string]tagapi.FailureInfo {
		out, err := s.TagResources(ctx, &tagapi.TagResourcesInput{ResourceARNList: []string{policy, profile}, Tags: tags})
		s.must(err)
		return out.FailedResourcesMap
	}
	for _, tags := range []map[string]string{{"Team": "blue"}, {"Other": "red"}} {
		if f := put(tags); len(f) != 2 || smithy.Value(f[policy].ErrorCode) != "AccessDeniedException" || !strings.Contains(*f[policy].ErrorMessage, "iam:TagPolicy") {
			t.Errorf("%v: %v", tags, f)
		}
	}
	if f := put(map[string]string{"Team": "red"}); len(f) != 1 || smithy.Value(f[profile].ErrorCode) != "AccessDeniedException" {
		t.Errorf("%v", f)
	}
	out, err := s.UntagResources(ctx, &tagapi.UntagResourcesInput{ResourceARNList: []string{policy, profile}, TagKeys: []string{"Team"}})
	s.must(err)
	if len(out.FailedResourcesMap) != 1 {
		t.Errorf("%v", out.FailedResourcesMap)
	}
}
