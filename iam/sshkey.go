package iam

import (
	"bytes"
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"strings"

	"golang.org/x/crypto/ssh"
)

// minSSHKeyBits is the shortest key that may be uploaded; see UploadSSHPublicKey.
const minSSHKeyBits = 2048

// parseSSHKey reads an RSA key in one of the two formats.
func parseSSHKey(body string) (ssh.PublicKey, error) {
	var (
		key *rsa.PublicKey
		err error
	)
	if isPEM(body) {
		key, err = parsePEMKey(body)
	} else {
		key, err = parseSSHLine(body)
	}
	if err != nil {
		return nil, err
	}
	if key.N.BitLen() < minSSHKeyBits {
		return nil, fail(InvalidPublicKey, "The public key must have at least %d bits.", minSSHKeyBits)
	}
	k, err := ssh.NewPublicKey(key)
	if err != nil {
		return nil, malformedKey()
	}
	return k, nil
}

func malformedKey() error { return fail(InvalidPublicKey, "The public key is malformed.") }

func parsePEMKey(body string) (*rsa.PublicKey, error) {
	block, rest := pem.Decode([]byte(strings.TrimSpace(body)))
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, malformedKey()
	}
	switch block.Type {
	case "RSA PUBLIC KEY":
		if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
			return key, nil
		}
	case "PUBLIC KEY":
		if key, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			if key, ok := key.(*rsa.PublicKey); ok {
				return key, nil
			}
		}
	default:
		return nil, unknownEncoding()
	}
	return nil, malformedKey()
}

func unknownEncoding() error {
	return fail(UnrecognizedPublicKeyEncoding, "The public key must be encoded in ssh-rsa format or PEM format.")
}

// parseSSHLine reads "ssh-rsa <base64>", with whatever comment comes behind.
func parseSSHLine(body string) (*rsa.PublicKey, error) {
	if !strings.HasPrefix(strings.TrimSpace(body), ssh.KeyAlgoRSA+" ") {
		return nil, unknownEncoding()
	}
	parsed, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(body))
	if err != nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, malformedKey()
	}
	if known, ok := parsed.(ssh.CryptoPublicKey); ok {
		if key, ok := known.CryptoPublicKey().(*rsa.PublicKey); ok {
			return key, nil
		}
	}
	return nil, malformedKey()
}

// sshLine writes the key in the SSH format, without a comment.
func sshLine(key ssh.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

// sshFingerprint is the MD5 digest of the key's SSH form, as the tools of OpenSSH show it; it
// names a key and proves nothing.
func sshFingerprint(key ssh.PublicKey) string {
	sum := md5.Sum(key.Marshal())
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = hex.EncodeToString([]byte{b})
	}
	return strings.Join(parts, ":")
}

// PEM returns the key of kind SSHKey in PEM, as GetSSHPublicKey gives it for that encoding.
func (k *PublicKey) PEM() (string, error) {
	key, err := parseSSHLine(k.Body)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}
