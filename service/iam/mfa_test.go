package iam_test

import (
	"bytes"
	"encoding/base32"
	"image/png"
	"slices"
	"testing"
	"time"

	"rsc.io/qr"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	phone    = "arn:aws:iam::" + home + ":mfa/phone"
	elsewise = "arn:aws:iam::" + home + ":mfa/nothing"
)

// authenticator holds the seed as somebody's phone does.
type authenticator []byte

// code is the code of a time step from now.
func (a authenticator) code(step int64) *string {
	return ptr(credential.TOTP(a, credential.TOTPStep(time.Now())+step))
}

// newPhone makes the device "phone" and reads its seed into an authenticator.
func (f *fixture) newPhone(t *testing.T, name string) (authenticator, *iamapi.VirtualMFADevice) {
	t.Helper()
	out, err := f.CreateVirtualMFADevice(f.ctx, &iamapi.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name, Tags: tags("Team")})
	noError(t, err)
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(out.VirtualMFADevice.Base32StringSeed))
	noError(t, err)
	return seed, out.VirtualMFADevice
}

func (f *fixture) enable(t *testing.T, user, serial string, a authenticator) {
	t.Helper()
	noError(t, only(f.EnableMFADevice(f.ctx, &iamapi.EnableMFADeviceInput{
		UserName: &user, SerialNumber: &serial, AuthenticationCode1: a.code(-1), AuthenticationCode2: a.code(0),
	})))
}

func TestVirtualMFADevice(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	noError(t, only(f.CreateAccountAlias(f.ctx, &iamapi.CreateAccountAliasInput{AccountAlias: ptr("pied-piper")})))
	a, made := f.newPhone(t, "phone")
	equal(t, "serial", *made.SerialNumber, phone)
	equal(t, "length of the seed", len(made.Base32StringSeed), 64)

	image, err := png.Decode(bytes.NewReader(made.QRCodePNG))
	noError(t, err)
	if side := image.Bounds().Dx(); side < 100 || side != image.Bounds().Dy() {
		t.Errorf("the QR code is %v", image.Bounds())
	}
	want, err := qr.Encode("otpauth://totp/phone@pied-piper?secret="+string(made.Base32StringSeed), qr.M)
	noError(t, err)
	equal(t, "QR code", bytes.Equal(made.QRCodePNG, want.PNG()), true)

	f.enable(t, "ALICE", phone, a)
	list, err := f.ListMFADevices(f.ctx, &iamapi.ListMFADevicesInput{UserName: ptr("alice")})
	noError(t, err)
	equal(t, "devices of alice", len(list.MFADevices), 1)
	equal(t, "user", *list.MFADevices[0].UserName, "alice")
	got, err := f.GetMFADevice(f.ctx, &iamapi.GetMFADeviceInput{SerialNumber: ptr(phone)})
	noError(t, err)
	equal(t, "user of the device", *got.UserName, "alice")

	// The next code is good for a session, once.
	alice, err := f.GetUser(f.ctx, &iamapi.GetUserInput{UserName: ptr("alice")})
	noError(t, err)
	next := *a.code(1)
	verify := func() error {
		return f.DB.Update(t.Context(), func(tx *store.Tx) error {
			return iam.VerifyMFA(f.ctx, tx, home, *alice.User.UserId, phone, next, f.Vault.Open)
		})
	}
	noError(t, verify())
	if err := verify(); err == nil {
		t.Error("a code was good twice")
	}

	noError(t, only(f.DeactivateMFADevice(f.ctx, &iamapi.DeactivateMFADeviceInput{UserName: ptr("alice"), SerialNumber: ptr(phone)})))
	noError(t, only(f.DeleteVirtualMFADevice(f.ctx, &iamapi.DeleteVirtualMFADeviceInput{SerialNumber: ptr(phone)})))
	noError(t, only(f.DeleteUser(f.ctx, &iamapi.DeleteUserInput{UserName: ptr("alice")})))
}

func TestMFADeviceOfTheRootUser(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	a, _ := f.newPhone(t, "root-account-mfa-device")
	serial := "arn:aws:iam::" + home + ":mfa/root-account-mfa-device"
	noError(t, only(f.EnableMFADevice(f.root, &iamapi.EnableMFADeviceInput{
		UserName: ptr(home), SerialNumber: &serial, AuthenticationCode1: a.code(-1), AuthenticationCode2: a.code(0),
	})))
	list, err := f.ListMFADevices(f.root, &iamapi.ListMFADevicesInput{})
	noError(t, err)
	equal(t, "devices", len(list.MFADevices), 1)
	all, err := f.ListVirtualMFADevices(f.ctx, &iamapi.ListVirtualMFADevicesInput{AssignmentStatus: ptr("Assigned")})
	noError(t, err)
	equal(t, "owner", *all.VirtualMFADevices[0].User.Arn, "arn:aws:iam::"+home+":root")

	// For others the account's id is a user's name like any other.
	err = f.call(f.ctx, &iamapi.DeactivateMFADeviceInput{UserName: ptr(home), SerialNumber: &serial})
	if c, _ := code(err); c != "NoSuchEntity" {
		t.Errorf("a user took the root user's device away: %v", err)
	}
	unnamed := &iamapi.DeactivateMFADeviceInput{SerialNumber: &serial}
	if c, _ := code(f.call(f.root, unnamed)); c != "ValidationError" {
		t.Errorf("the root user took a device away without saying whose: %s", c)
	}
	noError(t, only(f.DeactivateMFADevice(f.root, &iamapi.DeactivateMFADeviceInput{UserName: ptr(home), SerialNumber: &serial})))
	b, _ := f.newPhone(t, "another")
	serial = "arn:aws:iam::" + home + ":mfa/another"
	noError(t, only(f.EnableMFADevice(f.root, &iamapi.EnableMFADeviceInput{
		UserName: ptr(home), SerialNumber: &serial, AuthenticationCode1: b.code(-1), AuthenticationCode2: b.code(0),
	})))
	session := *credential.FromContext(f.root)
	session.Session = &credential.Session{AssumedRoot: "true"}
	noError(t, f.call(credential.NewContext(f.root, &session), unnamed))
}

func TestListVirtualMFADevices(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	for _, name := range []string{"c", "a", "b"} {
		a, d := f.newPhone(t, name)
		if name == "b" {
			f.enable(t, "bob", *d.SerialNumber, a)
		}
	}
	for _, c := range []struct {
		in   iamapi.ListVirtualMFADevicesInput
		want []string
	}{
		{iamapi.ListVirtualMFADevicesInput{}, []string{"a", "b", "c"}},
		{iamapi.ListVirtualMFADevicesInput{AssignmentStatus: ptr("Any")}, []string{"a", "b", "c"}},
		{iamapi.ListVirtualMFADevicesInput{AssignmentStatus: ptr("Assigned")}, []string{"b"}},
		{iamapi.ListVirtualMFADevicesInput{AssignmentStatus: ptr("Unassigned")}, []string{"a", "c"}},
		{iamapi.ListVirtualMFADevicesInput{AssignmentStatus: ptr("Unassigned"), MaxItems: ptr(int32(1))}, []string{"a", "c"}},
	} {
		var got []string
		for {
			out, err := f.ListVirtualMFADevices(f.ctx, &c.in)
			noError(t, err)
			for _, d := range out.VirtualMFADevices {
				got = append(got, (*d.SerialNumber)[len("arn:aws:iam::"+home+":mfa/"):])
				if d.Base32StringSeed != nil || d.QRCodePNG != nil || d.Tags != nil {
					t.Errorf("a list shows more than it should: %+v", d)
				}
			}
			if !*out.IsTruncated {
				break
			}
			c.in.Marker = out.Marker
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.in, got, c.want)
		}
	}
	noError(t, only(f.UntagMFADevice(f.ctx, &iamapi.UntagMFADeviceInput{SerialNumber: ptr("arn:aws:iam::" + home + ":mfa/a"), TagKeys: []string{"team"}})))
	noError(t, only(f.TagMFADevice(f.ctx, &iamapi.TagMFADeviceInput{SerialNumber: ptr("arn:aws:iam::" + home + ":mfa/a"), Tags: tags("Use")})))
	out, err := f.ListMFADeviceTags(f.ctx, &iamapi.ListMFADeviceTagsInput{SerialNumber: ptr("arn:aws:iam::" + home + ":mfa/a")})
	noError(t, err)
	equal(t, "tags", out.Tags, tags("Use"))
}

func TestMFAErrors(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	a, _ := f.newPhone(t, "phone")
	f.enable(t, "alice", phone, a)
	b, spare := f.newPhone(t, "spare")
	noSuch := "VirtualMFADevice with serial number " + elsewise + " doesn't exist."
	codes := func(user, serial string, a authenticator) *iamapi.EnableMFADeviceInput {
		return &iamapi.EnableMFADeviceInput{UserName: &user, SerialNumber: &serial, AuthenticationCode1: a.code(0), AuthenticationCode2: a.code(1)}
	}
	for _, c := range []refusal{
		{"the same device again", &iamapi.CreateVirtualMFADeviceInput{VirtualMFADeviceName: ptr("Phone")}, "EntityAlreadyExists", "MFADevice entity at the same path and name already exists."},
		{"a reserved tag", &iamapi.CreateVirtualMFADeviceInput{VirtualMFADeviceName: ptr("x"), Tags: tags("aws:x")}, "InvalidInput", ""},
		{"enable for nobody", codes("nobody", *spare.SerialNumber, b), "NoSuchEntity", "The user with name nobody cannot be found."},
		{"enable nothing", codes("bob", elsewise, b), "NoSuchEntity", noSuch},
		{"enable one in use", codes("bob", phone, a), "EntityAlreadyExists", ""},
		{"enable with another's codes", codes("bob", *spare.SerialNumber, a), "InvalidAuthenticationCode", "Authentication code for device is not valid."},
		{"resync with codes that were used", &iamapi.ResyncMFADeviceInput{UserName: ptr("alice"), SerialNumber: ptr(phone), AuthenticationCode1: a.code(-1), AuthenticationCode2: a.code(0)}, "InvalidAuthenticationCode", ""},
		{"resync one that is not bob's", &iamapi.ResyncMFADeviceInput{UserName: ptr("bob"), SerialNumber: ptr(phone), AuthenticationCode1: a.code(0), AuthenticationCode2: a.code(1)}, "NoSuchEntity", ""},
		{"deactivate nothing", &iamapi.DeactivateMFADeviceInput{UserName: ptr("alice"), SerialNumber: ptr(elsewise)}, "NoSuchEntity", noSuch},
		{"deactivate one that is not bob's", &iamapi.DeactivateMFADeviceInput{UserName: ptr("bob"), SerialNumber: ptr(phone)}, "NoSuchEntity", ""},
		{"delete one in use", &iamapi.DeleteVirtualMFADeviceInput{SerialNumber: ptr(phone)}, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first."},
		{"delete nothing", &iamapi.DeleteVirtualMFADeviceInput{SerialNumber: ptr(elsewise)}, "NoSuchEntity", noSuch},
		{"get nothing", &iamapi.GetMFADeviceInput{SerialNumber: ptr(elsewise)}, "NoSuchEntity", noSuch},
		{"get one that is not bob's", &iamapi.GetMFADeviceInput{SerialNumber: ptr(phone), UserName: ptr("bob")}, "NoSuchEntity", ""},
		{"list nobody's", &iamapi.ListMFADevicesInput{UserName: ptr("nobody")}, "NoSuchEntity", "The user with name nobody cannot be found."},
		{"list with a bad marker", &iamapi.ListVirtualMFADevicesInput{Marker: ptr("!")}, "ValidationError", "Invalid Marker."},
		{"tag nothing", &iamapi.TagMFADeviceInput{SerialNumber: ptr(elsewise), Tags: tags("a")}, "NoSuchEntity", noSuch},
		{"delete a user with a device", &iamapi.DeleteUserInput{UserName: ptr("alice")}, "DeleteConflict", "Cannot delete entity, must delete MFA device first."},
	} {
		c.check(t, f)
	}
}
