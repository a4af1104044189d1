package iam

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// The services that have credentials of their own; see CreateServiceSpecificCredential.
const (
	CodeCommit = "codecommit.amazonaws.com"
	Keyspaces  = "cassandra.amazonaws.com"
	// Bedrock, CloudWatch Logs and X-Ray have API keys: they can expire, and their public part is
	// called an alias; see the IAM user guide, "API keys for AWS services".
	Bedrock = "bedrock.amazonaws.com"
	Logs    = "logs.amazonaws.com"
	XRay    = "xray.amazonaws.com"
)

// CredentialExpired is the state of a credential for one service whose time is over; nobody
// sets it.
const CredentialExpired = "Expired"

// ServiceCredential is a name and a secret with which a user signs in to one service.
type ServiceCredential struct {
	// ID is the unique id ("ACCA…").
	ID, AccountID string
	// UserID is the unique id of the user.
	UserID  string
	Service string
	// Alias is the name to sign in with, "alice-at-111122223333".
	Alias string
	// SecretHash is the hash of the secret.
	SecretHash string
	// Status is KeyActive or KeyInactive; StatusAt says what it has become.
	Status string
	// CreatedAt has whole seconds. ExpiresAt is zero for one that stays.
	CreatedAt, ExpiresAt time.Time
	// UserName is the owner's. Writing ignores it.
	UserName string
}

// StatusAt is the state of the credential at the given time.
func (c *ServiceCredential) StatusAt(now time.Time) string {
	if !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt) {
		return CredentialExpired
	}
	return c.Status
}

// ServiceCredentialStore keeps credentials for single services.
type ServiceCredentialStore interface {
	// IAMInsertServiceCredential returns ErrDuplicate if the alias is taken.
	IAMInsertServiceCredential(ServiceCredential) error
	// IAMUpdateServiceCredential writes state and secret.
	IAMUpdateServiceCredential(ServiceCredential) error
	IAMDeleteServiceCredential(id string) error
	IAMServiceCredential(id string) (ServiceCredential, bool, error)
	// IAMHasServiceAlias reports whether a credential of the account for the service has the
	// alias.
	IAMHasServiceAlias(accountID, service, alias string) (bool, error)
	// IAMServiceCredentials lists by id those of a user, of all users if userID is empty,
	// for one service or for all if service is empty.
	IAMServiceCredentials(accountID, userID, service string, r Range) ([]ServiceCredential, error)
}

// IsCredentialService reports whether the service has credentials of its own.
func IsCredentialService(service string) bool {
	return service == CodeCommit || service == Keyspaces || HasAPIKeys(service)
}

// HasAPIKeys reports whether the credentials of the service are API keys.
func HasAPIKeys(service string) bool {
	return slices.Contains([]string{Bedrock, Logs, XRay}, service)
}

func checkService(service string) error {
	if IsCredentialService(service) {
		return nil
	}
	return fail(ServiceNotSupported, "No such service %s is supported for Service Specific Credentials", service)
}

// hoursPerDay turns the days of an age into hours.
const hoursPerDay = 24

// CreateServiceCredential gives the user a further credential for a service. ageDays is zero
// for one that does not expire; only API keys can. The caller hashes the secret.
func CreateServiceCredential(ctx context.Context, tx Tx, accountID, userName, service string, ageDays int32, secretHash string) (ServiceCredential, error) {
	u, err := identity(ctx, tx, accountID, KindUser, userName)
	if err != nil {
		return ServiceCredential{}, err
	}
	if err := checkService(service); err != nil {
		return ServiceCredential{}, err
	}
	if ageDays != 0 && !HasAPIKeys(service) {
		return ServiceCredential{}, fail(InvalidRequest, "CredentialAgeDays is not supported for the service %s.", service)
	}
	have, err := tx.IAMServiceCredentials(accountID, u.ID, service, Range{Limit: QuotaValue(ServiceCredentialsPerUser, tx.Now()) + 1})
	if err != nil {
		return ServiceCredential{}, err
	}
	if err := within(tx, ServiceCredentialsPerUser, len(have)+1); err != nil {
		return ServiceCredential{}, err
	}
	c := ServiceCredential{
		ID:        credential.NewUniqueID(credential.ServiceCredentialIDPrefix, tx.Rand()),
		AccountID: accountID, UserID: u.ID, UserName: u.Name, Service: service,
		SecretHash: secretHash, Status: KeyActive, CreatedAt: seconds(tx.Now()),
	}
	if c.Alias, err = freeAlias(tx, &c); err != nil {
		return ServiceCredential{}, err
	}
	if ageDays != 0 {
		c.ExpiresAt = c.CreatedAt.Add(time.Duration(ageDays) * hoursPerDay * time.Hour)
	}
	return c, tx.IAMInsertServiceCredential(c)
}

// freeAlias returns the first name that other credentials leave: "alice-at-…", then
// "alice+1-at-…". One that was made before a user was renamed keeps the old name.
func freeAlias(tx Tx, c *ServiceCredential) (string, error) {
	for n := 0; ; n++ {
		alias := c.UserName + "-at-" + c.AccountID
		if n > 0 {
			alias = fmt.Sprintf("%s+%d-at-%s", c.UserName, n, c.AccountID)
		}
		if taken, err := tx.IAMHasServiceAlias(c.AccountID, c.Service, alias); err != nil || !taken {
			return alias, err
		}
	}
}

// ResetServiceCredential gives the credential another secret.
func ResetServiceCredential(ctx context.Context, tx Tx, accountID, userName, id, secretHash string) (ServiceCredential, error) {
	c, err := serviceCredential(ctx, tx, accountID, userName, id)
	if err != nil {
		return ServiceCredential{}, err
	}
	c.SecretHash = secretHash
	return c, tx.IAMUpdateServiceCredential(c)
}

// UpdateServiceCredential makes the credential KeyActive or KeyInactive.
func UpdateServiceCredential(ctx context.Context, tx Tx, accountID, userName, id, status string) error {
	c, err := serviceCredential(ctx, tx, accountID, userName, id)
	if err != nil {
		return err
	}
	if err := checkStatus(status); err != nil {
		return err
	}
	c.Status = status
	return tx.IAMUpdateServiceCredential(c)
}

// DeleteServiceCredential deletes the credential.
func DeleteServiceCredential(ctx context.Context, tx Tx, accountID, userName, id string) error {
	c, err := serviceCredential(ctx, tx, accountID, userName, id)
	if err != nil {
		return err
	}
	return tx.IAMDeleteServiceCredential(c.ID)
}

func serviceCredential(ctx context.Context, tx Tx, accountID, userName, id string) (ServiceCredential, error) {
	owner, err := userID(ctx, tx, accountID, userName)
	if err != nil {
		return ServiceCredential{}, err
	}
	c, ok, err := tx.IAMServiceCredential(id)
	if err == nil && (!ok || c.AccountID != accountID || c.UserID != owner) {
		return ServiceCredential{}, fail(NoSuchEntity, "The Service Specific Credential with id %s cannot be found.", id)
	}
	return c, err
}

// ListServiceCredentials returns a page of the credentials of a user by id, or of all users of
// the account if userName is nil; for one service, or for all if service is empty.
func ListServiceCredentials(ctx context.Context, tx Tx, accountID string, userName *string, service string, p Page) ([]ServiceCredential, string, error) {
	owner := ""
	if userName != nil {
		if *userName == "" {
			return nil, "", nil // the root user has none
		}
		var err error
		if owner, err = userID(ctx, tx, accountID, *userName); err != nil {
			return nil, "", err
		}
	}
	if service != "" {
		if err := checkService(service); err != nil {
			return nil, "", err
		}
	}
	return page(p, func(r Range) ([]ServiceCredential, error) {
		return tx.IAMServiceCredentials(accountID, owner, service, r)
	}, func(c ServiceCredential) string { return c.ID })
}
