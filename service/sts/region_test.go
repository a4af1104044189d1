package sts_test

import (
	"context"
	"testing"

	"github.com/bailiwick/bailiwick/account"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// Regions that accounts have to enable give no credentials before; it is the account of the role
// that counts, not the caller's.
func TestRegionsThatAreNotEnabled(t *testing.T) {
	s := newScene(t, storetest.Memory())
	ann := s.user(boss, "ann", allowAll)
	role := s.role(s.dev, "deploy", trusting(ann.ARN))
	try := func(region string, in smithy.Shape) error {
		ctx := credential.NewContext(s.t.Context(), ann)
		_, err := callIn[smithy.Shape](s, audit.NewContext(ctx, &audit.Recording{Call: audit.Call{Region: region, Caller: ann}}), in)
		return err
	}
	assume := &stsapi.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("ann")}
	const message = "STS is not activated in this region for account:"
	for _, region := range []string{"us-east-1", "eu-central-1", "local", ""} {
		expect(t, try(region, assume), "", "")
	}
	expect(t, try("af-south-1", assume), "RegionDisabledException", message+s.dev)
	expect(t, try("af-south-1", &stsapi.GetSessionTokenInput{}), "RegionDisabledException", message+boss)
	expect(t, try("af-south-1", &stsapi.GetFederationTokenInput{Name: new("guest")}), "RegionDisabledException", message+boss)
	expect(t, try("af-south-1", &stsapi.GetCallerIdentityInput{}), "", "")

	s.update(func(ctx context.Context, tx *store.Tx) error {
		return account.EnableRegion(ctx, tx, account.Settings{}, s.dev, "af-south-1")
	})
	expect(t, try("af-south-1", assume), "", "")
	expect(t, try("ap-east-1", assume), "RegionDisabledException", message+s.dev)
	expect(t, try("af-south-1", &stsapi.GetSessionTokenInput{}), "RegionDisabledException", message+boss)
}
