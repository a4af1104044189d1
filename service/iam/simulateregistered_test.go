package iam_test

import (
	"strings"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/resource"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// Registered resources of the account speak for themselves, unless the request gives their
// policy or says that another account owns them; those of other accounts do not.
func TestSimulateRegisteredResources(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	noError(t, only(f.CreateUser(f.ctx, &iamapi.CreateUserInput{UserName: ptr("zoe")})))
	zoe := "arn:aws:iam::" + home + ":user/zoe"
	noError(t, only(f.PutUserPolicy(f.ctx, &iamapi.PutUserPolicyInput{UserName: ptr("zoe"), PolicyName: ptr("own"), PolicyDocument: ptr(
		`{"Version":"2012-10-17","Statement":[` +
			`{"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}},` +
			`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}`)})))
	const (
		bucket = "arn:aws:s3:::ours"
		theirs = "arn:aws:s3:::theirs"
		key    = "arn:aws:kms:eu-west-1:" + home + ":key/k"
	)
	grant := func(action, on string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + zoe + `"},"Action":"` + action + `","Resource":"` + on + `"}]}`
	}
	f.update(t, func(tx *store.Tx) error {
		p, err := resource.MakePlan(t.Context(), tx, &resource.Wish{Put: []resource.Spec{
			{ARN: bucket, AccountID: home, Policy: grant("s3:GetObject", bucket+"/*"), Tags: []resource.Tag{{Key: "team", Value: "red"}}},
			{ARN: theirs, AccountID: other, Policy: grant("s3:GetObject", theirs+"/*")},
			{ARN: key, Policy: strings.Replace(grant("kms:Decrypt", "*"), zoe, "arn:aws:iam::"+other+":root", 1)},
		}})
		if err != nil {
			return err
		}
		return p.Apply(t.Context(), tx)
	})
	for _, c := range []struct {
		name string
		in   iamapi.SimulatePrincipalPolicyInput
		want string
	}{
		{"its policy allows", iamapi.SimulatePrincipalPolicyInput{ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{bucket + "/x"}}, "allowed " + bucket},
		{"its tags count", iamapi.SimulatePrincipalPolicyInput{ActionNames: []string{"s3:PutObject"}, ResourceArns: []string{bucket + "/x"}}, "allowed user_zoe_own"},
		{"the request's tags win", iamapi.SimulatePrincipalPolicyInput{
			ActionNames: []string{"s3:PutObject"}, ResourceArns: []string{bucket + "/x"}, ContextEntries: []iamapi.ContextEntry{entry("aws:ResourceTag/team", "string", "blue")},
		}, "implicitDeny"},
		{"nobody allows", iamapi.SimulatePrincipalPolicyInput{ActionNames: []string{"s3:DeleteObject"}, ResourceArns: []string{bucket + "/x"}}, "implicitDeny"},
		{"the request's policy wins", iamapi.SimulatePrincipalPolicyInput{
			ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{bucket + "/x"}, ResourcePolicy: ptr(grant("s3:ListBucket", bucket+"/*")),
		}, "implicitDeny"},
		{"another owner", iamapi.SimulatePrincipalPolicyInput{ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{bucket + "/x"}, ResourceOwner: ptr(other)}, "implicitDeny"},
		{"another account's bucket", iamapi.SimulatePrincipalPolicyInput{ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{theirs + "/x"}}, "implicitDeny"},
		{"a bucket that is not registered", iamapi.SimulatePrincipalPolicyInput{ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{"arn:aws:s3:::none/x"}}, "implicitDeny"},
		{"a key has to allow", iamapi.SimulatePrincipalPolicyInput{ActionNames: []string{"kms:Decrypt"}, ResourceArns: []string{key}}, "implicitDeny"},
		{"a key that is not registered", iamapi.SimulatePrincipalPolicyInput{ActionNames: []string{"kms:Decrypt"}, ResourceArns: []string{key + "2"}}, "allowed user_zoe_own"},
		{"another caller", iamapi.SimulatePrincipalPolicyInput{
			ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{bucket + "/x"}, CallerArn: ptr("arn:aws:iam::" + home + ":user/bob"),
		}, "implicitDeny"},
	} {
		c.in.PolicySourceArn = &zoe
		out, err := f.SimulatePrincipalPolicy(f.ctx, &c.in)
		noError(t, err)
		got := *out.EvaluationResults[0].EvalDecision
		for _, s := range out.EvaluationResults[0].MatchedStatements {
			got += " " + *s.SourcePolicyId
		}
		equal(t, c.name, got, c.want)
	}
	// Who is deleted is not who is made again.
	noError(t, only(f.DeleteUserPolicy(f.ctx, &iamapi.DeleteUserPolicyInput{UserName: ptr("zoe"), PolicyName: ptr("own")})))
	noError(t, only(f.DeleteUser(f.ctx, &iamapi.DeleteUserInput{UserName: ptr("zoe")})))
	noError(t, only(f.CreateUser(f.ctx, &iamapi.CreateUserInput{UserName: ptr("zoe")})))
	out, err := f.SimulatePrincipalPolicy(f.ctx, &iamapi.SimulatePrincipalPolicyInput{PolicySourceArn: &zoe, ActionNames: []string{"s3:GetObject"}, ResourceArns: []string{bucket + "/x"}})
	noError(t, err)
	equal(t, "made again", *out.EvaluationResults[0].EvalDecision, string(iamapi.PolicyEvaluationDecisionTypeImplicitDeny))
}
