package iam_test

import (
	"context"
	"errors"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// TestTagPolicyIsEnforced makes home an organization with a tag policy and tags each kind of
// resource, when it is made and later.
func TestTagPolicyIsEnforced(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.update(t, func(tx *store.Tx) error {
		o, err := org.CreateOrganization(t.Context(), tx, home, "")
		if err != nil {
			return err
		}
		if err := org.EnablePolicyType(t.Context(), tx, o, o.RootID, "TAG_POLICY"); err != nil {
			return err
		}
		p, err := org.CreatePolicy(t.Context(), tx, o, org.Policy{Type: "TAG_POLICY", Name: "teams", Content: `{"tags":{
			"team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@assign":["red"]},"enforced_for":{"@@assign":["iam:ALL_SUPPORTED"]}}}}`}, nil)
		if err != nil {
			return err
		}
		return org.AttachPolicy(t.Context(), tx, o, p.ID, o.RootID)
	})
	tags := func(key, value string) []iamapi.Tag {
		return []iamapi.Tag{{Key: smithy.Ptr("free"), Value: smithy.Ptr("x")}, {Key: &key, Value: &value}}
	}
	made := 0
	for name, tag := range map[string]func(ctx context.Context, name string, tags []iamapi.Tag) error{
		"policy": func(ctx context.Context, name string, tags []iamapi.Tag) error {
			_, err := f.CreatePolicy(ctx, &iamapi.CreatePolicyInput{PolicyName: &name, PolicyDocument: smithy.Ptr(allowAll), Tags: tags})
			return err
		},
		"instance profile": func(ctx context.Context, name string, tags []iamapi.Tag) error {
			_, err := f.CreateInstanceProfile(ctx, &iamapi.CreateInstanceProfileInput{InstanceProfileName: &name, Tags: tags})
			return err
		},
		"virtual MFA device": func(ctx context.Context, name string, tags []iamapi.Tag) error {
			_, err := f.CreateVirtualMFADevice(ctx, &iamapi.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name, Tags: tags})
			return err
		},
		"OIDC provider": func(ctx context.Context, name string, tags []iamapi.Tag) error {
			_, err := f.CreateOpenIDConnectProvider(ctx, &iamapi.CreateOpenIDConnectProviderInput{
				Url: smithy.Ptr("https://" + name + ".example.com"), ThumbprintList: []string{"0123456789012345678901234567890123456789"}, Tags: tags,
			})
			return err
		},
		"policy, later": func(ctx context.Context, name string, tags []iamapi.Tag) error {
			arn := "arn:aws:iam::" + home + ":policy/" + name
			_, err := f.CreatePolicy(ctx, &iamapi.CreatePolicyInput{PolicyName: &name, PolicyDocument: smithy.Ptr(allowAll)})
			if err == nil || errors.As(err, new(*iamapi.EntityAlreadyExistsException)) {
				_, err = f.TagPolicy(ctx, &iamapi.TagPolicyInput{PolicyArn: &arn, Tags: tags})
			}
			return err
		},
	} {
		made++
		for _, bad := range [][]iamapi.Tag{tags("Team", "green"), tags("team", "red")} {
			var refused *iamapi.InvalidInputException
			err := tag(f.ctx, "n"+string(rune('a'+made)), bad)
			if !errors.As(err, &refused) || *refused.Message != org.TagPolicyMessage(*bad[1].Key) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := tag(f.ctx, "n"+string(rune('a'+made)), tags("Team", "red")); err != nil {
			t.Errorf("%s with tags that comply: %v", name, err)
		}
	}
	// AWS cannot enforce tag policies for users and roles.
	user, err := f.CreateUser(f.ctx, &iamapi.CreateUserInput{UserName: smithy.Ptr("u"), Tags: tags("team", "green")})
	if err != nil || len(user.User.Tags) != 2 {
		t.Errorf("a user: %v", err)
	}
	f.update(t, func(tx *store.Tx) error {
		all, err := tx.IAMTagged([]string{home})
		for _, r := range all {
			if len(r.Tags) != 2 {
				t.Errorf("%s has %v", r.ARN, r.Tags)
			}
		}
		if len(all) != made {
			t.Errorf("%d resources with tags: %v", len(all), all)
		}
		return err
	})
}
