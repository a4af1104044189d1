package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/oidc"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// EnableOutboundWebIdentityFederation lets the account's users and roles get tokens that prove to
// others who they are. An account that had it before has the same issuer again.
func (s *Service) EnableOutboundWebIdentityFederation(ctx context.Context, _ *iamapi.EnableOutboundWebIdentityFederationInput) (*iamapi.EnableOutboundWebIdentityFederationOutput, error) {
	keys, err := s.outboundKeys(ctx)
	if err != nil {
		return nil, wireError(err)
	}
	return write(ctx, s, func(tx *store.Tx) (*iamapi.EnableOutboundWebIdentityFederationOutput, error) {
		id, err := audit.NewID(tx.Now(), tx.Rand())
		if err != nil {
			return nil, err
		}
		issuer, err := iam.EnableOutbound(ctx, tx, account(ctx), id)
		if err != nil {
			return nil, err
		}
		return &iamapi.EnableOutboundWebIdentityFederationOutput{
			IssuerIdentifier: smithy.Ptr(oidc.IssuerURL(s.PublicURL, issuer.ID)),
		}, iam.AddOutboundKeys(ctx, tx, account(ctx), keys)
	})
}

// outboundKeys makes the keys that the account lacks, outside of a transaction that writes.
func (s *Service) outboundKeys(ctx context.Context) ([]iam.OutboundKey, error) {
	var due []string
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		due, err = iam.OutboundKeyDue(ctx, tx, account(ctx))
		return err
	})
	if err != nil {
		return nil, err
	}
	return iam.NewOutboundKeys(due, s.Vault.Seal)
}

// DisableOutboundWebIdentityFederation ends that tokens are issued. Those that are out stay valid
// until they expire, and the issuer's documents stay where they are.
func (s *Service) DisableOutboundWebIdentityFederation(ctx context.Context, _ *iamapi.DisableOutboundWebIdentityFederationInput) (*iamapi.DisableOutboundWebIdentityFederationOutput, error) {
	return change[iamapi.DisableOutboundWebIdentityFederationOutput](ctx, s, func(tx *store.Tx) error {
		return iam.DisableOutbound(ctx, tx, account(ctx))
	})
}

// GetOutboundWebIdentityFederationInfo returns the account's issuer.
func (s *Service) GetOutboundWebIdentityFederationInfo(ctx context.Context, _ *iamapi.GetOutboundWebIdentityFederationInfoInput) (*iamapi.GetOutboundWebIdentityFederationInfoOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetOutboundWebIdentityFederationInfoOutput, error) {
		issuer, err := iam.Outbound(ctx, tx, account(ctx))
		if err != nil {
			return nil, err
		}
		return &iamapi.GetOutboundWebIdentityFederationInfoOutput{
			IssuerIdentifier: smithy.Ptr(oidc.IssuerURL(s.PublicURL, issuer.ID)), JwtVendingEnabled: &issuer.Enabled,
		}, nil
	})
}

func outboundRows() []authz.Row {
	return []authz.Row{
		authz.Anywhere("EnableOutboundWebIdentityFederation", "iam:EnableOutboundWebIdentityFederation"),
		authz.Anywhere("DisableOutboundWebIdentityFederation", "iam:DisableOutboundWebIdentityFederation"),
		authz.Anywhere("GetOutboundWebIdentityFederationInfo", "iam:GetOutboundWebIdentityFederationInfo"),
	}
}
