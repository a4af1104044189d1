package sts_test

import (
	"crypto/rand"
	"encoding/base64"
	"testing"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// noise is text that does not compress well.
func noise(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)[:n]
}

func TestPackedPolicySize(t *testing.T) {
	s := newScene(t, storetest.Memory())
	alice := s.user(boss, "alice", allowAll)
	role := s.role(boss, "R", trusting(boss))
	const example = `{"Version":"2012-10-17","Statement":[{"Sid":"Stmt1","Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}`
	tag := func(key, value string) stsapi.Tag { return stsapi.Tag{Key: &key, Value: &value} }
	var tags []stsapi.Tag
	for range 20 {
		tags = append(tags, tag(noise(128), noise(256)))
	}
	tests := []struct {
		name          string
		in            stsapi.AssumeRoleInput
		want          int32
		code, message string
	}{
		{"nothing", stsapi.AssumeRoleInput{}, 0, "", ""},
		// The examples of AssumeRole and GetFederationToken in the STS API Reference.
		{"example of AssumeRole", stsapi.AssumeRoleInput{
			Policy: new(example), Tags: []stsapi.Tag{tag("Project", "Unicorn"), tag("Team", "Automation"), tag("Cost-Center", "12345")},
		}, 8, "", ""},
		{"example of GetFederationToken", stsapi.AssumeRoleInput{
			Policy: new(example), Tags: []stsapi.Tag{tag("Project", "Pegasus"), tag("Cost-Center", "98765")},
		}, 8, "", ""},
		{"too many tags", stsapi.AssumeRoleInput{Tags: tags}, 0, "PackedPolicyTooLarge", "Packed size of session tags consumes "},
		{"too much of both", stsapi.AssumeRoleInput{Policy: new(example), Tags: tags}, 0, "PackedPolicyTooLarge", "% of allotted space, please use smaller policy."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := tt.in
			in.RoleArn = &role
			out, err := s.assume(alice, &in)
			expect(t, err, tt.code, tt.message)
			if err == nil && smithy.Value(out.PackedPolicySize) != tt.want {
				t.Errorf("packed size %d %%, want %d %%", smithy.Value(out.PackedPolicySize), tt.want)
			}
		})
	}
}
