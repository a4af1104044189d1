package iam

import (
	"net/url"

	"rsc.io/qr"
)

// seedPNG returns the QR code that authenticators scan, in the form that the type
// VirtualMFADevice of the IAM API Reference describes: the device's name, the account, and
// the seed in base32.
func seedPNG(device, account, seed string) ([]byte, error) {
	label := url.PathEscape(device + "@" + account)
	code, err := qr.Encode("otpauth://totp/"+label+"?secret="+seed, qr.M)
	if err != nil {
		return nil, err
	}
	return code.PNG(), nil
}
