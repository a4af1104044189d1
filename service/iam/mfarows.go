package iam

import (
	"context"
	"strings"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

func (s *Service) mfaRows() []authz.Row {
	return []authz.Row{
		{
			Operation: "CreateVirtualMFADevice", Actions: []string{"iam:CreateVirtualMFADevice", "iam:TagMFADevice"},
			Checks: authz.For(createMFAChecks),
		},
		onMFADevice(s, "DeleteVirtualMFADevice", func(in *iamapi.DeleteVirtualMFADeviceInput) *string { return in.SerialNumber }).row(),
		onMFAUser(s, "EnableMFADevice", func(in *iamapi.EnableMFADeviceInput) *string { return in.UserName }).row(),
		onMFAUser(s, "ResyncMFADevice", func(in *iamapi.ResyncMFADeviceInput) *string { return in.UserName }).row(),
		onMFAUser(s, "DeactivateMFADevice", func(in *iamapi.DeactivateMFADeviceInput) *string { return in.UserName }).row(),
		s.getMFADevice().row(),
		onMFAUser(s, "ListMFADevices", func(in *iamapi.ListMFADevicesInput) *string { return in.UserName }).row(),
		authz.Anywhere("ListVirtualMFADevices", "iam:ListVirtualMFADevices"),
		onMFADevice(s, "TagMFADevice", func(in *iamapi.TagMFADeviceInput) *string { return in.SerialNumber }).
			tags(func(in *iamapi.TagMFADeviceInput) []iamapi.Tag { return in.Tags }).row(),
		onMFADevice(s, "UntagMFADevice", func(in *iamapi.UntagMFADeviceInput) *string { return in.SerialNumber }).
			tagKeys(func(in *iamapi.UntagMFADeviceInput) []string { return in.TagKeys }).row(),
		onMFADevice(s, "ListMFADeviceTags", func(in *iamapi.ListMFADeviceTagsInput) *string { return in.SerialNumber }).row(),
	}
}

func createMFAChecks(_ context.Context, c *authz.Call, in *iamapi.CreateVirtualMFADeviceInput) ([]authz.Check, error) {
	serial := iam.MFASerial(c.Caller.AccountID, smithy.Value(in.Path), smithy.Value(in.VirtualMFADeviceName))
	return createChecks("iam:CreateVirtualMFADevice", "iam:TagMFADevice", serial, in.Tags, nil), nil
}

// onMFAUser is the target of an operation on the devices of a user; see mfaUser.
func onMFAUser[I any](s *Service, operation string, name func(*I) *string) *target[I] {
	return &target[I]{operation: operation, find: func(ctx context.Context, c *credential.Caller, in *I) (resource, error) {
		return s.mfaUserResource(ctx, c, name(in))
	}}
}

func (s *Service) mfaUserResource(ctx context.Context, c *credential.Caller, named *string) (resource, error) {
	user, err := mfaUser(c, named)
	if err != nil {
		return resource{}, err
	}
	if user == "" {
		return resource{arn: rootARN(c.AccountID), keys: policy.Keys{}}, nil
	}
	return s.identityResource(ctx, c.AccountID, iam.KindUser, user)
}

// getMFADevice is on the user that is named, else on the one to whom the device is
// assigned; a device that is nobody's is looked for among all users.
func (s *Service) getMFADevice() *target[iamapi.GetMFADeviceInput] {
	find := func(ctx context.Context, c *credential.Caller, in *iamapi.GetMFADeviceInput) (resource, error) {
		if in.UserName != nil {
			return s.mfaUserResource(ctx, c, in.UserName)
		}
		user := iam.Identity{Name: "*"}
		r := resource{arn: iam.ARNOf(c.AccountID, iam.KindUser, user.Name), keys: policy.Keys{}}
		err := s.DB.View(ctx, func(tx *store.Tx) error {
			d, ok, err := tx.IAMMFADevice(smithy.Value(in.SerialNumber))
			switch {
			case err != nil || !ok || d.AccountID != c.AccountID || !d.Enabled():
				return err
			case d.UserID == "":
				r.arn = rootARN(c.AccountID)
				return nil
			}
			user, _, err = tx.IAMIdentityByID(d.UserID)
			return err
		})
		if err != nil || user.ID == "" {
			return r, err
		}
		return s.identityResource(ctx, c.AccountID, iam.KindUser, user.Name)
	}
	return &target[iamapi.GetMFADeviceInput]{operation: "GetMFADevice", find: find}
}

// onMFADevice is the target of an operation on a virtual MFA device.
func onMFADevice[I any](s *Service, operation string, serial func(*I) *string) *target[I] {
	return &target[I]{operation: operation, find: func(ctx context.Context, c *credential.Caller, in *I) (resource, error) {
		return s.mfaResource(ctx, c.AccountID, smithy.Value(serial(in)))
	}}
}

// mfaResource looks a device up for its tags. What is no ARN is the serial number of a
// device that does not exist here.
func (s *Service) mfaResource(ctx context.Context, accountID, serial string) (resource, error) {
	r := resource{arn: serial, keys: policy.Keys{}}
	if !strings.HasPrefix(serial, "arn:") {
		r.arn = iam.MFASerial(accountID, "", serial)
	}
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		d, ok, err := tx.IAMMFADevice(serial)
		if err != nil || !ok || d.AccountID != accountID {
			return err
		}
		tags, err := tx.IAMTags(d.Serial)
		setResourceTags(r.keys, tags, prefixResourceTag)
		return err
	})
	return r, err
}
