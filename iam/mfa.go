package iam

import (
	"context"
	"errors"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// MFADevice is a virtual MFA device: a seed from which the account and a person's
// authenticator compute the same one-time codes.
type MFADevice struct {
	// Serial is the device's ARN, "arn:aws:iam::<account>:mfa/<path and name>".
	Serial    string
	AccountID string
	// SealedSeed is the seed as the vault sealed it for the owner Serial.
	SealedSeed []byte
	CreatedAt  time.Time
	// EnabledAt is zero for a device that is assigned to nobody.
	EnabledAt time.Time
	// UserID is the unique id of the user to whom the device is assigned; empty for the
	// root user.
	UserID string
	// LastStep is the time step of the newest code that was accepted; older ones and the
	// same are refused.
	LastStep int64
	// Drift is by how many time steps the device's clock is ahead.
	Drift int64
}

// Enabled reports whether the device is assigned to a user or to the root user.
func (d *MFADevice) Enabled() bool { return !d.EnabledAt.IsZero() }

// Assignment selects devices by whether they are assigned; see ListVirtualMFADevices.
type Assignment string

// The values of AssignmentStatus; the zero value selects all, as "Any" does.
const (
	AnyAssignment Assignment = ""
	Assigned      Assignment = "Assigned"
	Unassigned    Assignment = "Unassigned"
)

// OpenSeed returns what the vault sealed for an owner; credential.Vault.Open is one.
type OpenSeed func(owner string, sealed []byte) ([]byte, error)

// pairWindow is how many time steps the clock of a device may be off when it shows two
// consecutive codes: an hour either way.
const pairWindow = 120

// MFASerial returns the serial number of a virtual MFA device; path may be empty.
func MFASerial(accountID, path, name string) string {
	return arnOf(accountID, "mfa", orRootPath(path), name)
}

// maxSerial is the longest serial number that operations take (IAM API reference,
// EnableMFADevice).
const maxSerial = 256

// CreateMFADevice makes a virtual MFA device that is assigned to nobody. The caller makes
// its serial number with [MFASerial] and seals its seed for it.
func CreateMFADevice(ctx context.Context, tx Tx, accountID, serial string, sealedSeed []byte, tags []Tag) (MFADevice, error) {
	if len(serial) > maxSerial {
		return MFADevice{}, fail(InvalidRequest, "The path and the name of the MFA device make a serial number of more than %d characters.", maxSerial)
	}
	have, _, err := tx.IAMCountMFADevices(accountID)
	if err != nil {
		return MFADevice{}, err
	}
	if err := within(tx, VirtualMFADevicesPerAccount, have+1); err != nil {
		return MFADevice{}, err
	}
	d := MFADevice{Serial: serial, AccountID: accountID, SealedSeed: sealedSeed, CreatedAt: seconds(tx.Now())}
	err = tx.IAMInsertMFADevice(d)
	if errors.Is(err, ErrDuplicate) {
		return MFADevice{}, fail(EntityAlreadyExists, "MFADevice entity at the same path and name already exists.")
	}
	if err != nil {
		return MFADevice{}, err
	}
	return d, putTags(ctx, tx, Tagged{accountID, serial, TypeMFADevice}, tags)
}

// DeleteMFADevice deletes a virtual MFA device that is assigned to nobody.
func DeleteMFADevice(_ context.Context, tx Tx, accountID, serial string) error {
	d, err := mfaDevice(tx, accountID, serial)
	if err != nil {
		return err
	}
	if d.Enabled() {
		return fail(DeleteConflict, "MFA VirtualDevice in use. Must deactivate first.")
	}
	if err := tx.IAMDeleteTags(d.Serial); err != nil {
		return err
	}
	return tx.IAMDeleteMFADevice(d.Serial)
}

// MFACodes are two consecutive codes of a device, the older one first.
type MFACodes struct{ First, Second string }

// EnableMFADevice assigns a device to a user, or to the root user if userName is empty,
// who proves with two consecutive codes to have it.
func EnableMFADevice(ctx context.Context, tx Tx, accountID, userName, serial string, codes MFACodes, open OpenSeed) error {
	userID, err := userID(ctx, tx, accountID, userName)
	if err != nil {
		return err
	}
	d, err := mfaDevice(tx, accountID, serial)
	if err != nil {
		return err
	}
	if d.Enabled() {
		return fail(EntityAlreadyExists, "MFADevice with serial number %s is already in use.", serial)
	}
	have, err := tx.IAMMFADevicesOf(accountID, userID)
	if err != nil {
		return err
	}
	if err := within(tx, MFADevicesPerUser, len(have)+1); err != nil {
		return err
	}
	if err := synchronize(tx, &d, codes, open); err != nil {
		return err
	}
	d.UserID, d.EnabledAt = userID, seconds(tx.Now())
	touch(tx, accountID)
	return tx.IAMUpdateMFADevice(d)
}

// ResyncMFADevice finds out by two consecutive codes how far the clock of a device is off.
// An empty userName means the root user.
func ResyncMFADevice(ctx context.Context, tx Tx, accountID, userName, serial string, codes MFACodes, open OpenSeed) error {
	d, err := mfaDeviceOf(ctx, tx, accountID, userName, serial)
	if err != nil {
		return err
	}
	if err := synchronize(tx, &d, codes, open); err != nil {
		return err
	}
	return tx.IAMUpdateMFADevice(d)
}

// synchronize takes two consecutive codes and notes their time step and the drift that
// they show.
func synchronize(tx Tx, d *MFADevice, codes MFACodes, open OpenSeed) error {
	seed, err := open(d.Serial, d.SealedSeed)
	if err != nil {
		return err
	}
	step, ok := credential.VerifyTOTPPair(seed, codes.First, codes.Second, tx.Now(), pairWindow)
	if !ok || step <= d.LastStep {
		return invalidCode()
	}
	d.LastStep, d.Drift = step, step-credential.TOTPStep(tx.Now())
	return nil
}

// DeactivateMFADevice takes a device away from a user, or from the root user if userName is
// empty. The device stays and can be enabled again.
func DeactivateMFADevice(ctx context.Context, tx Tx, accountID, userName, serial string) error {
	d, err := mfaDeviceOf(ctx, tx, accountID, userName, serial)
	if err != nil {
		return err
	}
	d.UserID, d.EnabledAt = "", time.Time{}
	touch(tx, accountID)
	return tx.IAMUpdateMFADevice(d)
}

// VerifyMFA checks a one-time code of a device that is enabled for the user with that unique
// id, and notes that it was used: a code is good once, so tx must be a transaction that
// writes. The account's id or an empty userID means the root user. The error is
// NoSuchEntity if the user has no such device and InvalidAuthenticationCode if the code is
// wrong, too old or used.
func VerifyMFA(_ context.Context, tx Tx, accountID, userID, serial, code string, open OpenSeed) error {
	if userID == accountID {
		userID = ""
	}
	d, err := mfaDevice(tx, accountID, serial)
	if err != nil {
		return err
	}
	if !d.Enabled() || d.UserID != userID {
		return noSuchMFADevice(serial)
	}
	seed, err := open(d.Serial, d.SealedSeed)
	if err != nil {
		return err
	}
	at := tx.Now().Add(time.Duration(d.Drift) * credential.TOTPPeriod)
	step, ok := credential.VerifyTOTP(seed, code, at, d.LastStep)
	if !ok {
		return invalidCode()
	}
	d.LastStep = step
	return tx.IAMUpdateMFADevice(d)
}

// GetMFADevice returns a device of the account; an empty userName asks for no particular
// user, another one must be the one to whom it is assigned.
func GetMFADevice(ctx context.Context, tx Tx, accountID, userName, serial string) (MFADevice, error) {
	if userName == "" {
		return mfaDevice(tx, accountID, serial)
	}
	return mfaDeviceOf(ctx, tx, accountID, userName, serial)
}

// ListMFADevices returns a page of the devices of a user, or of the root user if userName
// is empty, by serial number.
func ListMFADevices(ctx context.Context, tx Tx, accountID, userName string, p Page) ([]MFADevice, string, error) {
	userID, err := userID(ctx, tx, accountID, userName)
	if err != nil {
		return nil, "", err
	}
	list, err := tx.IAMMFADevicesOf(accountID, userID)
	if err != nil {
		return nil, "", err
	}
	return slicePage(list, p, mfaSerial)
}

// ListVirtualMFADevices returns a page of the account's devices by serial number.
func ListVirtualMFADevices(_ context.Context, tx Tx, accountID string, a Assignment, p Page) ([]MFADevice, string, error) {
	return page(p, func(r Range) ([]MFADevice, error) { return tx.IAMMFADevices(accountID, a, r) }, mfaSerial)
}

// TaggedMFADevice returns a device as the owner of tags.
func TaggedMFADevice(_ context.Context, tx Tx, accountID, serial string) (Tagged, error) {
	d, err := mfaDevice(tx, accountID, serial)
	return Tagged{accountID, d.Serial, TypeMFADevice}, err
}

func mfaSerial(d MFADevice) string { return d.Serial }

// mfaDevice returns the account's device with that serial number.
func mfaDevice(tx Tx, accountID, serial string) (MFADevice, error) {
	d, ok, err := tx.IAMMFADevice(serial)
	if err == nil && (!ok || d.AccountID != accountID) {
		return MFADevice{}, noSuchMFADevice(serial)
	}
	return d, err
}

// mfaDeviceOf returns the device with that serial number if it is enabled for the user; an
// empty userName means the root user.
func mfaDeviceOf(ctx context.Context, tx Tx, accountID, userName, serial string) (MFADevice, error) {
	userID, err := userID(ctx, tx, accountID, userName)
	if err != nil {
		return MFADevice{}, err
	}
	d, err := mfaDevice(tx, accountID, serial)
	if err == nil && (!d.Enabled() || d.UserID != userID) {
		return MFADevice{}, noSuchMFADevice(serial)
	}
	return d, err
}

// userID returns the unique id of a user, and the empty string for the empty name of the
// root user.
func userID(ctx context.Context, tx Tx, accountID, userName string) (string, error) {
	if userName == "" {
		return "", nil
	}
	u, err := identity(ctx, tx, accountID, KindUser, userName)
	return u.ID, err
}

func noSuchMFADevice(serial string) error {
	return fail(NoSuchEntity, "VirtualMFADevice with serial number %s doesn't exist.", serial)
}

func invalidCode() error {
	return fail(InvalidAuthenticationCode, "Authentication code for device is not valid.")
}
