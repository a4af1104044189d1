package iam

import (
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// The values of AssertionEncryptionMode; see CreateSAMLProvider.
const (
	EncryptionRequired = "Required"
	EncryptionAllowed  = "Allowed"
)

// SAMLProvider is a SAML 2.0 identity provider whose assertions roles can trust.
type SAMLProvider struct {
	ARN, AccountID string
	// UUID is an id that a provider of the same name made later does not get again.
	UUID string
	// Metadata is the provider's description of itself, as it was put in.
	Metadata string
	// Encryption is EncryptionRequired, EncryptionAllowed, or empty if it was never said.
	Encryption string
	// CreatedAt has whole seconds. ValidUntil is when the metadata ends.
	CreatedAt, ValidUntil time.Time
}

// SAMLKey is a private key that decrypts assertions.
type SAMLKey struct {
	ID, ProviderARN string
	// Sealed is the key in PEM as the vault sealed it for the owner ID.
	Sealed  []byte
	AddedAt time.Time
}

// SAMLProviderARN returns the ARN of a SAML provider.
func SAMLProviderARN(accountID, name string) string {
	return arnOf(accountID, "saml-provider", "/", name)
}

// SAMLProviderStore keeps SAML providers with their private keys.
type SAMLProviderStore interface {
	// IAMInsertSAMLProvider returns ErrDuplicate if the ARN is taken.
	IAMInsertSAMLProvider(SAMLProvider) error
	// IAMUpdateSAMLProvider writes metadata, their end and the encryption.
	IAMUpdateSAMLProvider(SAMLProvider) error
	// IAMDeleteSAMLProvider deletes the keys too.
	IAMDeleteSAMLProvider(arn string) error
	IAMSAMLProvider(arn string) (SAMLProvider, bool, error)
	// IAMSAMLProviders lists in bytewise order of ARN.
	IAMSAMLProviders(accountID string) ([]SAMLProvider, error)
	IAMInsertSAMLKey(SAMLKey) error
	IAMDeleteSAMLKey(providerARN, id string) error
	IAMSAMLKeys(providerARN string) ([]SAMLKey, error)
}

// NewSAMLProvider is what a SAML provider is made from. Encryption and PrivateKey may be empty.
type NewSAMLProvider struct {
	Name, Metadata, Encryption, PrivateKey string
	Tags                                   []Tag
}

// validityOfMetadata is how long metadata count that do not say it themselves, in years.
const validityOfMetadata = 100

// CreateSAMLProvider makes a SAML provider.
func CreateSAMLProvider(ctx context.Context, tx Tx, accountID string, in NewSAMLProvider, seal SealSecret) (SAMLProvider, error) {
	p := SAMLProvider{
		ARN: SAMLProviderARN(accountID, in.Name), AccountID: accountID,
		UUID:       "SAML" + credential.NewUniqueID("", tx.Rand()) + credential.NewUniqueID("", tx.Rand())[:15],
		Encryption: in.Encryption, CreatedAt: seconds(tx.Now()),
	}
	if err := p.setMetadata(in.Metadata); err != nil {
		return SAMLProvider{}, err
	}
	if in.Encryption == EncryptionRequired && in.PrivateKey == "" {
		return SAMLProvider{}, keyRequired()
	}
	taken := fail(EntityAlreadyExists, "SAMLProvider %s already exists.", p.ARN)
	have, err := tx.IAMSAMLProviders(accountID)
	if err != nil {
		return SAMLProvider{}, err
	}
	if slices.ContainsFunc(have, func(h SAMLProvider) bool { return strings.EqualFold(h.ARN, p.ARN) }) {
		return SAMLProvider{}, taken
	}
	if err := within(tx, SAMLProvidersPerAccount, len(have)+1); err != nil {
		return SAMLProvider{}, err
	}
	err = tx.IAMInsertSAMLProvider(p)
	if errors.Is(err, ErrDuplicate) {
		return SAMLProvider{}, taken
	}
	if err == nil && in.PrivateKey != "" {
		err = addSAMLKey(tx, p.ARN, in.PrivateKey, seal)
	}
	if err != nil {
		return SAMLProvider{}, err
	}
	return p, putTags(ctx, tx, Tagged{accountID, p.ARN, TypeSAMLProvider}, in.Tags)
}

func keyRequired() error {
	return fail(InvalidInput, "A private key is required when assertions must be encrypted.")
}

// samlMetadata is what has to be in a provider's metadata.
type samlMetadata struct {
	XMLName    xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	EntityID   string   `xml:"entityID,attr"`
	ValidUntil string   `xml:"validUntil,attr"`
	Providers  []struct {
		Keys []struct {
			Use         string `xml:"use,attr"`
			Certificate string `xml:"KeyInfo>X509Data>X509Certificate"`
		} `xml:"KeyDescriptor"`
	} `xml:"IDPSSODescriptor"`
}

func (p *SAMLProvider) setMetadata(text string) error {
	malformed := fail(InvalidInput, "Could not parse metadata")
	var m samlMetadata
	if err := xml.Unmarshal([]byte(text), &m); err != nil || m.EntityID == "" || !m.signs() {
		return malformed
	}
	p.Metadata, p.ValidUntil = text, p.CreatedAt.AddDate(validityOfMetadata, 0, 0)
	if m.ValidUntil != "" {
		until, err := time.Parse(time.RFC3339, m.ValidUntil)
		if err != nil {
			return malformed
		}
		p.ValidUntil = seconds(until)
	}
	return nil
}

// signs reports whether the metadata have a certificate that can verify signatures.
func (m *samlMetadata) signs() bool {
	for _, provider := range m.Providers {
		for _, k := range provider.Keys {
			if k.Use != "" && k.Use != "signing" {
				continue
			}
			der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(k.Certificate), ""))
			if err != nil {
				return false
			}
			if _, err := x509.ParseCertificate(der); err != nil {
				return false
			}
			return true
		}
	}
	return false
}

// addSAMLKey keeps a further RSA key of the provider.
func addSAMLKey(tx Tx, providerARN, text string, seal SealSecret) error {
	key, err := parsePrivateKey(text)
	if err != nil {
		return fail(InvalidInput, "The private key cannot be read.")
	}
	if _, ok := key.(*rsa.PrivateKey); !ok {
		return fail(InvalidInput, "The private key is not an RSA key.")
	}
	have, err := tx.IAMSAMLKeys(providerARN)
	if err != nil {
		return err
	}
	if err := within(tx, KeysPerSAMLProvider, len(have)+1); err != nil {
		return err
	}
	k := SAMLKey{
		ID: credential.NewUniqueID("ASPK", tx.Rand()) + credential.NewUniqueID("", tx.Rand()), ProviderARN: providerARN,
		AddedAt: seconds(tx.Now()),
	}
	if k.Sealed, err = seal(k.ID, []byte(text)); err != nil {
		return err
	}
	return tx.IAMInsertSAMLKey(k)
}

// GetSAMLProvider returns the account's SAML provider with that ARN.
func GetSAMLProvider(_ context.Context, tx Tx, accountID, arn string) (SAMLProvider, error) {
	if !strings.HasPrefix(arn, SAMLProviderARN(accountID, "")) {
		return SAMLProvider{}, fail(InvalidInput, "Invalid ARN: %s", arn)
	}
	p, ok, err := tx.IAMSAMLProvider(arn)
	if err == nil && !ok {
		err = fail(NoSuchEntity, "Manifest not found for arn %s", arn)
	}
	return p, err
}

// ListSAMLProviders returns all SAML providers of the account by ARN.
func ListSAMLProviders(_ context.Context, tx Tx, accountID string) ([]SAMLProvider, error) {
	return tx.IAMSAMLProviders(accountID)
}

// SAMLChange is what to change of a SAML provider; what is empty stays.
type SAMLChange struct {
	Metadata, Encryption string
	// AddKey is a private key in PEM, RemoveKey the id of one.
	AddKey, RemoveKey string
}

// UpdateSAMLProvider changes a SAML provider.
func UpdateSAMLProvider(ctx context.Context, tx Tx, accountID, arn string, c SAMLChange, seal SealSecret) error {
	p, err := GetSAMLProvider(ctx, tx, accountID, arn)
	if err != nil {
		return err
	}
	if c.Metadata != "" {
		if err := p.setMetadata(c.Metadata); err != nil {
			return err
		}
	}
	if c.RemoveKey != "" {
		if err := removeSAMLKey(tx, arn, c.RemoveKey); err != nil {
			return err
		}
	}
	if c.AddKey != "" {
		if err := addSAMLKey(tx, arn, c.AddKey, seal); err != nil {
			return err
		}
	}
	p.Encryption = cmp.Or(c.Encryption, p.Encryption)
	keys, err := tx.IAMSAMLKeys(arn)
	if err != nil {
		return err
	}
	if p.Encryption == EncryptionRequired && len(keys) == 0 {
		return keyRequired()
	}
	return tx.IAMUpdateSAMLProvider(p)
}

func removeSAMLKey(tx Tx, arn, id string) error {
	keys, err := tx.IAMSAMLKeys(arn)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(keys, func(k SAMLKey) bool { return k.ID == id }) {
		return fail(InvalidInput, "The private key %s is not the provider's.", id)
	}
	return tx.IAMDeleteSAMLKey(arn, id)
}

// DeleteSAMLProvider deletes a SAML provider with its tags and keys.
func DeleteSAMLProvider(ctx context.Context, tx Tx, accountID, arn string) error {
	p, err := GetSAMLProvider(ctx, tx, accountID, arn)
	if err != nil {
		return err
	}
	if err := tx.IAMDeleteTags(p.ARN); err != nil {
		return err
	}
	return tx.IAMDeleteSAMLProvider(p.ARN)
}

// TaggedSAMLProvider returns the provider with that ARN as the owner of tags.
func TaggedSAMLProvider(ctx context.Context, tx Tx, accountID, arn string) (Tagged, error) {
	p, err := GetSAMLProvider(ctx, tx, accountID, arn)
	return Tagged{accountID, p.ARN, TypeSAMLProvider}, err
}
