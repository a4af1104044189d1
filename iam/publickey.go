package iam

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// PublicKeyKind says what a public key of a user is for.
type PublicKeyKind string

// The kinds of public key.
const (
	// SSHKey opens repositories of CodeCommit.
	SSHKey PublicKeyKind = "ssh"
	// SigningCertificate is an X.509 certificate with whose key requests are signed.
	SigningCertificate PublicKeyKind = "certificate"
)

// PublicKey is a key of a user, or of the root user, whose private part IAM never sees.
type PublicKey struct {
	// ID is the unique id: "APKA…" of an SSH key, letters and digits of a certificate.
	ID        string
	Kind      PublicKeyKind
	AccountID string
	// UserID is the unique id of the user; empty for the root user.
	UserID string
	// Status is KeyActive or KeyInactive.
	Status string
	// Fingerprint is the MD5 digest of an SSH key as pairs of hexadecimal digits with colons
	// between them, and the SHA-256 digest of a certificate.
	Fingerprint string
	// Body is the key as one line of the SSH format, or the certificate as it was put in.
	Body string
	// UploadedAt has whole seconds.
	UploadedAt time.Time
	// UserName is the owner's; empty for the root user. Writing ignores it.
	UserName string
}

// PublicKeyStore keeps public keys.
type PublicKeyStore interface {
	// IAMInsertPublicKey returns ErrDuplicate if the user has the same key of the kind.
	IAMInsertPublicKey(PublicKey) error
	IAMSetPublicKeyStatus(id, status string) error
	IAMDeletePublicKey(id string) error
	IAMPublicKey(id string) (PublicKey, bool, error)
	// IAMPublicKeys lists by id the keys of one user; an empty userID means the root user.
	IAMPublicKeys(accountID, userID string, kind PublicKeyKind) ([]PublicKey, error)
	// IAMHasPublicKey reports whether anybody in the account has the key.
	IAMHasPublicKey(accountID string, kind PublicKeyKind, fingerprint string) (bool, error)
}

// certificateIDLength is that of the ids of signing certificates, which have no prefix.
const certificateIDLength = 32

// UploadSSHPublicKey gives the user a further SSH key: an RSA key of at least 2048 bits, as a
// line of the SSH format or in PEM.
func UploadSSHPublicKey(ctx context.Context, tx Tx, accountID, userName, body string) (PublicKey, error) {
	u, err := identity(ctx, tx, accountID, KindUser, userName)
	if err != nil {
		return PublicKey{}, err
	}
	key, err := parseSSHKey(body)
	if err != nil {
		return PublicKey{}, err
	}
	k := PublicKey{
		ID:   credential.NewUniqueID(credential.PublicKeyIDPrefix, tx.Rand()),
		Kind: SSHKey, AccountID: accountID, UserID: u.ID, UserName: u.Name,
		Fingerprint: sshFingerprint(key), Body: sshLine(key),
	}
	err = addPublicKey(tx, &k, SSHPublicKeysPerUser)
	if errors.Is(err, ErrDuplicate) {
		err = fail(DuplicateSSHPublicKey, "The SSH public key is already associated with the user %s.", u.Name)
	}
	return k, err
}

// UploadSigningCertificate gives the user a further signing certificate in PEM; an empty
// userName means the root user. No two users of an account have the same.
func UploadSigningCertificate(ctx context.Context, tx Tx, accountID, userName, body string) (PublicKey, error) {
	id, err := userID(ctx, tx, accountID, userName)
	if err != nil {
		return PublicKey{}, err
	}
	cert, err := parseSigningCertificate(body, tx.Now())
	if err != nil {
		return PublicKey{}, err
	}
	k := PublicKey{
		ID:   credential.NewUniqueID("", tx.Rand()),
		Kind: SigningCertificate, AccountID: accountID, UserID: id, UserName: userName,
		Fingerprint: certificateFingerprint(cert), Body: body,
	}
	// Ids of certificates are longer than others; see the type SigningCertificate.
	k.ID = (k.ID + credential.NewUniqueID("", tx.Rand()))[:certificateIDLength]
	taken, err := tx.IAMHasPublicKey(accountID, SigningCertificate, k.Fingerprint)
	if err == nil && !taken {
		err = addPublicKey(tx, &k, SigningCertificatesPerUser)
	}
	if taken || errors.Is(err, ErrDuplicate) {
		err = fail(DuplicateCertificate, "The certificate is already associated with a user of the account.")
	}
	return k, err
}

func addPublicKey(tx Tx, k *PublicKey, q Quota) error {
	have, err := tx.IAMPublicKeys(k.AccountID, k.UserID, k.Kind)
	if err != nil {
		return err
	}
	for i := range have {
		if have[i].Fingerprint == k.Fingerprint {
			return ErrDuplicate
		}
	}
	if err := within(tx, q, len(have)+1); err != nil {
		return err
	}
	k.Status, k.UploadedAt = KeyActive, seconds(tx.Now())
	return tx.IAMInsertPublicKey(*k)
}

// GetPublicKey returns a key of the user; an empty userName means the root user.
func GetPublicKey(ctx context.Context, tx Tx, accountID, userName, id string, kind PublicKeyKind) (PublicKey, error) {
	owner, err := userID(ctx, tx, accountID, userName)
	if err != nil {
		return PublicKey{}, err
	}
	k, ok, err := tx.IAMPublicKey(id)
	if err == nil && (!ok || k.AccountID != accountID || k.UserID != owner || k.Kind != kind) {
		return PublicKey{}, noSuchPublicKey(kind, id)
	}
	return k, err
}

func noSuchPublicKey(kind PublicKeyKind, id string) error {
	if kind == SigningCertificate {
		return fail(NoSuchEntity, "The Certificate with id %s cannot be found.", id)
	}
	return fail(NoSuchEntity, "The Public Key with id %s cannot be found.", id)
}

// UpdatePublicKey makes a key of the user KeyActive or KeyInactive.
func UpdatePublicKey(ctx context.Context, tx Tx, accountID, userName, id string, kind PublicKeyKind, status string) error {
	k, err := GetPublicKey(ctx, tx, accountID, userName, id, kind)
	if err != nil {
		return err
	}
	if err := checkKeyStatus(status); err != nil {
		return err
	}
	return tx.IAMSetPublicKeyStatus(k.ID, status)
}

// checkStatus refuses the state that only the passing of time brings about.
func checkStatus(status string) error {
	if status != KeyActive && status != KeyInactive {
		return fail(InvalidRequest, statusWording, status)
	}
	return nil
}

const statusWording = "The status %s cannot be set."

// checkKeyStatus is checkStatus with the error that the model has for keys and certificates
// since it has that state.
func checkKeyStatus(status string) error {
	if checkStatus(status) != nil {
		return fail(InvalidInput, statusWording, status)
	}
	return nil
}

// DeletePublicKey deletes a key of the user.
func DeletePublicKey(ctx context.Context, tx Tx, accountID, userName, id string, kind PublicKeyKind) error {
	k, err := GetPublicKey(ctx, tx, accountID, userName, id, kind)
	if err != nil {
		return err
	}
	return tx.IAMDeletePublicKey(k.ID)
}

// ListPublicKeys returns a page of the user's keys of the kind by id; an empty userName means
// the root user.
func ListPublicKeys(ctx context.Context, tx Tx, accountID, userName string, kind PublicKeyKind, p Page) ([]PublicKey, string, error) {
	owner, err := userID(ctx, tx, accountID, userName)
	if err != nil {
		return nil, "", err
	}
	list, err := tx.IAMPublicKeys(accountID, owner, kind)
	if err != nil {
		return nil, "", err
	}
	return slicePage(list, p, func(k PublicKey) string { return k.ID })
}

// noCredentials refuses to delete a user who has keys of other kinds than access keys.
func noCredentials(tx Tx, u *Identity) error {
	for _, one := range []struct {
		kind PublicKeyKind
		what string
	}{{SSHKey, "SSH public keys"}, {SigningCertificate, "signing certificates"}} {
		have, err := tx.IAMPublicKeys(u.AccountID, u.ID, one.kind)
		if err != nil {
			return err
		}
		if len(have) > 0 {
			return fail(DeleteConflict, "Cannot delete entity, must delete %s first.", one.what)
		}
	}
	have, err := tx.IAMServiceCredentials(u.AccountID, u.ID, "", Range{Limit: 1})
	if err == nil && len(have) > 0 {
		err = fail(DeleteConflict, "Cannot delete entity, must delete service specific credentials first.")
	}
	return err
}

// isPEM tells the two formats of keys apart.
func isPEM(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "-----BEGIN ") }
