package iam

import (
	"cmp"
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateVirtualMFADevice makes an MFA device. Its seed is returned this once, as text and as
// a QR code, and kept sealed.
func (s *Service) CreateVirtualMFADevice(ctx context.Context, in *iamapi.CreateVirtualMFADeviceInput) (*iamapi.CreateVirtualMFADeviceOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateVirtualMFADeviceOutput, error) {
		serial := iam.MFASerial(account(ctx), smithy.Value(in.Path), smithy.Value(in.VirtualMFADeviceName))
		seed := credential.NewSeed(tx.Rand())
		sealed, err := s.Vault.Seal(serial, seed)
		if err != nil {
			return nil, err
		}
		d, err := iam.CreateMFADevice(ctx, tx, account(ctx), serial, sealed, domainTags(in.Tags))
		if err != nil {
			return nil, err
		}
		touchMFADevice(ctx, &d.Serial)
		text := credential.SeedString(seed)
		alias, err := tx.IAMAlias(account(ctx))
		if err != nil {
			return nil, err
		}
		png, err := seedPNG(smithy.Value(in.VirtualMFADeviceName), cmp.Or(alias, account(ctx)), text)
		if err != nil {
			return nil, err
		}
		return &iamapi.CreateVirtualMFADeviceOutput{VirtualMFADevice: &iamapi.VirtualMFADevice{
			SerialNumber: &d.Serial, Base32StringSeed: []byte(text), QRCodePNG: png, Tags: apiTags(domainTags(in.Tags)),
		}}, nil
	})
}

// DeleteVirtualMFADevice deletes an MFA device that is assigned to nobody.
func (s *Service) DeleteVirtualMFADevice(ctx context.Context, in *iamapi.DeleteVirtualMFADeviceInput) (*iamapi.DeleteVirtualMFADeviceOutput, error) {
	return change[iamapi.DeleteVirtualMFADeviceOutput](ctx, s, func(tx *store.Tx) error {
		touchMFADevice(ctx, in.SerialNumber)
		return iam.DeleteMFADevice(ctx, tx, account(ctx), smithy.Value(in.SerialNumber))
	})
}

// EnableMFADevice assigns an MFA device to a user.
func (s *Service) EnableMFADevice(ctx context.Context, in *iamapi.EnableMFADeviceInput) (*iamapi.EnableMFADeviceOutput, error) {
	return change[iamapi.EnableMFADeviceOutput](ctx, s, func(tx *store.Tx) error {
		name, err := mfaOwner(ctx, tx, in.UserName, in.SerialNumber)
		if err != nil {
			return err
		}
		codes := iam.MFACodes{First: smithy.Value(in.AuthenticationCode1), Second: smithy.Value(in.AuthenticationCode2)}
		return iam.EnableMFADevice(ctx, tx, account(ctx), name, smithy.Value(in.SerialNumber), codes, s.Vault.Open)
	})
}

// ResyncMFADevice takes note of how far the clock of an MFA device is off.
func (s *Service) ResyncMFADevice(ctx context.Context, in *iamapi.ResyncMFADeviceInput) (*iamapi.ResyncMFADeviceOutput, error) {
	return change[iamapi.ResyncMFADeviceOutput](ctx, s, func(tx *store.Tx) error {
		name, err := mfaOwner(ctx, tx, in.UserName, in.SerialNumber)
		if err != nil {
			return err
		}
		codes := iam.MFACodes{First: smithy.Value(in.AuthenticationCode1), Second: smithy.Value(in.AuthenticationCode2)}
		return iam.ResyncMFADevice(ctx, tx, account(ctx), name, smithy.Value(in.SerialNumber), codes, s.Vault.Open)
	})
}

// DeactivateMFADevice takes an MFA device away from a user. The root user is meant without being
// named in a root session only.
func (s *Service) DeactivateMFADevice(ctx context.Context, in *iamapi.DeactivateMFADeviceInput) (*iamapi.DeactivateMFADeviceOutput, error) {
	if in.UserName == nil && credential.FromContext(ctx).Type == credential.RootUser && !meansRoot(ctx, nil) {
		return nil, nameNeeded()
	}
	return change[iamapi.DeactivateMFADeviceOutput](ctx, s, func(tx *store.Tx) error {
		name, err := mfaOwner(ctx, tx, in.UserName, in.SerialNumber)
		if err != nil {
			return err
		}
		return iam.DeactivateMFADevice(ctx, tx, account(ctx), name, smithy.Value(in.SerialNumber))
	})
}

// GetMFADevice returns an MFA device.
func (s *Service) GetMFADevice(ctx context.Context, in *iamapi.GetMFADeviceInput) (*iamapi.GetMFADeviceOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetMFADeviceOutput, error) {
		d, err := s.findMFADevice(ctx, tx, in)
		if err != nil {
			return nil, err
		}
		out := &iamapi.GetMFADeviceOutput{SerialNumber: &d.Serial, EnableDate: date(d.EnabledAt)}
		out.UserName, err = mfaUserName(tx, &d)
		return out, err
	})
}

func (s *Service) findMFADevice(ctx context.Context, tx *store.Tx, in *iamapi.GetMFADeviceInput) (iam.MFADevice, error) {
	name := ""
	if in.UserName != nil {
		var err error
		if name, err = mfaUser(credential.FromContext(ctx), in.UserName); err != nil {
			return iam.MFADevice{}, err
		}
	}
	return iam.GetMFADevice(ctx, tx, account(ctx), name, smithy.Value(in.SerialNumber))
}

// ListMFADevices lists the MFA devices of a user; without a name, of the caller.
func (s *Service) ListMFADevices(ctx context.Context, in *iamapi.ListMFADevicesInput) (*iamapi.ListMFADevicesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListMFADevicesOutput, error) {
		name, err := mfaUser(credential.FromContext(ctx), in.UserName)
		if err != nil {
			return nil, err
		}
		list, next, err := iam.ListMFADevices(ctx, tx, account(ctx), name, page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListMFADevicesOutput{MFADevices: make([]iamapi.MFADevice, len(list))}
		for i := range list {
			d := &list[i]
			out.MFADevices[i] = iamapi.MFADevice{SerialNumber: &d.Serial, EnableDate: date(d.EnabledAt)}
			if out.MFADevices[i].UserName, err = mfaUserName(tx, d); err != nil {
				return nil, err
			}
		}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

// ListVirtualMFADevices lists the MFA devices of the account without their seeds and tags.
func (s *Service) ListVirtualMFADevices(ctx context.Context, in *iamapi.ListVirtualMFADevicesInput) (*iamapi.ListVirtualMFADevicesOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.ListVirtualMFADevicesOutput, error) {
		assignment := iam.Assignment(smithy.Value(in.AssignmentStatus))
		if assignment == iamapi.AssignmentStatusTypeAny {
			assignment = iam.AnyAssignment
		}
		list, next, err := iam.ListVirtualMFADevices(ctx, tx, account(ctx), assignment, page(in.Marker, in.MaxItems))
		if err != nil {
			return nil, err
		}
		out := &iamapi.ListVirtualMFADevicesOutput{VirtualMFADevices: make([]iamapi.VirtualMFADevice, len(list))}
		for i := range list {
			d := &list[i]
			out.VirtualMFADevices[i] = iamapi.VirtualMFADevice{SerialNumber: &d.Serial, EnableDate: date(d.EnabledAt)}
			if d.Enabled() {
				if out.VirtualMFADevices[i].User, err = deviceUser(tx, d); err != nil {
					return nil, err
				}
			}
		}
		out.IsTruncated, out.Marker = pages(next)
		return out, nil
	})
}

// deviceUser describes to whom a device is assigned.
func deviceUser(tx *store.Tx, d *iam.MFADevice) (*iamapi.User, error) {
	if d.UserID == "" {
		return rootOf(tx, d.AccountID)
	}
	i, _, err := tx.IAMIdentityByID(d.UserID)
	u := listedUser(&i)
	return &u, err
}

// rootOf describes the root user of an account: it has neither name nor path, and its id is
// the account's.
func rootOf(tx *store.Tx, accountID string) (*iamapi.User, error) {
	u := &iamapi.User{UserId: &accountID, Arn: smithy.Ptr(rootARN(accountID))}
	a, ok, err := tx.OrgAccount(accountID)
	if ok {
		u.CreateDate = date(a.CreatedAt)
	}
	return u, err
}

func rootARN(accountID string) string { return "arn:aws:iam::" + accountID + ":root" }

// TagMFADevice adds tags to an MFA device.
func (s *Service) TagMFADevice(ctx context.Context, in *iamapi.TagMFADeviceInput) (*iamapi.TagMFADeviceOutput, error) {
	return putTags[iamapi.TagMFADeviceOutput](ctx, s, mfaTags(ctx, in.SerialNumber), in.Tags)
}

// UntagMFADevice removes tags from an MFA device.
func (s *Service) UntagMFADevice(ctx context.Context, in *iamapi.UntagMFADeviceInput) (*iamapi.UntagMFADeviceOutput, error) {
	return deleteTags[iamapi.UntagMFADeviceOutput](ctx, s, mfaTags(ctx, in.SerialNumber), in.TagKeys)
}

// ListMFADeviceTags lists the tags of an MFA device.
func (s *Service) ListMFADeviceTags(ctx context.Context, in *iamapi.ListMFADeviceTagsInput) (*iamapi.ListMFADeviceTagsOutput, error) {
	return listTags(ctx, s, mfaTags(ctx, in.SerialNumber), page(in.Marker, in.MaxItems),
		func(tags []iamapi.Tag, next string) *iamapi.ListMFADeviceTagsOutput {
			out := &iamapi.ListMFADeviceTagsOutput{Tags: tags}
			out.IsTruncated, out.Marker = pages(next)
			return out
		})
}

func mfaTags(ctx context.Context, serial *string) owner {
	return func(tx *store.Tx) (iam.Tagged, error) {
		touchMFADevice(ctx, serial)
		return iam.TaggedMFADevice(ctx, tx, account(ctx), smithy.Value(serial))
	}
}

// mfaUser returns the user whose devices a call concerns, empty for the root user. The API
// asks for a UserName where it changes something, and the root user has none: it gives the
// id of its account, which is its user id too.
func mfaUser(c *credential.Caller, named *string) (string, error) {
	if c.Type == credential.RootUser && smithy.Value(named) == c.AccountID {
		return "", nil
	}
	return callersUser(c, named)
}

// mfaOwner is mfaUser for operations that write: it also tells the audit event.
func mfaOwner(ctx context.Context, tx *store.Tx, named, serial *string) (string, error) {
	touchMFADevice(ctx, serial)
	name, err := mfaUser(credential.FromContext(ctx), named)
	if err != nil || name == "" {
		return name, err
	}
	return name, touch(ctx, tx, iam.KindUser, &name)
}

// mfaUserName is the UserName of a device that is assigned: of the root user's, the
// account's id.
func mfaUserName(tx *store.Tx, d *iam.MFADevice) (*string, error) {
	switch {
	case !d.Enabled():
		return nil, nil
	case d.UserID == "":
		return &d.AccountID, nil
	}
	u, _, err := tx.IAMIdentityByID(d.UserID)
	return &u.Name, err
}

func touchMFADevice(ctx context.Context, serial *string) {
	audit.FromContext(ctx).Touch(audit.Resource{
		ARN: smithy.Value(serial), Type: "AWS::IAM::VirtualMFADevice", AccountID: account(ctx),
	})
}
