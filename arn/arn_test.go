package arn_test

import (
	"testing"

	"github.com/bailiwick/bailiwick/arn"
)

func TestParseRoundTrip(t *testing.T) {
	for _, s := range []string{
		"arn:aws:iam::111122223333:user/division_abc/Zoe",
		"arn:aws:sts::111122223333:assumed-role/Admin/session",
		"arn:aws:s3:::bucket/key:with:colons",
		"arn:aws-cn:sns:cn-north-1:111122223333:topic:11111111-2222-3333-4444-555555555555",
	} {
		a, err := arn.Parse(s)
		if err != nil {
			t.Fatalf("Parse(%q): %v", s, err)
		}
		if a.String() != s {
			t.Errorf("Parse(%q).String() = %q", s, a.String())
		}
	}
}

func TestParseParts(t *testing.T) {
	a, err := arn.Parse("arn:aws:lambda:eu-west-1:111122223333:function:name:1")
	if err != nil {
		t.Fatal(err)
	}
	want := arn.ARN{Partition: "aws", Service: "lambda", Region: "eu-west-1", AccountID: "111122223333", Resource: "function:name:1"}
	if a != want {
		t.Errorf("got %+v, want %+v", a, want)
	}
	if a.ResourceType() != "function" {
		t.Errorf("ResourceType = %q", a.ResourceType())
	}
	u, _ := arn.Parse("arn:aws:iam::111122223333:user/a/b/Zoe")
	if u.ResourceType() != "user" || u.ResourceName() != "Zoe" {
		t.Errorf("type %q, name %q", u.ResourceType(), u.ResourceName())
	}
	b, _ := arn.Parse("arn:aws:s3:::bucket")
	if b.ResourceType() != "" || b.ResourceName() != "bucket" {
		t.Errorf("type %q, name %q", b.ResourceType(), b.ResourceName())
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{
		"", "*", "arn", "arn:", "arn:aws:iam", "arn:aws:iam::111122223333", "ARN:aws:iam::1:user/x",
		"arn::iam::111122223333:user/x", "arn:aws:::111122223333:user/x", "arn:aws:iam::111122223333:",
	} {
		if a, err := arn.Parse(s); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", s, a)
		}
	}
}

func TestIsAccountID(t *testing.T) {
	for s, want := range map[string]bool{
		"111122223333": true, "012345678901": true,
		"": false, "11112222333": false, "1111222233334": false, "11112222333a": false, "１１１１２２２２３３３３": false,
	} {
		if arn.IsAccountID(s) != want {
			t.Errorf("IsAccountID(%q) = %v", s, !want)
		}
	}
}
