package iam

import (
	"context"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
)

// OIDCProvider is an OpenID Connect identity provider whose tokens roles can trust.
type OIDCProvider struct {
	ARN, AccountID string
	// URL is the issuer without its scheme, which is https.
	URL string
	// ClientIDs are the audiences that its tokens may be for, in the order in which they came.
	ClientIDs []string
	// Thumbprints are SHA-1 digests of certificates in lower-case hexadecimal: one of them
	// has to be in the chain of the provider's server if no known authority vouches for it.
	Thumbprints []string
	// CreatedAt has whole seconds.
	CreatedAt time.Time
}

// Issuer is the issuer that stands in the provider's tokens.
func (p *OIDCProvider) Issuer() string { return issuerScheme + p.URL }

const issuerScheme = "https://"

// OIDCProviderARN returns the ARN of the account's provider with that issuer, given with or
// without its scheme.
func OIDCProviderARN(accountID, issuer string) string {
	return arnOf(accountID, "oidc-provider", "/", strings.TrimPrefix(issuer, issuerScheme))
}

// OIDCProviderStore keeps OpenID Connect providers.
type OIDCProviderStore interface {
	// IAMInsertOIDCProvider returns ErrDuplicate if the ARN is taken.
	IAMInsertOIDCProvider(OIDCProvider) error
	// IAMUpdateOIDCProvider writes client ids and thumbprints.
	IAMUpdateOIDCProvider(OIDCProvider) error
	IAMDeleteOIDCProvider(arn string) error
	IAMOIDCProvider(arn string) (OIDCProvider, bool, error)
	// IAMOIDCProviders lists in bytewise order of ARN.
	IAMOIDCProviders(accountID string) ([]OIDCProvider, error)
}

// NewOIDCProvider is what an OpenID Connect provider is made from.
type NewOIDCProvider struct {
	URL                    string
	ClientIDs, Thumbprints []string
	Tags                   []Tag
}

// CheckOIDCProvider returns the error that CreateOIDCProvider would, without making anything.
func CheckOIDCProvider(ctx context.Context, tx Tx, accountID string, in NewOIDCProvider) error {
	_, err := newOIDCProvider(ctx, tx, accountID, in)
	return err
}

// CreateOIDCProvider makes an OpenID Connect provider.
func CreateOIDCProvider(ctx context.Context, tx Tx, accountID string, in NewOIDCProvider) (OIDCProvider, error) {
	p, err := newOIDCProvider(ctx, tx, accountID, in)
	if err != nil {
		return OIDCProvider{}, err
	}
	err = tx.IAMInsertOIDCProvider(p)
	if errors.Is(err, ErrDuplicate) {
		return OIDCProvider{}, issuerTaken(in.URL)
	}
	if err != nil {
		return OIDCProvider{}, err
	}
	return p, putTags(ctx, tx, Tagged{accountID, p.ARN, TypeOIDCProvider}, in.Tags)
}

func issuerTaken(issuer string) error {
	return fail(EntityAlreadyExists, "Provider with url %s already exists.", issuer)
}

func newOIDCProvider(_ context.Context, tx Tx, accountID string, in NewOIDCProvider) (OIDCProvider, error) {
	if err := checkIssuer(in.URL); err != nil {
		return OIDCProvider{}, err
	}
	p := OIDCProvider{
		ARN: OIDCProviderARN(accountID, in.URL), AccountID: accountID, URL: strings.TrimPrefix(in.URL, issuerScheme),
		CreatedAt: seconds(tx.Now()),
	}
	for _, id := range in.ClientIDs {
		if !slices.Contains(p.ClientIDs, id) {
			p.ClientIDs = append(p.ClientIDs, id)
		}
	}
	if err := within(tx, ClientIDsPerOIDCProvider, len(p.ClientIDs)); err != nil {
		return OIDCProvider{}, err
	}
	if err := p.setThumbprints(tx, in.Thumbprints); err != nil {
		return OIDCProvider{}, err
	}
	have, err := tx.IAMOIDCProviders(accountID)
	if err != nil {
		return OIDCProvider{}, err
	}
	if slices.ContainsFunc(have, func(h OIDCProvider) bool { return h.ARN == p.ARN }) {
		return OIDCProvider{}, issuerTaken(in.URL)
	}
	return p, within(tx, OIDCProvidersPerAccount, len(have)+1)
}

// checkIssuer refuses what cannot be the issuer of a token: OpenID Connect wants an https URL
// without query and fragment.
func checkIssuer(text string) error {
	u, err := url.Parse(text)
	if err != nil || !strings.HasPrefix(text, issuerScheme) || u.Hostname() == "" || u.User != nil ||
		strings.ContainsAny(text, "?# \t\r\n") {
		return fail(InvalidInput, "Invalid Open ID Connect Provider URL")
	}
	return nil
}

func (p *OIDCProvider) setThumbprints(tx Tx, list []string) error {
	// The message is AWS's, whose limit is as many as it names.
	if limit := QuotaValue(ThumbprintsPerOIDCProvider, tx.Now()); len(list) > limit {
		return fail(InvalidInput, "Thumbprint list must contain fewer than %d entries.", limit)
	}
	p.Thumbprints = nil
	for _, t := range list {
		if b, err := hex.DecodeString(t); err != nil || len(b) != sha1Size {
			return fail(InvalidInput, "Thumbprint %s is not 40 hexadecimal digits.", t)
		}
		p.Thumbprints = append(p.Thumbprints, strings.ToLower(t))
	}
	return nil
}

// sha1Size is the length of a thumbprint in bytes.
const sha1Size = 20

// GetOIDCProvider returns the account's OpenID Connect provider with that ARN.
func GetOIDCProvider(_ context.Context, tx Tx, accountID, arn string) (OIDCProvider, error) {
	if !strings.HasPrefix(arn, OIDCProviderARN(accountID, "")) {
		return OIDCProvider{}, fail(InvalidInput, "Invalid ARN: %s", arn)
	}
	p, ok, err := tx.IAMOIDCProvider(arn)
	if err == nil && !ok {
		err = fail(NoSuchEntity, "OpenIDConnect Provider not found for arn %s", arn)
	}
	return p, err
}

// ListOIDCProviders returns all OpenID Connect providers of the account by ARN.
func ListOIDCProviders(_ context.Context, tx Tx, accountID string) ([]OIDCProvider, error) {
	return tx.IAMOIDCProviders(accountID)
}

// AddOIDCClientID adds an audience; one that is there already is no error.
func AddOIDCClientID(ctx context.Context, tx Tx, accountID, arn, clientID string) error {
	p, err := GetOIDCProvider(ctx, tx, accountID, arn)
	if err != nil || slices.Contains(p.ClientIDs, clientID) {
		return err
	}
	if err := within(tx, ClientIDsPerOIDCProvider, len(p.ClientIDs)+1); err != nil {
		return err
	}
	p.ClientIDs = append(p.ClientIDs, clientID)
	return tx.IAMUpdateOIDCProvider(p)
}

// RemoveOIDCClientID removes an audience; one that is not there is no error.
func RemoveOIDCClientID(ctx context.Context, tx Tx, accountID, arn, clientID string) error {
	p, err := GetOIDCProvider(ctx, tx, accountID, arn)
	if err != nil {
		return err
	}
	p.ClientIDs = slices.DeleteFunc(p.ClientIDs, func(id string) bool { return id == clientID })
	return tx.IAMUpdateOIDCProvider(p)
}

// UpdateOIDCThumbprints puts another list in the place of the provider's thumbprints.
func UpdateOIDCThumbprints(ctx context.Context, tx Tx, accountID, arn string, list []string) error {
	p, err := GetOIDCProvider(ctx, tx, accountID, arn)
	if err != nil {
		return err
	}
	if err := p.setThumbprints(tx, list); err != nil {
		return err
	}
	return tx.IAMUpdateOIDCProvider(p)
}

// DeleteOIDCProvider deletes an OpenID Connect provider with its tags; one that is not there
// is no error, as its documentation says.
func DeleteOIDCProvider(ctx context.Context, tx Tx, accountID, arn string) error {
	p, err := GetOIDCProvider(ctx, tx, accountID, arn)
	var e *Error
	if errors.As(err, &e) && e.Code == NoSuchEntity {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tx.IAMDeleteTags(p.ARN); err != nil {
		return err
	}
	return tx.IAMDeleteOIDCProvider(p.ARN)
}

// TaggedOIDCProvider returns the provider with that ARN as the owner of tags.
func TaggedOIDCProvider(ctx context.Context, tx Tx, accountID, arn string) (Tagged, error) {
	p, err := GetOIDCProvider(ctx, tx, accountID, arn)
	return Tagged{accountID, p.ARN, TypeOIDCProvider}, err
}
