package sts_test

import (
	"testing"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// The operations behind validation and the gate, without the network and the audit queue.
func BenchmarkAssumeRole(b *testing.B) {
	s := newScene(b, storetest.Memory())
	alice := s.user(boss, "alice", allowAll)
	role := s.role(s.dev, "R", trusting(boss, `"StringEquals":{"sts:ExternalId":"123ABC"}`))
	tests := []struct {
		name string
		in   stsapi.AssumeRoleInput
	}{
		{"plain", stsapi.AssumeRoleInput{}},
		{"policy and tags", stsapi.AssumeRoleInput{
			Policy: new(allowing("s3:*", "sts:*")), Tags: []stsapi.Tag{{Key: new("Project"), Value: new("X")}},
		}},
	}
	for _, tt := range tests {
		b.Run(tt.name, func(b *testing.B) {
			in := tt.in
			in.RoleArn, in.ExternalId = &role, new("123ABC")
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.assume(alice, &in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("refused", func(b *testing.B) {
		in := stsapi.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("session")}
		ctx := credential.NewContext(b.Context(), alice)
		request := authz.Request{Service: "sts", Operation: "AssumeRole", Caller: alice, Input: &in}
		b.ReportAllocs()
		for b.Loop() {
			if err := s.gate.Authorize(ctx, &request); err == nil {
				b.Fatal("allowed")
			}
		}
	})
}

func BenchmarkGetCallerIdentity(b *testing.B) {
	s := newScene(b, storetest.Memory())
	alice := s.user(boss, "alice", allowAll)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := call[*stsapi.GetCallerIdentityOutput](s, alice, &stsapi.GetCallerIdentityInput{}); err != nil {
			b.Fatal(err)
		}
	}
}
