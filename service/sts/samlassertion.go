package sts

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml/xmlenc"
	xrv "github.com/mattermost/xml-roundtrip-validator"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// The namespaces of SAML 2.0.
const (
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"

	samlSuccess = "urn:oasis:names:tc:SAML:2.0:status:Success"
)

var (
	// errUnsigned says that nothing in a response is signed by its provider.
	errUnsigned = errors.New("sts: no valid signature")
	// errResponse says that a response is not one, or not with exactly one assertion.
	errResponse = errors.New("sts: not a SAML response with one assertion")
	// errFailed says that a provider reports a failure.
	errFailed = errors.New("sts: the provider reports a failure")
	// errClear says that an assertion is not encrypted although it must be.
	errClear = errors.New("sts: the assertion is not encrypted")
)

// assertion is what of an assertion means something here.
type assertion struct {
	XMLName      xml.Name  `xml:"urn:oasis:names:tc:SAML:2.0:assertion Assertion"`
	IssueInstant time.Time `xml:"IssueInstant,attr"`
	Issuer       string    `xml:"Issuer"`
	Subject      struct {
		NameID struct {
			Format string `xml:"Format,attr"`
			Value  string `xml:",chardata"`
		} `xml:"NameID"`
		Confirmations []struct {
			Data struct {
				NotOnOrAfter time.Time `xml:"NotOnOrAfter,attr"`
				Recipient    string    `xml:"Recipient,attr"`
			} `xml:"SubjectConfirmationData"`
		} `xml:"SubjectConfirmation"`
	} `xml:"Subject"`
	Conditions struct {
		NotBefore    time.Time `xml:"NotBefore,attr"`
		NotOnOrAfter time.Time `xml:"NotOnOrAfter,attr"`
		Restrictions []struct {
			Audiences []string `xml:"Audience"`
		} `xml:"AudienceRestriction"`
	} `xml:"Conditions"`
	Statements []struct {
		SessionNotOnOrAfter time.Time `xml:"SessionNotOnOrAfter,attr"`
	} `xml:"AuthnStatement"`
	Attributes []struct {
		Name   string   `xml:"Name,attr"`
		Values []string `xml:"AttributeValue"`
	} `xml:"AttributeStatement>Attribute"`
}

// samlTrust is by what a response is verified and read.
type samlTrust struct {
	// issuer is the provider's name; certificates are those that it signs with.
	issuer       string
	certificates []*x509.Certificate
	// keys are private RSA keys in PEM that decrypt.
	keys [][]byte
	// encrypted says that the assertion must be.
	encrypted bool
	now       time.Time
}

// samlMetadata is what of a provider's metadata means something here.
type samlMetadata struct {
	XMLName   xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	EntityID  string   `xml:"entityID,attr"`
	Providers []struct {
		Keys []struct {
			Use          string   `xml:"use,attr"`
			Certificates []string `xml:"KeyInfo>X509Data>X509Certificate"`
		} `xml:"KeyDescriptor"`
	} `xml:"IDPSSODescriptor"`
}

// setMetadata reads the provider's name and certificates.
func (t *samlTrust) setMetadata(text string) error {
	var m samlMetadata
	if err := xml.Unmarshal([]byte(text), &m); err != nil {
		return err
	}
	t.issuer = m.EntityID
	for _, p := range m.Providers {
		for _, k := range p.Keys {
			if k.Use != "" && k.Use != "signing" {
				continue
			}
			for _, text := range k.Certificates {
				der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
				if err != nil {
					return err
				}
				cert, err := x509.ParseCertificate(der)
				if err != nil {
					return err
				}
				t.certificates = append(t.certificates, cert)
			}
		}
	}
	return nil
}

// open returns the one assertion of a response, which or whose response must be signed. What
// is read is what was signed: the verified copy, never the text around it.
func (t *samlTrust) open(text []byte) (*assertion, error) {
	response, err := parseXML(text)
	if err != nil {
		return nil, err
	}
	if response.Tag != "Response" || response.NamespaceURI() != nsProtocol {
		return nil, errResponse
	}
	signed := false
	if hasSignature(response) {
		if response, err = t.verified(response); err != nil {
			return nil, err
		}
		signed = true
	}
	switch status := response.FindElement("./Status/StatusCode"); {
	case status == nil:
		return nil, errResponse
	case status.SelectAttrValue("Value", "") != samlSuccess:
		return nil, errFailed
	}
	el, err := t.assertionOf(response)
	if err != nil {
		return nil, err
	}
	if !signed || hasSignature(el) {
		if el, err = t.verified(el); err != nil {
			return nil, err
		}
	}
	doc := etree.NewDocument()
	doc.SetRoot(el)
	raw, err := doc.WriteToBytes()
	if err != nil {
		return nil, errResponse
	}
	var a assertion
	if err := xml.Unmarshal(raw, &a); err != nil {
		return nil, errResponse
	}
	return &a, nil
}

// parseXML refuses what reads differently once it is written again.
func parseXML(text []byte) (*etree.Element, error) {
	if err := xrv.Validate(bytes.NewReader(text)); err != nil {
		return nil, errResponse
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(text); err != nil || doc.Root() == nil {
		return nil, errResponse
	}
	for _, token := range doc.Child {
		if _, ok := token.(*etree.Directive); ok {
			return nil, errResponse // no document types
		}
	}
	return doc.Root(), nil
}

func hasSignature(el *etree.Element) bool {
	for _, child := range el.ChildElements() {
		if child.Tag == "Signature" && child.NamespaceURI() == dsig.Namespace {
			return true
		}
	}
	return false
}

// verified returns the copy of el that one of the provider's keys has signed.
func (t *samlTrust) verified(el *etree.Element) (*etree.Element, error) {
	alone, err := detached(el)
	if err != nil {
		return nil, errUnsigned
	}
	// The keys are known: what the signature says of its own counts for nothing.
	if info := alone.FindElement("./Signature/KeyInfo"); info != nil {
		info.Parent().RemoveChild(info)
	}
	for _, cert := range t.certificates {
		v := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{cert}})
		v.IdAttribute = "ID"
		v.Clock = dsig.NewFakeClockAt(t.now)
		if good, err := v.Validate(alone); err == nil {
			return good, nil
		}
	}
	return nil, errUnsigned
}

// detached is a copy of el that has the namespaces that it needs.
func detached(el *etree.Element) (*etree.Element, error) {
	ns, err := etreeutils.NSBuildParentContext(el)
	if err != nil {
		return nil, err
	}
	if ns, err = ns.SubContext(el); err != nil {
		return nil, err
	}
	return etreeutils.NSDetatch(ns, el)
}

// assertionOf returns the one assertion of a response, decrypted.
func (t *samlTrust) assertionOf(response *etree.Element) (*etree.Element, error) {
	var found []*etree.Element
	sealed := false
	for _, child := range response.ChildElements() {
		if child.NamespaceURI() != nsAssertion {
			continue
		}
		switch child.Tag {
		case "Assertion":
			found = append(found, child)
		case "EncryptedAssertion":
			sealed = true
			found = append(found, child)
		}
	}
	switch {
	case len(found) != 1:
		return nil, errResponse
	case sealed:
		return t.decrypted(found[0])
	case t.encrypted:
		return nil, errClear
	}
	return found[0], nil
}

func (t *samlTrust) decrypted(el *etree.Element) (*etree.Element, error) {
	data := el.FindElement("./EncryptedData")
	if data == nil {
		return nil, errResponse
	}
	for _, text := range t.keys {
		block, _ := pem.Decode(text)
		if block == nil {
			continue
		}
		private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			if private, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
				continue
			}
		}
		key := any(private)
		// The key of the data stands in them, or beside them.
		if sealed := el.FindElement("./EncryptedKey"); sealed != nil {
			if key, err = xmlenc.Decrypt(private, sealed); err != nil {
				continue
			}
		}
		clear, err := xmlenc.Decrypt(key, data)
		if err != nil {
			continue
		}
		a, err := parseXML(clear)
		if err != nil || a.Tag != "Assertion" || a.NamespaceURI() != nsAssertion {
			return nil, errResponse
		}
		return a, nil
	}
	return nil, errResponse
}
