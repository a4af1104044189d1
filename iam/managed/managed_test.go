package managed_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/iam/managed"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

// document is what a policy's JSON must decode into, with nothing left over.
type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Effect      string
	Action      list
	NotAction   list
	Resource    list
	NotResource list
	Condition   map[string]map[string]list
}

// list accepts a string or an array of strings.
type list []string

func (l *list) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		*l = []string{""}
		return json.Unmarshal(b, &(*l)[0])
	}
	return json.Unmarshal(b, (*[]string)(l))
}

func decode(t *testing.T, p *managed.Policy) document {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(p.Document()))
	d.DisallowUnknownFields()
	var doc document
	if err := d.Decode(&doc); err != nil {
		t.Fatalf("%s: %v", p.Name, err)
	}
	return doc
}

func TestEveryDocumentIsAPolicy(t *testing.T) {
	for _, p := range managed.All() {
		doc := decode(t, p)
		if doc.Version != "2012-10-17" || len(doc.Statement) == 0 {
			t.Errorf("%s: version %q, %d statements", p.Name, doc.Version, len(doc.Statement))
		}
		for i, s := range doc.Statement {
			if s.Effect != "Allow" && s.Effect != "Deny" {
				t.Errorf("%s: statement %d: effect %q", p.Name, i, s.Effect)
			}
			if (len(s.Action) == 0) == (len(s.NotAction) == 0) || (len(s.Resource) == 0) == (len(s.NotResource) == 0) {
				t.Errorf("%s: statement %d needs one of Action and NotAction, and one of Resource and NotResource", p.Name, i)
			}
		}
	}
}

// unlistedAction stands in AWS's own document, but not in the reference.
const unlistedAction = "memorydb:ReplicateMultiRegionClusterData"

func TestEveryActionExists(t *testing.T) {
	known := map[string]bool{"*": true, unlistedAction: true}
	for _, p := range managed.All() {
		for _, s := range decode(t, p).Statement {
			for _, a := range slices.Concat(s.Action, s.NotAction) {
				if _, ok := known[a]; !ok {
					known[a] = len(serviceauth.Expand(a)) > 0
				}
				if !known[a] {
					t.Errorf("%s: unknown action %s", p.Name, a)
				}
			}
		}
	}
}

// unlistedKey stands in AWS's own document, but not in the guide's list.
const unlistedKey = "aws:PrincipalOrgMasterAccountId"

func TestEveryConditionKeyExists(t *testing.T) {
	for _, p := range managed.All() {
		for _, s := range decode(t, p).Statement {
			for operator, keys := range s.Condition {
				for key, values := range keys {
					if _, ok := serviceauth.ConditionKey(key); !ok && key != unlistedKey {
						t.Errorf("%s: unknown condition key %s", p.Name, key)
					}
					if len(values) == 0 {
						t.Errorf("%s: %s %s has no value", p.Name, operator, key)
					}
				}
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	policies := managed.All()
	if len(policies) < 250 {
		t.Errorf("got %d policies, want at least 250", len(policies))
	}
	id := regexp.MustCompile(`^ANPA[A-Z0-9]{17}$`)
	version := regexp.MustCompile(`^v[1-9][0-9]*$`)
	ids := map[string]string{}
	for i, p := range policies {
		if i > 0 && policies[i-1].Name >= p.Name {
			t.Errorf("%s does not come after %s", p.Name, policies[i-1].Name)
		}
		if p.ARN != "arn:aws:iam::aws:policy"+p.Path+p.Name {
			t.Errorf("%s: ARN %s does not fit the path %s", p.Name, p.ARN, p.Path)
		}
		if !id.MatchString(p.ID) || ids[p.ID] != "" {
			t.Errorf("%s: bad id %s (or the same as %s's)", p.Name, p.ID, ids[p.ID])
		}
		ids[p.ID] = p.Name
		if !version.MatchString(p.DefaultVersionID) || p.CreateDate.Year() < 2015 || p.UpdateDate.Before(p.CreateDate) {
			t.Errorf("%s: version %s, created %v, updated %v", p.Name, p.DefaultVersionID, p.CreateDate, p.UpdateDate)
		}
		if found, ok := managed.ByARN(p.ARN); !ok || found != p {
			t.Errorf("ByARN(%s) does not find it", p.ARN)
		}
	}
	for _, arn := range []string{"", "arn:aws:iam::aws:policy/NoSuchPolicy", "arn:aws:iam::aws:policy/administratoraccess", "arn:aws:iam::111122223333:policy/AdministratorAccess"} {
		if _, ok := managed.ByARN(arn); ok {
			t.Errorf("ByARN(%q) found something", arn)
		}
	}
}

func TestKnownDocuments(t *testing.T) {
	tests := []struct{ name, id, document string }{
		{
			"/AdministratorAccess", "ANPAIWMBCKSKIEE64ZLYK",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		},
		{
			"/AmazonS3ReadOnlyAccess", "ANPAIZTJ4DXE7G6AGAE6M",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3-object-lambda:Get*","s3-object-lambda:List*","s3:Describe*","s3:Get*","s3:List*"],"Resource":"*"}]}`,
		},
		{
			"/IAMUserChangePassword", "ANPAJ4L4MM2A7QIEB56MS",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ChangePassword","Resource":["arn:aws:iam::*:user/${aws:username}","arn:aws:iam::*:user/*/${aws:username}"]},{"Effect":"Allow","Action":"iam:GetAccountPasswordPolicy","Resource":"*"}]}`,
		},
	}
	for _, tt := range tests {
		p, ok := managed.ByARN("arn:aws:iam::aws:policy" + tt.name)
		if !ok {
			t.Errorf("%s: not found", tt.name)
			continue
		}
		if p.ID != tt.id {
			t.Errorf("%s: id %s, want %s", tt.name, p.ID, tt.id)
		}
		if got := p.Document(); got != tt.document {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.document)
		}
	}
}

// TestPowerUserExcludesAccountsAndIdentities pins the one everybody relies on that is
// written with NotAction.
func TestPowerUserExcludesAccountsAndIdentities(t *testing.T) {
	p, _ := managed.ByARN("arn:aws:iam::aws:policy/PowerUserAccess")
	first := decode(t, p).Statement[0]
	if first.Effect != "Allow" || !slices.Equal(first.NotAction, []string{"account:*", "iam:*", "organizations:*"}) {
		t.Errorf("first statement is %+v", first)
	}
}

func TestRootTaskPoliciesDenyTheRest(t *testing.T) {
	n := 0
	for _, p := range managed.All() {
		if p.Path != "/root-task/" {
			continue
		}
		n++
		denies := slices.ContainsFunc(decode(t, p).Statement, func(s statement) bool {
			return s.Effect == "Deny" && len(s.NotAction) > 0
		})
		if !denies {
			t.Errorf("%s does not deny what lies outside its task", p.Name)
		}
	}
	if n != 5 {
		t.Errorf("root tasks: got %d, want 5", n)
	}
}

// TestBuiltPolicies holds each built policy against what AWS says of it: only reading,
// the examples inside, the secrets outside.
func TestBuiltPolicies(t *testing.T) {
	tests := []struct {
		name    string
		has     []string
		hasNot  []string
		atLeast int
	}{
		{
			"/ReadOnlyAccess",
			[]string{"s3:GetObject", "iam:GetUser", "organizations:DescribeOrganization", "ec2:DescribeInstances", "dynamodb:Scan", "sts:GetCallerIdentity", "ssm:GetParameter", "ecr:GetAuthorizationToken"},
			[]string{"secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "sts:AssumeRole", "sts:GetFederationToken", "kms:Decrypt", "iam:CreateUser", "redshift:GetClusterCredentials", "ec2:GetPasswordData", "bedrock:InvokeModel"},
			9000,
		},
		{
			"/SecurityAudit",
			[]string{"iam:GenerateCredentialReport", "iam:GetAccountAuthorizationDetails", "s3:GetBucketPolicy", "cloudtrail:DescribeTrails", "organizations:ListPolicies", "lambda:GetPolicy", "kms:GetKeyPolicy"},
			[]string{"s3:GetObject", "dynamodb:GetItem", "dynamodb:Scan", "sqs:ReceiveMessage", "ssm:GetParameter", "secretsmanager:GetSecretValue", "lambda:GetFunction"},
			5000,
		},
		{
			"/job-function/ViewOnlyAccess",
			[]string{"ec2:DescribeInstances", "s3:ListAllMyBuckets", "iam:ListUsers", "lambda:ListFunctions"},
			[]string{"s3:GetObject", "dynamodb:GetItem", "iam:GetUser", "sqs:ReceiveMessage", "ssm:GetParameter"},
			4000,
		},
	}
	for _, tt := range tests {
		p, ok := managed.ByARN("arn:aws:iam::aws:policy" + tt.name)
		if !ok || !p.Built {
			t.Fatalf("%s: found %v, not marked as built", tt.name, ok)
		}
		allowed := map[string]bool{}
		for _, pattern := range decode(t, p).Statement[0].Action {
			for _, a := range serviceauth.Expand(pattern) {
				allowed[a] = true
				if action, _ := serviceauth.LookupAction(a); action.AccessLevel != serviceauth.List && action.AccessLevel != serviceauth.Read {
					t.Errorf("%s allows %s, which is %s", tt.name, a, action.AccessLevel)
				}
			}
		}
		for _, a := range tt.has {
			if !allowed[a] {
				t.Errorf("%s lacks %s", tt.name, a)
			}
		}
		for _, a := range tt.hasNot {
			if allowed[a] {
				t.Errorf("%s allows %s", tt.name, a)
			}
		}
		if len(allowed) < tt.atLeast {
			t.Errorf("%s allows %d actions, want at least %d", tt.name, len(allowed), tt.atLeast)
		}
	}
}

func TestServiceLinkedRoles(t *testing.T) {
	roles := managed.ServiceLinkedRoles()
	if !slices.IsSortedFunc(roles, func(a, b managed.ServiceLinkedRole) int { return strings.Compare(a.Service, b.Service) }) {
		t.Error("roles are not ascending by service")
	}
	seen := map[string]bool{}
	for _, r := range roles {
		if seen[r.Service] || seen[r.RoleName] {
			t.Errorf("%s or %s appears twice", r.Service, r.RoleName)
		}
		seen[r.Service], seen[r.RoleName] = true, true
		p, ok := managed.ByARN(r.PolicyARN())
		if !ok {
			t.Errorf("%s: there is no policy %s", r.Service, r.PolicyARN())
		} else if p.Attachable() {
			t.Errorf("%s is attachable", p.ARN)
		}
		if !strings.HasPrefix(r.RoleName, "AWSServiceRoleFor") || len(r.RoleName) > 64 {
			t.Errorf("%s: role name %s", r.Service, r.RoleName)
		}
	}
	r, ok := managed.ServiceLinkedRoleFor("sso.amazonaws.com")
	if !ok || r.RoleName != "AWSServiceRoleForSSO" || r.Path() != "/aws-service-role/sso.amazonaws.com/" ||
		r.PolicyARN() != "arn:aws:iam::aws:policy/aws-service-role/AWSSSOServiceRolePolicy" {
		t.Errorf("sso.amazonaws.com: %+v", r)
	}
	if _, ok := managed.ServiceLinkedRoleFor("nosuch.amazonaws.com"); ok {
		t.Error("found a role of nosuch.amazonaws.com")
	}
}

func TestTrustedServices(t *testing.T) {
	services := managed.TrustedServices()
	for i, s := range services {
		if i > 0 && services[i-1].Principal >= s.Principal {
			t.Errorf("%s does not come after %s", s.Principal, services[i-1].Principal)
		}
		if s.Name == "" || !strings.HasSuffix(s.Principal, ".amazonaws.com") && s.Principal != "notifications.amazon.com" {
			t.Errorf("%+v", s)
		}
	}
	for principal, delegated := range map[string]bool{
		"iam.amazonaws.com": true, "account.amazonaws.com": true, "sso.amazonaws.com": true, "config.amazonaws.com": true,
		"securityhub.amazonaws.com": true, "guardduty.amazonaws.com": true, "cloudtrail.amazonaws.com": true,
		"ram.amazonaws.com": false, "tagpolicies.tag.amazonaws.com": false, "servicequotas.amazonaws.com": false,
	} {
		s, ok := managed.TrustedServiceFor(principal)
		if !ok || s.DelegatedAdministrator != delegated {
			t.Errorf("%s: found %v, delegated administrator %v", principal, ok, s.DelegatedAdministrator)
		}
	}
	for _, principal := range []string{"", "ec2", "nosuch.amazonaws.com", "SSO.amazonaws.com"} {
		if _, ok := managed.TrustedServiceFor(principal); ok {
			t.Errorf("TrustedServiceFor(%q) found something", principal)
		}
	}
}
