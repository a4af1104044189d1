package iam_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// bigPolicy is an identity-based policy of exactly n characters without white space.
func bigPolicy(n int) string {
	const head, tail = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::`, "\"}}\n"
	used := len(strings.NewReplacer(" ", "", "\n", "").Replace(head + tail))
	return head + strings.Repeat("x", n-used) + tail
}

func TestQuotas(t *testing.T) {
	const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"%s}}`
	long := fmt.Sprintf(trust, `,"Condition":{"StringEquals":{"aws:PrincipalTag/x":"`+strings.Repeat("x", 2048)+`"}}`)
	for _, c := range []struct {
		name    string
		message string
		// do makes the nth of what is counted, from 1; upTo of them are fine.
		do   func(ctx context.Context, tx *store.Tx, n int) error
		upTo int
	}{
		{"users", "Cannot exceed quota for UsersPerAccount: 5000", func(ctx context.Context, tx *store.Tx, n int) error {
			_, err := iam.CreateUser(ctx, tx, other, iam.NewUser{Name: fmt.Sprint("u", n)})
			return err
		}, 5000},
		{"groups", "Cannot exceed quota for GroupsPerAccount: 300", func(ctx context.Context, tx *store.Tx, n int) error {
			_, err := iam.CreateGroup(ctx, tx, other, fmt.Sprint("g", n), "")
			return err
		}, 300},
		{"roles", "Cannot exceed quota for RolesPerAccount: 1000", func(ctx context.Context, tx *store.Tx, n int) error {
			_, err := iam.CreateRole(ctx, tx, other, iam.NewRole{Name: fmt.Sprint("r", n), TrustPolicy: fmt.Sprintf(trust, "")})
			return err
		}, 1000},
		{"policies", "Cannot exceed quota for PoliciesPerAccount: 1500", func(ctx context.Context, tx *store.Tx, n int) error {
			_, err := iam.CreatePolicy(ctx, tx, other, iam.NewPolicy{Name: fmt.Sprint("p", n), Document: allowAll})
			return err
		}, 1500},
		{"groups of a user", "Cannot exceed quota for GroupsPerUser: 10", func(ctx context.Context, tx *store.Tx, n int) error {
			_, err := iam.CreateGroup(ctx, tx, home, fmt.Sprint("g", n), "")
			return errors.Join(err, iam.AddUserToGroup(ctx, tx, home, fmt.Sprint("g", n), "alice"))
		}, 10},
		{"policies of a user", "Cannot exceed quota for PoliciesPerUser: 10", attachNth(iam.KindUser, "alice"), 10},
		{"policies of a group", "Cannot exceed quota for PoliciesPerGroup: 10", attachNth(iam.KindGroup, "devs"), 10},
		{"policies of a role", "Cannot exceed quota for PoliciesPerRole: 10", attachNth(iam.KindRole, "deploy"), 10},
		{"keys of a user", "Cannot exceed quota for AccessKeysPerUser: 2", func(ctx context.Context, tx *store.Tx, n int) error {
			_, err := iam.CreateAccessKey(ctx, tx, home, "alice", fmt.Sprint("AKIA", n), []byte("s"))
			return err
		}, 2},
		{"keys of the root user", "Cannot exceed quota for AccessKeysPerUser: 2", func(ctx context.Context, tx *store.Tx, n int) error {
			return iam.CreateRootAccessKey(ctx, tx, home, fmt.Sprint("AKIAROOT", n), []byte("s"))
		}, 2},
		{"MFA devices", "Cannot exceed quota for VirtualMFADevicesPerAccount: 5000", func(ctx context.Context, tx *store.Tx, n int) error {
			_, err := iam.CreateMFADevice(ctx, tx, other, iam.MFASerial(other, "", fmt.Sprint("m", n)), []byte("s"), nil)
			return err
		}, 5000},
		{"versions of a policy", "A managed policy can have up to 5 versions.", func(ctx context.Context, tx *store.Tx, n int) error {
			if n == 1 {
				_, err := iam.CreatePolicy(ctx, tx, home, iam.NewPolicy{Name: "v", Document: allowAll})
				return err
			}
			_, err := iam.CreatePolicyVersion(ctx, tx, home, "arn:aws:iam::111122223333:policy/v", allowAll, true)
			return err
		}, 5},
		{"size of a policy", "Cannot exceed quota for PolicySize: 6144", func(ctx context.Context, tx *store.Tx, n int) error {
			_, err := iam.CreatePolicy(ctx, tx, home, iam.NewPolicy{Name: fmt.Sprint("size", n), Document: bigPolicy(6143 + n)})
			return err
		}, 1},
		{"size of a version", "Cannot exceed quota for PolicySize: 6144", func(ctx context.Context, tx *store.Tx, n int) error {
			if n == 1 {
				_, err := iam.CreatePolicy(ctx, tx, home, iam.NewPolicy{Name: "sv", Document: allowAll})
				return err
			}
			_, err := iam.CreatePolicyVersion(ctx, tx, home, "arn:aws:iam::111122223333:policy/sv", bigPolicy(6145), true)
			return err
		}, 1},
		{"size of a trust policy", "Cannot exceed quota for ACLSizePerRole: 2048", func(ctx context.Context, tx *store.Tx, _ int) error {
			return iam.UpdateAssumeRolePolicy(ctx, tx, home, "deploy", long)
		}, 0},
		{"inline policies of a user", "Maximum policy size of 2048 bytes exceeded for user alice", inlineNth(iam.KindUser, "alice", 1024), 2},
		{"inline policies of a group", "Maximum policy size of 5120 bytes exceeded for group devs", inlineNth(iam.KindGroup, "devs", 2560), 2},
		{"inline policies of a role", "Maximum policy size of 10240 bytes exceeded for role deploy", inlineNth(iam.KindRole, "deploy", 5120), 2},
		{"tags", "The number of tags has reached the maximum limit.", func(ctx context.Context, tx *store.Tx, n int) error {
			o, err := iam.TaggedIdentity(ctx, tx, home, iam.KindRole, "deploy")
			return errors.Join(err, iam.PutTags(ctx, tx, o, []iam.Tag{{Key: fmt.Sprint("t", n)}}))
		}, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := openStore(t)
			user(t, db, home, "alice", "/")
			role(t, db, home, "deploy", trusting(`{"AWS":"*"}`))
			update(t, db, func(ctx context.Context, tx *store.Tx) error {
				_, err := iam.CreateGroup(ctx, tx, home, "devs", "/")
				for n := 1; n <= c.upTo && err == nil; n++ {
					err = c.do(ctx, tx, n)
				}
				return err
			})
			refused(t, try(t, db, func(ctx context.Context, tx *store.Tx) error { return c.do(ctx, tx, c.upTo+1) }),
				iam.LimitExceeded, c.message)
		})
	}
}

func attachNth(kind iam.Kind, name string) func(ctx context.Context, tx *store.Tx, n int) error {
	return func(ctx context.Context, tx *store.Tx, n int) error {
		p, err := iam.CreatePolicy(ctx, tx, home, iam.NewPolicy{Name: fmt.Sprint("p", n), Document: allowAll})
		if err != nil {
			return err
		}
		// What is attached already counts once.
		return errors.Join(iam.AttachPolicy(ctx, tx, home, kind, name, p.ARN()), iam.AttachPolicy(ctx, tx, home, kind, name, p.ARN()))
	}
}

func inlineNth(kind iam.Kind, name string, size int) func(ctx context.Context, tx *store.Tx, n int) error {
	return func(ctx context.Context, tx *store.Tx, n int) error {
		// What is replaced does not count.
		return errors.Join(iam.PutInlinePolicy(ctx, tx, home, kind, name, fmt.Sprint("p", n), bigPolicy(size)),
			iam.PutInlinePolicy(ctx, tx, home, kind, name, fmt.Sprint("p", n), bigPolicy(size)))
	}
}
