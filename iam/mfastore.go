package iam

// MFAStore keeps virtual MFA devices.
type MFAStore interface {
	// IAMInsertMFADevice returns ErrDuplicate if the account has a device whose serial
	// number differs in case only, or not at all.
	IAMInsertMFADevice(MFADevice) error
	// IAMUpdateMFADevice writes to whom the device is assigned and the state of its codes.
	IAMUpdateMFADevice(MFADevice) error
	IAMDeleteMFADevice(serial string) error
	IAMMFADevice(serial string) (MFADevice, bool, error)
	// IAMMFADevices lists in bytewise order of serial number.
	IAMMFADevices(accountID string, a Assignment, r Range) ([]MFADevice, error)
	// IAMMFADevicesOf lists the devices enabled for a user in bytewise order of serial
	// number; an empty userID means the root user.
	IAMMFADevicesOf(accountID, userID string) ([]MFADevice, error)
	// IAMCountMFADevices counts the account's devices and those of them that are enabled.
	IAMCountMFADevices(accountID string) (all, enabled int, err error)
}
