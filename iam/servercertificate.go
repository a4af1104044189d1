package iam

import (
	"context"
	"errors"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// ServerCertificate is a certificate for HTTPS with its private key, which can be put in and
// never be got out.
type ServerCertificate struct {
	// ID is the unique id ("ASCA…").
	ID, AccountID string
	// Name is unique among the account's server certificates, whatever its case.
	Name, Path string
	// UploadedAt has whole seconds; ExpiresAt is when the certificate ends.
	UploadedAt, ExpiresAt time.Time
	// Body and Chain are in PEM as they were put in; Chain may be empty.
	Body, Chain string
	// SealedKey is the private key as the vault sealed it for the owner ID. It is empty in
	// lists.
	SealedKey []byte
}

// ARN returns the certificate's ARN, path included.
func (c *ServerCertificate) ARN() string { return ServerCertificateARN(c.AccountID, c.Path, c.Name) }

// ServerCertificateARN returns the ARN of a server certificate; path may be empty.
func ServerCertificateARN(accountID, path, name string) string {
	return arnOf(accountID, "server-certificate", orRootPath(path), name)
}

// ServerCertificateStore keeps server certificates. Names are found whatever their case.
type ServerCertificateStore interface {
	// IAMInsertServerCertificate returns ErrDuplicate if the name is taken.
	IAMInsertServerCertificate(ServerCertificate) error
	// IAMRenameServerCertificate writes name and path; it returns ErrDuplicate if the name
	// is taken.
	IAMRenameServerCertificate(id, name, path string) error
	IAMDeleteServerCertificate(id string) error
	IAMServerCertificate(accountID, name string) (ServerCertificate, bool, error)
	// IAMServerCertificates lists in bytewise order of name.
	IAMServerCertificates(accountID, pathPrefix string, r Range) ([]ServerCertificate, error)
	IAMCountServerCertificates(accountID string) (int, error)
}

// NewServerCertificate is what a server certificate is made from. All texts are PEM.
type NewServerCertificate struct {
	// Path and Chain may be empty.
	Name, Path, Body, Chain, PrivateKey string
	Tags                                []Tag
}

// SealSecret seals a secret for an owner; credential.Vault.Seal is one.
type SealSecret func(owner string, secret []byte) ([]byte, error)

// UploadServerCertificate keeps a certificate with its private key. The errors are
// MalformedCertificate for what cannot be read, has expired or has a wrong chain, and
// KeyPairMismatch for another's key.
func UploadServerCertificate(ctx context.Context, tx Tx, accountID string, in NewServerCertificate, seal SealSecret) (ServerCertificate, error) {
	cert, err := parseCertificate(in.Body, tx.Now())
	if err != nil {
		return ServerCertificate{}, err
	}
	if err := checkKeyPair(cert, in.PrivateKey); err != nil {
		return ServerCertificate{}, err
	}
	if in.Chain != "" {
		if err := checkChain(cert, in.Chain); err != nil {
			return ServerCertificate{}, err
		}
	}
	if _, taken, err := tx.IAMServerCertificate(accountID, in.Name); err != nil {
		return ServerCertificate{}, err
	} else if taken {
		return ServerCertificate{}, certificateTaken(in.Name)
	}
	have, err := tx.IAMCountServerCertificates(accountID)
	if err != nil {
		return ServerCertificate{}, err
	}
	if err := within(tx, ServerCertificatesPerAccount, have+1); err != nil {
		return ServerCertificate{}, err
	}
	c := ServerCertificate{
		ID: credential.NewUniqueID(credential.ServerCertificateIDPrefix, tx.Rand()), AccountID: accountID,
		Name: in.Name, Path: orRootPath(in.Path), UploadedAt: seconds(tx.Now()), ExpiresAt: seconds(cert.NotAfter),
		Body: in.Body, Chain: in.Chain,
	}
	if c.SealedKey, err = seal(c.ID, []byte(in.PrivateKey)); err != nil {
		return ServerCertificate{}, err
	}
	if err := certificateDuplicate(tx.IAMInsertServerCertificate(c), in.Name); err != nil {
		return ServerCertificate{}, err
	}
	return c, putTags(ctx, tx, Tagged{accountID, c.ID, TypeServerCertificate}, in.Tags)
}

func certificateTaken(name string) error {
	return fail(EntityAlreadyExists, "The Server Certificate with name %s already exists.", name)
}

func certificateDuplicate(err error, name string) error {
	if errors.Is(err, ErrDuplicate) {
		return certificateTaken(name)
	}
	return err
}

// GetServerCertificate returns the server certificate of that name.
func GetServerCertificate(_ context.Context, tx Tx, accountID, name string) (ServerCertificate, error) {
	c, ok, err := tx.IAMServerCertificate(accountID, name)
	if err == nil && !ok {
		err = fail(NoSuchEntity, "The Server Certificate with name %s cannot be found.", name)
	}
	return c, err
}

// UpdateServerCertificate gives a server certificate another name, path or both; empty means
// unchanged.
func UpdateServerCertificate(ctx context.Context, tx Tx, accountID, name, newName, newPath string) error {
	c, err := GetServerCertificate(ctx, tx, accountID, name)
	if err != nil {
		return err
	}
	if newName != "" {
		other, taken, err := tx.IAMServerCertificate(accountID, newName)
		if err != nil {
			return err
		}
		if taken && other.ID != c.ID {
			return certificateTaken(newName)
		}
		c.Name = newName
	}
	if newPath != "" {
		c.Path = newPath
	}
	return certificateDuplicate(tx.IAMRenameServerCertificate(c.ID, c.Name, c.Path), newName)
}

// DeleteServerCertificate deletes the server certificate of that name with its tags. Nothing
// here can use one, so nothing stands against it.
func DeleteServerCertificate(ctx context.Context, tx Tx, accountID, name string) error {
	c, err := GetServerCertificate(ctx, tx, accountID, name)
	if err != nil {
		return err
	}
	if err := tx.IAMDeleteTags(c.ID); err != nil {
		return err
	}
	return tx.IAMDeleteServerCertificate(c.ID)
}

// ListServerCertificates returns a page of the account's server certificates whose path begins
// with pathPrefix, by name.
func ListServerCertificates(_ context.Context, tx Tx, accountID, pathPrefix string, p Page) ([]ServerCertificate, string, error) {
	return page(p, func(r Range) ([]ServerCertificate, error) {
		return tx.IAMServerCertificates(accountID, pathPrefix, r)
	}, func(c ServerCertificate) string { return c.Name })
}

// TaggedServerCertificate returns the server certificate of that name as the owner of tags.
func TaggedServerCertificate(ctx context.Context, tx Tx, accountID, name string) (Tagged, error) {
	c, err := GetServerCertificate(ctx, tx, accountID, name)
	return Tagged{accountID, c.ID, TypeServerCertificate}, err
}
