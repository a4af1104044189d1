package iam

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"time"
)

// parseCertificates reads one PEM block after the other. Text between them is refused, as AWS
// does.
func parseCertificates(text string) ([]*x509.Certificate, bool) {
	var list []*x509.Certificate
	rest := bytes.TrimSpace([]byte(text))
	for len(rest) > 0 {
		if !bytes.HasPrefix(rest, []byte("-----BEGIN CERTIFICATE-----")) {
			return nil, false
		}
		block, after := pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" {
			return nil, false
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, false
		}
		list, rest = append(list, cert), bytes.TrimSpace(after)
	}
	return list, len(list) > 0
}

// parseCertificate reads one certificate that is valid at the given time.
func parseCertificate(text string, now time.Time) (*x509.Certificate, error) {
	list, ok := parseCertificates(text)
	if !ok || len(list) != 1 {
		return nil, fail(MalformedCertificate, "Unable to parse certificate. Please ensure the certificate is in PEM format.")
	}
	cert := list[0]
	if now.After(cert.NotAfter) {
		return nil, fail(MalformedCertificate, "The certificate expired at %s.", cert.NotAfter.UTC().Format(time.RFC3339))
	}
	return cert, nil
}

// parseSigningCertificate reads a certificate that can prove who signed a request.
func parseSigningCertificate(text string, now time.Time) (*x509.Certificate, error) {
	cert, err := parseCertificate(text, now)
	if err != nil {
		return nil, err
	}
	if now.Before(cert.NotBefore) {
		return nil, fail(InvalidCertificate, "The certificate is not valid before %s.", cert.NotBefore.UTC().Format(time.RFC3339))
	}
	if cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		return nil, fail(InvalidCertificate, "The key of the certificate is not for digital signatures.")
	}
	return cert, nil
}

func certificateFingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return hex.EncodeToString(sum[:])
}

// checkChain refuses a chain in which a certificate is not signed by the next one.
func checkChain(cert *x509.Certificate, text string) error {
	list, ok := parseCertificates(text)
	if !ok {
		return fail(MalformedCertificate, "Unable to parse certificate chain. Please ensure the certificates are in PEM format.")
	}
	child := cert
	for i, parent := range list {
		if !bytes.Equal(child.RawIssuer, parent.RawSubject) ||
			parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature) != nil {
			return fail(MalformedCertificate, "Unable to validate certificate chain. The certificate chain must start with "+
				"the immediate signing certificate, followed by any intermediaries in order. "+
				"The index within the chain of the invalid certificate is: %d", i-1)
		}
		child = parent
	}
	return nil
}

// checkKeyPair refuses a private key that is not the certificate's.
func checkKeyPair(cert *x509.Certificate, text string) error {
	key, err := parsePrivateKey(text)
	if err != nil {
		return err
	}
	public, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(key.Public()) {
		return fail(KeyPairMismatch, "Private key doesn't match certificate.")
	}
	return nil
}

// parsePrivateKey reads a private key in PEM that no password protects.
func parsePrivateKey(text string) (crypto.Signer, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, badPrivateKey()
	}
	var (
		key any
		err error
	)
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		return nil, badPrivateKey()
	}
	signer, ok := key.(crypto.Signer)
	if err != nil || !ok {
		return nil, badPrivateKey()
	}
	return signer, nil
}

func badPrivateKey() error {
	return fail(MalformedCertificate, "Invalid Private Key. It must be in PEM format and not be protected by a password.")
}
