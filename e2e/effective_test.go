package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// managed makes a policy of a type that is enabled and attaches it to a target.
func (w *world) managed(t testing.TB, policyType orgtypes.PolicyType, name, document, target string) string {
	t.Helper()
	out, err := w.root.organizations().CreatePolicy(context.Background(), &organizations.CreatePolicyInput{
		Name: &name, Description: aws.String(""), Type: policyType, Content: &document,
	})
	must(t, err)
	if got := *out.Policy.Content; got != document {
		t.Errorf("the document came back as %s", got)
	}
	w.attach(t, *out.Policy.PolicySummary.Id, target)
	return *out.Policy.PolicySummary.Id
}

func (w *world) enableType(t testing.TB, policyType orgtypes.PolicyType) {
	t.Helper()
	_, err := w.root.organizations().EnablePolicyType(context.Background(), &organizations.EnablePolicyTypeInput{RootId: &w.rootID, PolicyType: policyType})
	must(t, err)
}

func (a as) effective(t testing.TB, policyType orgtypes.EffectivePolicyType, target *string) *orgtypes.EffectivePolicy {
	t.Helper()
	out, err := a.organizations().DescribeEffectivePolicy(context.Background(), &organizations.DescribeEffectivePolicyInput{PolicyType: policyType, TargetId: target})
	must(t, err)
	return out.EffectivePolicy
}

// Tag policies on the way down to an account come to one, which the account can see itself;
// moving the account, detaching a policy and a restart of the server change what they should
// and nothing else.
func TestEffectiveTagPolicy(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		ctx := context.Background()
		dev := w.unit(t, w.rootID, "Dev")
		account := w.account(t, dev, "Member", "")
		other := w.account(t, w.rootID, "Other", "")
		inside := w.inside(t, account)
		_, err := inside.organizations().DescribeEffectivePolicy(ctx, &organizations.DescribeEffectivePolicyInput{PolicyType: orgtypes.EffectivePolicyTypeTagPolicy})
		fails(t, err, "EffectivePolicyNotFoundException", "")

		w.enableType(t, orgtypes.PolicyTypeTagPolicy)
		w.managed(t, orgtypes.PolicyTypeTagPolicy, "Root", `{"tags":{"Stage":{"tag_key":{"@@assign":"Stage","@@operators_allowed_for_child_policies":["@@none"]},"tag_value":{"@@assign":["live"]}}}}`, w.rootID)
		added := w.managed(t, orgtypes.PolicyTypeTagPolicy, "Dev", `{"tags":{"stage":{"tag_key":{"@@assign":"STAGE"},"tag_value":{"@@append":["test"]}}}}`, dev)
		const atRoot, inDev = `{"tags":{"stage":{"tag_key":"Stage","tag_value":["live"]}}}`, `{"tags":{"stage":{"tag_key":"Stage","tag_value":["live","test"]}}}`
		check := func(when string, asker as, target *string, want string) {
			t.Helper()
			e := asker.effective(t, orgtypes.EffectivePolicyTypeTagPolicy, target)
			if *e.PolicyContent != want || e.PolicyType != orgtypes.EffectivePolicyTypeTagPolicy || time.Since(*e.LastUpdatedTimestamp) > time.Hour {
				t.Errorf("%s: effective policy %s of %v, want %s", when, *e.PolicyContent, *e.LastUpdatedTimestamp, want)
			}
			if target != nil && *e.TargetId != *target {
				t.Errorf("%s: of %s", when, *e.TargetId)
			}
		}
		check("asked by itself", inside, nil, inDev)
		check("asked by the management account", w.admin, &account, inDev)
		check("of the other", w.admin, &other, atRoot)
		check("of the management account", w.admin, nil, atRoot)
		_, err = inside.organizations().DescribeEffectivePolicy(ctx, &organizations.DescribeEffectivePolicyInput{PolicyType: orgtypes.EffectivePolicyTypeTagPolicy, TargetId: &other})
		fails(t, err, "AccessDeniedException", "")
		_, err = w.admin.organizations().DescribeEffectivePolicy(ctx, &organizations.DescribeEffectivePolicyInput{PolicyType: orgtypes.EffectivePolicyTypeTagPolicy, TargetId: &dev})
		fails(t, err, "InvalidInputException", "")

		w.move(t, account, dev, w.rootID)
		check("moved", inside, nil, atRoot)
		w.move(t, account, w.rootID, dev)
		s.restart()
		w.root, w.admin = s.at(w.root), s.at(w.admin)
		check("after a restart", w.admin, &account, inDev)
		w.detach(t, added, dev)
		check("detached", w.admin, &account, atRoot)
	})
}

// at is the same identity after the server has started again, maybe at another endpoint.
func (s *server) at(a as) as {
	a.s, a.BaseEndpoint = s, aws.String(s.endpoint)
	return a
}

// The aws CLI makes a backup policy in two pieces; while one is missing, it tells what is
// wrong with which account.
func TestBackupPoliciesByCLI(t *testing.T) {
	t.Parallel()
	needsEndpointVariable(t) // and an older CLI does not have the newer commands
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		account := w.account(t, w.rootID, "Member", "")
		run := func(args ...string) string {
			t.Helper()
			return strings.TrimSpace(w.admin.ok(t, append([]string{"organizations"}, append(args, "--output", "text")...)...))
		}
		run("enable-policy-type", "--root-id", w.rootID, "--policy-type", "BACKUP_POLICY")
		create := func(name, document string) string {
			t.Helper()
			return run("create-policy", "--type", "BACKUP_POLICY", "--name", name, "--description", "", "--content", document, "--query", "Policy.PolicySummary.Id")
		}
		plan := create("Plan", `{"plans":{"Nightly":{"regions":{"@@assign":["eu-west-1"]},"rules":{"Night":{"schedule_expression":{"@@assign":"cron(0 3 ? * * *)"},"target_backup_vault_name":{"@@assign":"Vault"}}}}}}`)
		what := create("What", `{"plans":{"nightly":{"selections":{"tags":{"Kept":{"iam_role_arn":{"@@assign":"arn:aws:iam::$account:role/Keeper"},"tag_key":{"@@assign":"keep"},"tag_value":{"@@assign":["yes"]}}}}}}}`)
		run("attach-policy", "--policy-id", plan, "--target-id", account)
		if got := run("list-accounts-with-invalid-effective-policy", "--policy-type", "BACKUP_POLICY", "--query", "Accounts[].Id"); got != account {
			t.Errorf("invalid accounts = %q", got)
		}
		got := run("list-effective-policy-validation-errors", "--account-id", account, "--policy-type", "BACKUP_POLICY",
			"--query", "EffectivePolicyValidationErrors[].[ErrorCode,ErrorMessage,PathToError,ContributingPolicies[0]]")
		if want := "KEY_REQUIRED\t'selections' is missing\tplans/nightly\t" + plan; got != want {
			t.Errorf("errors = %q, want %q", got, want)
		}
		run("attach-policy", "--policy-id", what, "--target-id", w.rootID)
		// The account is whole now; for the management account what the root has is not enough.
		if got := run("list-accounts-with-invalid-effective-policy", "--policy-type", "BACKUP_POLICY", "--query", "Accounts[].Id"); got != managementID {
			t.Errorf("invalid accounts = %q", got)
		}
		var effective struct {
			Plans map[string]struct {
				Regions    []string
				Selections struct {
					Tags map[string]struct {
						Values []string `json:"tag_value"`
					}
				}
			}
		}
		content := run("describe-effective-policy", "--policy-type", "BACKUP_POLICY", "--target-id", account, "--query", "EffectivePolicy.PolicyContent")
		must(t, json.Unmarshal([]byte(content), &effective))
		if p := effective.Plans["nightly"]; len(p.Regions) != 1 || len(p.Selections.Tags["kept"].Values) != 1 || strings.Contains(content, "@@") {
			t.Errorf("effective policy = %s", content)
		}
		complaint := w.admin.refused(t, "MalformedPolicyDocumentException", "organizations", "update-policy", "--policy-id", what, "--content", `{"plans":{"P":{"region":{}}}}`)
		if !strings.Contains(complaint, "plans/P/region, line 1") {
			t.Errorf("complaint = %s", complaint)
		}
	})
}
