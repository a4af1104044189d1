package org_test

import (
	"context"
	"testing"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// Security Hub policies need Security Hub to be trusted, for as long as they are enabled.
func TestPolicyTypeOfTrustedService(t *testing.T) {
	const service = "securityhub.amazonaws.com"
	w := organized(t)
	enabling := func(ctx context.Context, tx *store.Tx) error {
		return org.EnablePolicyType(ctx, tx, w.org, w.org.RootID, hubPolicy)
	}
	distrusting := func(ctx context.Context, tx *store.Tx) error {
		return org.DisableAWSServiceAccess(ctx, tx, w.org, service)
	}
	w.refused(org.CodeConstraintViolation, org.ReasonServiceAccess, enabling)
	w.must(func(ctx context.Context, tx *store.Tx) error {
		return org.EnableAWSServiceAccess(ctx, tx, w.org, service)
	})
	w.must(enabling)
	w.refused(org.CodeConstraintViolation, org.ReasonTypeOfService, distrusting)
	w.must(func(ctx context.Context, tx *store.Tx) error {
		return org.DisablePolicyType(ctx, tx, w.org, w.org.RootID, hubPolicy)
	})
	w.must(distrusting)
}
