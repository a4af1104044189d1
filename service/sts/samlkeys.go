package sts

// samlKept are the condition keys that the session has, too; see the IAM user guide, "IAM and AWS
// STS condition context keys", "Cross-service SAML-based AWS STS federation context keys".
var samlKept = []string{"saml:namequalifier", "saml:sub", "saml:sub_type"}

// samlKeys are the condition keys, without their prefix, of attributes by their names; see the
// IAM user guide, "Configure SAML assertions for the authentication response", "Mapping SAML
// attributes to AWS trust policy context keys".
var samlKeys = map[string]string{
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.1":  "edupersonaffiliation",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.2":  "edupersonnickname",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.3":  "edupersonorgdn",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.4":  "edupersonorgunitdn",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.5":  "edupersonprimaryaffiliation",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.6":  "edupersonprincipalname",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.7":  "edupersonentitlement",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.8":  "edupersonprimaryorgunitdn",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.9":  "edupersonscopedaffiliation",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.10": "edupersontargetedid",
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.11": "edupersonassurance",

	"urn:oid:1.3.6.1.4.1.5923.1.2.1.2": "eduorghomepageuri",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.3": "eduorgidentityauthnpolicyuri",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.4": "eduorglegalname",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.5": "eduorgsuperioruri",
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.6": "eduorgwhitepagesuri",

	"urn:oid:2.5.4.3":                    "cn",
	"urn:oid:2.5.4.4":                    "surname",
	"urn:oid:2.5.4.42":                   "givenName",
	"urn:oid:2.5.4.45":                   "x500UniqueIdentifier",
	"urn:oid:0.9.2342.19200300.100.1.1":  "uid",
	"urn:oid:0.9.2342.19200300.100.1.3":  "mail",
	"urn:oid:0.9.2342.19200300.100.1.45": "organizationStatus",

	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name":              "name",
	"http://schemas.xmlsoap.org/claims/CommonName":                            "commonName",
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname":         "givenName",
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname":           "surname",
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress":      "mail",
	"http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "primaryGroupSID",
}
