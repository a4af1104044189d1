package serviceauth_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

func TestTableIsWholeAndOrdered(t *testing.T) {
	services := serviceauth.Services()
	if len(services) < 450 {
		t.Fatalf("services: got %d, want at least 450", len(services))
	}
	if !slices.IsSortedFunc(services, func(a, b *serviceauth.Service) int { return strings.Compare(a.Prefix, b.Prefix) }) {
		t.Error("services are not ascending by prefix")
	}
	actions := 0
	for _, s := range services {
		if s.Name == "" {
			t.Errorf("%s: no name", s.Prefix)
		}
		list := s.Actions()
		actions += len(list)
		if !slices.IsSortedFunc(list, func(a, b serviceauth.Action) int {
			return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
		}) {
			t.Errorf("%s: actions are not ascending", s.Prefix)
		}
		for _, a := range list {
			if found, ok := s.Action(strings.ToUpper(a.Name)); !ok || found.Name != a.Name {
				t.Fatalf("%s: action %s is not found by its name in capitals", s.Prefix, a.Name)
			}
			if a.AccessLevel.String() == "Unknown" {
				t.Errorf("%s:%s: no access level", s.Prefix, a.Name)
			}
		}
	}
	if actions < 22000 {
		t.Errorf("actions: got %d, want at least 22000", actions)
	}
}

func TestSourceIsWhatTheDocumentationSays(t *testing.T) {
	version, day := serviceauth.Source()
	if version != "0.21.202609261" || day != "2026-09-26" {
		t.Errorf("source is %s of %s: correct doc.go with this test", version, day)
	}
}

func TestActionFacts(t *testing.T) {
	tests := []struct {
		action    string
		level     serviceauth.AccessLevel
		resources string // "name" or "name*" when required, with commas
		keys      string
	}{
		{"organizations:AttachPolicy", serviceauth.PermissionsManagement, "account,organizationalunit,policy*,root", "organizations:PolicyType"},
		{"organizations:ListAccounts", serviceauth.List, "", ""},
		{"iam:GETUSER", serviceauth.Read, "user*", ""},
		{"sts:GetCallerIdentity", serviceauth.Read, "", ""},
		{"iam:PassRole", serviceauth.Write, "role*", "iam:AssociatedResourceArn,iam:PassedToService"},
		{"iam:TagRole", serviceauth.Tagging, "role*", "aws:RequestTag/${TagKey},aws:TagKeys,iam:RoleTemplateARN"},
		{"iam:AttachRolePolicy", serviceauth.PermissionsManagement, "role*", "iam:PermissionsBoundary,iam:PolicyARN,iam:RoleTemplateARN"},
	}
	for _, tt := range tests {
		a, ok := serviceauth.LookupAction(tt.action)
		if !ok {
			t.Errorf("%s: not found", tt.action)
			continue
		}
		var resources []string
		for _, r := range a.Resources {
			name := r.Type.Name
			if r.Required {
				name += "*"
			}
			resources = append(resources, name)
		}
		if a.AccessLevel != tt.level {
			t.Errorf("%s: level %s, want %s", tt.action, a.AccessLevel, tt.level)
		}
		if got := strings.Join(resources, ","); got != tt.resources {
			t.Errorf("%s: resources %s, want %s", tt.action, got, tt.resources)
		}
		if got := strings.Join(a.ConditionKeys, ","); got != tt.keys {
			t.Errorf("%s: condition keys %s, want %s", tt.action, got, tt.keys)
		}
	}
}

func TestUnknownNamesAreNotFound(t *testing.T) {
	for _, name := range []string{"", "iam", "iam:", "iam:NoSuchAction", "nosuch:GetUser", ":GetUser", "iam:GetUser:x"} {
		if a, ok := serviceauth.LookupAction(name); ok {
			t.Errorf("LookupAction(%q) found %s", name, a.Name)
		}
	}
}

func TestConditionKey(t *testing.T) {
	tests := []struct {
		name  string
		want  string
		kind  serviceauth.KeyType
		multi bool
	}{
		{"aws:SourceIp", "aws:SourceIp", serviceauth.IPAddress, false},
		{"AWS:sourceip", "aws:SourceIp", serviceauth.IPAddress, false},
		{"aws:PrincipalTag/team", "aws:PrincipalTag/${TagKey}", serviceauth.String, false},
		{"aws:TagKeys", "aws:TagKeys", serviceauth.String, true},
		{"aws:PrincipalOrgPaths", "aws:PrincipalOrgPaths", serviceauth.String, true},
		{"aws:MultiFactorAuthPresent", "aws:MultiFactorAuthPresent", serviceauth.Bool, false},
		{"aws:AssumedRoot", "aws:AssumedRoot", serviceauth.Bool, false},
		{"iam:PolicyARN", "iam:PolicyARN", serviceauth.ARN, false},
		{"iam:ResourceTag/Owner", "iam:ResourceTag/${TagKey}", serviceauth.String, false},
		{"sts:ExternalId", "sts:ExternalId", serviceauth.String, false},
		{"sts:TransitiveTagKeys", "sts:TransitiveTagKeys", serviceauth.String, true},
		{"secretsmanager:ResourceTag/team", "secretsmanager:ResourceTag/${TagKey}", serviceauth.String, false},
		{"s3:ExistingObjectTag/team", "s3:ExistingObjectTag/${TagKey}", serviceauth.String, false},
		{"saml:aud", "saml:aud", serviceauth.String, false},
		{"organizations:ServicePrincipal", "organizations:ServicePrincipal", serviceauth.String, false},
		{"ec2:SourceInstanceArn", "ec2:SourceInstanceArn", serviceauth.ARN, false},
	}
	for _, tt := range tests {
		k, ok := serviceauth.ConditionKey(tt.name)
		if !ok || k.Name != tt.want || k.Type != tt.kind || k.MultiValued != tt.multi {
			t.Errorf("ConditionKey(%q) = %+v, %v", tt.name, k, ok)
		}
	}
	for _, name := range []string{"", "aws:", "aws:NoSuchKey", "aws:RequestTag/", "iam:NoSuchKey", "nocolon"} {
		if k, ok := serviceauth.ConditionKey(name); ok {
			t.Errorf("ConditionKey(%q) found %s", name, k.Name)
		}
	}
}

func TestGlobalKeysAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range serviceauth.GlobalKeys() {
		if seen[k.Name] {
			t.Errorf("%s appears twice", k.Name)
		}
		seen[k.Name] = true
	}
}

func TestMatch(t *testing.T) {
	tests := []struct{ service, arn, want string }{
		{"s3", "arn:aws:s3:::bucket", "bucket"},
		{"s3", "arn:aws:s3:::bucket/a/b:c", "object"},
		{"iam", "arn:aws:iam::111122223333:role/team/x", "role"},
		{"iam", "arn:aws:iam::111122223333:user/bob", "user"},
		{"iam", "arn:aws:iam::aws:policy/AdministratorAccess", "policy"},
		{"organizations", "arn:aws:organizations::111122223333:ou/o-abcdefghij/ou-abcd-12345678", "organizationalunit"},
		{"organizations", "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess", "awspolicy"},
		{"organizations", "arn:aws:organizations::111122223333:policy/o-abcdefghij/service_control_policy/p-12345678", "policy"},
		{"organizations", "arn:aws:organizations::111122223333:account/o-abcdefghij/444455556666", "account"},
		{"organizations", "arn:aws:organizations::111122223333:nothing/o-abcdefghij", ""},
		{"iam", "arn:aws:iam::111122223333:role/", ""},
		{"iam", "arn:aws:iam:us-east-1:111122223333:role/x", ""},
		{"iam", "not an ARN", ""},
		{"iam", "", ""},
	}
	for _, tt := range tests {
		s, ok := serviceauth.Lookup(tt.service)
		if !ok {
			t.Fatalf("no service %s", tt.service)
		}
		got := ""
		if r, ok := s.Match(tt.arn); ok {
			got = r.Name
		}
		if got != tt.want {
			t.Errorf("%s: Match(%q) = %q, want %q", tt.service, tt.arn, got, tt.want)
		}
	}
}

// TestMatchFindsTheTemplateItself fills every template with a plain value: some type
// must match it, as in AWS's reference no template is impossible.
func TestMatchFindsTheTemplateItself(t *testing.T) {
	for _, s := range serviceauth.Services() {
		for _, r := range s.ResourceTypes() {
			if _, ok := s.Match(fill(r.ARN)); !ok {
				t.Errorf("%s: nothing matches %s (%s)", s.Prefix, fill(r.ARN), r.ARN)
			}
		}
	}
}

func fill(template string) string {
	for {
		before, rest, ok := strings.Cut(template, "${")
		if !ok {
			return template
		}
		_, after, _ := strings.Cut(rest, "}")
		template = before + "x" + after
	}
}

func TestExpand(t *testing.T) {
	tests := []struct {
		pattern string
		has     []string
		hasNot  []string
	}{
		{"s3:GetBucketPol*", []string{"s3:GetBucketPolicy", "s3:GetBucketPolicyStatus"}, []string{"s3:GetBucketAcl"}},
		{"IAM:getuser", []string{"iam:GetUser"}, []string{"iam:GetUserPolicy"}},
		{"sts:*", []string{"sts:AssumeRole", "sts:GetCallerIdentity"}, nil},
		{"iam:?etUser", []string{"iam:GetUser"}, []string{"iam:UpdateUser"}},
		{"*", []string{"iam:GetUser", "s3:GetObject", "sts:AssumeRole"}, nil},
	}
	for _, tt := range tests {
		got := serviceauth.Expand(tt.pattern)
		for _, name := range tt.has {
			if !slices.Contains(got, name) {
				t.Errorf("Expand(%q) lacks %s", tt.pattern, name)
			}
		}
		for _, name := range tt.hasNot {
			if slices.Contains(got, name) {
				t.Errorf("Expand(%q) holds %s", tt.pattern, name)
			}
		}
	}
	for _, pattern := range []string{"", "iam", "iam:", "nosuch:*", "iam:Zzz*"} {
		if got := serviceauth.Expand(pattern); len(got) != 0 {
			t.Errorf("Expand(%q) = %v, want nothing", pattern, got)
		}
	}
}

func TestRCPSupported(t *testing.T) {
	for prefix, want := range map[string]bool{"s3": true, "sts": true, "kms": true, "sqs": true, "iam": false, "ec2": false, "nosuch": false} {
		if got := serviceauth.RCPSupported(prefix); got != want {
			t.Errorf("RCPSupported(%q) = %v, want %v", prefix, got, want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	done := make(chan bool)
	for range 8 {
		go func() {
			_, ok := serviceauth.LookupAction("lambda:InvokeFunction")
			done <- ok
		}()
	}
	for range 8 {
		if !<-done {
			t.Error("lambda:InvokeFunction not found")
		}
	}
}
