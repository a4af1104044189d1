package e2e

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base32"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/bailiwick/bailiwick/credential"
)

const (
	scalingRole = "AWSServiceRoleForAutoScaling"
	// servicePolicy is one that only service-linked roles can have.
	servicePolicy = "arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"
)

// thumbprints are given so that no provider is asked for its own.
var thumbprints = []string{strings.Repeat("ab", 20)}

// everyIAMWrong asks for what is there already, is protected, or is not of the right form.
func everyIAMWrong(t *testing.T, x *everything) {
	c := x.c
	taken, text, trust := new("taken"), new(allow("s3:*", "*")), new(trusting(managementID))
	do(t, c, &iam.CreateUserInput{UserName: taken}, &iam.CreateUserInput{UserName: new("second")}, &iam.CreateGroupInput{GroupName: taken}, &iam.CreateGroupInput{GroupName: new("second")},
		&iam.CreateRoleInput{RoleName: taken, AssumeRolePolicyDocument: trust}, &iam.CreatePolicyInput{PolicyName: taken, PolicyDocument: text}, &iam.CreateInstanceProfileInput{InstanceProfileName: taken},
		&iam.CreateLoginProfileInput{UserName: taken, Password: new("a-Passw0rd")}, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: taken},
		&iam.CreateServiceLinkedRoleInput{AWSServiceName: new("autoscaling.amazonaws.com")})
	for message, inputs := range map[string][]any{
		"User with name taken already exists.":                                   {&iam.CreateUserInput{UserName: taken}, &iam.UpdateUserInput{UserName: new("second"), NewUserName: taken}},
		"Group with name Taken already exists.":                                  {&iam.CreateGroupInput{GroupName: new("Taken")}, &iam.UpdateGroupInput{GroupName: new("second"), NewGroupName: new("Taken")}},
		"Role with name taken already exists.":                                   {&iam.CreateRoleInput{RoleName: taken, AssumeRolePolicyDocument: trust}},
		"A policy called taken already exists. Duplicate names are not allowed.": {&iam.CreatePolicyInput{PolicyName: taken, PolicyDocument: text}},
		"Instance Profile taken already exists.":                                 {&iam.CreateInstanceProfileInput{InstanceProfileName: taken}},
		"Login Profile for user taken already exists.":                           {&iam.CreateLoginProfileInput{UserName: taken, Password: new("a-Passw0rd")}},
		"MFADevice entity at the same path and name already exists.":             {&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: taken}},
	} {
		for _, in := range inputs {
			refusal{in, "EntityAlreadyExists", message}.check(t, c)
		}
	}
	linked := new(scalingRole)
	for _, in := range []any{
		&iam.AttachRolePolicyInput{RoleName: linked, PolicyArn: new(readOnlyPolicy)}, &iam.DetachRolePolicyInput{RoleName: linked, PolicyArn: new(readOnlyPolicy)}, &iam.PutRolePolicyInput{RoleName: linked, PolicyName: taken, PolicyDocument: text},
		&iam.DeleteRolePolicyInput{RoleName: linked, PolicyName: taken}, &iam.PutRolePermissionsBoundaryInput{RoleName: linked, PermissionsBoundary: new(adminPolicy)}, &iam.DeleteRolePermissionsBoundaryInput{RoleName: linked},
		&iam.UpdateAssumeRolePolicyInput{RoleName: linked, PolicyDocument: trust}, &iam.UpdateRoleInput{RoleName: linked, MaxSessionDuration: new(int32(7200))}, &iam.UpdateRoleDescriptionInput{RoleName: new("AWSServiceRoleForOrganizations"), Description: taken},
		&iam.AddRoleToInstanceProfileInput{InstanceProfileName: taken, RoleName: linked}, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: taken, RoleName: linked},
	} {
		refusal{in, "UnmodifiableEntity", ""}.check(t, c)
	}
	for _, in := range []any{
		&iam.AttachUserPolicyInput{UserName: taken, PolicyArn: new(servicePolicy)}, &iam.AttachGroupPolicyInput{GroupName: taken, PolicyArn: new(servicePolicy)}, &iam.AttachRolePolicyInput{RoleName: taken, PolicyArn: new(servicePolicy)},
		&iam.PutUserPermissionsBoundaryInput{UserName: taken, PermissionsBoundary: new(servicePolicy)}, &iam.PutRolePermissionsBoundaryInput{RoleName: taken, PermissionsBoundary: new(servicePolicy)},
	} {
		refusal{in, "PolicyNotAttachable", ""}.check(t, c)
	}
	broken := new(`{"Version":"2012-10-17","Statement":[{"Effect":"Perhaps","Action":"s3:*","Resource":"*"}]}`)
	arn := new("arn:aws:iam::" + managementID + ":policy/taken")
	for _, in := range []any{
		&iam.CreatePolicyInput{PolicyName: new("broken"), PolicyDocument: broken}, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: broken}, &iam.CreateRoleInput{RoleName: new("broken"), AssumeRolePolicyDocument: broken},
		&iam.UpdateAssumeRolePolicyInput{RoleName: taken, PolicyDocument: broken}, &iam.PutUserPolicyInput{UserName: taken, PolicyName: taken, PolicyDocument: broken},
		&iam.PutGroupPolicyInput{GroupName: taken, PolicyName: taken, PolicyDocument: broken}, &iam.PutRolePolicyInput{RoleName: taken, PolicyName: taken, PolicyDocument: broken},
	} {
		refusal{in, "MalformedPolicyDocument", ""}.check(t, c)
	}
	change := &iam.ChangePasswordInput{OldPassword: new("a-Passw0rd"), NewPassword: new("b-Passw0rd")}
	refusal{change, "NoSuchEntity", "Login Profile for User no-password cannot be found."}.check(t, x.admin.newUser(t, "no-password", allow("iam:ChangePassword", "*")).iam())
	do(t, c, &iam.PutRolePolicyInput{RoleName: taken, PolicyName: taken, PolicyDocument: new(allow("iam:ChangePassword", "*"))})
	refusal{change, "InvalidUserType", ""}.check(t, x.admin.mustAssume(t, roleARN(managementID, "taken")).iam())
}

// everyIAMInvalid sends input of a form that the model allows and the service does not.
func everyIAMInvalid(t *testing.T, x *everything) {
	c := x.c
	taken, text, trust, twice := new("taken"), new(allow("s3:*", "*")), new(trusting(managementID)), tagsOf("a=1", "A=2")
	var nobody *issued
	metadata := samlMetadata("https://twice.example.com", nobody.issue(t, "idp", 10))
	saml := fetch[iam.CreateSAMLProviderOutput](t, c, &iam.CreateSAMLProviderInput{Name: taken, SAMLMetadataDocument: &metadata}).SAMLProviderArn
	oidc := fetch[iam.CreateOpenIDConnectProviderOutput](t, c, &iam.CreateOpenIDConnectProviderInput{Url: new("https://taken.example.com"), ThumbprintList: thumbprints}).OpenIDConnectProviderArn
	own := nobody.issue(t, "own", 10)
	do(t, c, &iam.UploadServerCertificateInput{ServerCertificateName: taken, CertificateBody: &own.body, PrivateKey: &own.pem})
	device, policy := new("arn:aws:iam::"+managementID+":mfa/taken"), new("arn:aws:iam::"+managementID+":policy/taken")
	for _, in := range []any{
		&iam.CreateUserInput{UserName: new("twice"), Tags: twice}, &iam.CreateRoleInput{RoleName: new("twice"), AssumeRolePolicyDocument: trust, Tags: twice}, &iam.CreatePolicyInput{PolicyName: new("twice"), PolicyDocument: text, Tags: twice},
		&iam.CreateInstanceProfileInput{InstanceProfileName: new("twice"), Tags: twice}, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("twice"), Tags: twice},
		&iam.CreateSAMLProviderInput{Name: new("twice"), SAMLMetadataDocument: &metadata, Tags: twice}, &iam.CreateOpenIDConnectProviderInput{Url: new("https://twice.example.com"), ThumbprintList: thumbprints, Tags: twice},
		&iam.TagUserInput{UserName: taken, Tags: twice}, &iam.TagRoleInput{RoleName: taken, Tags: twice}, &iam.TagPolicyInput{PolicyArn: policy, Tags: twice}, &iam.TagInstanceProfileInput{InstanceProfileName: taken, Tags: twice},
		&iam.TagMFADeviceInput{SerialNumber: device, Tags: twice}, &iam.TagSAMLProviderInput{SAMLProviderArn: saml, Tags: twice}, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: oidc, Tags: twice},
		&iam.TagServerCertificateInput{ServerCertificateName: taken, Tags: twice},
	} {
		refusal{in, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."}.check(t, c)
	}
	wrong, user, list := new("arn:aws:iam::"+managementID+":role/no-policy"), new(userARN(managementID, "taken")), []string{`{"Statement":1}`}
	for _, in := range []any{
		&iam.GetPolicyInput{PolicyArn: wrong}, &iam.GetPolicyVersionInput{PolicyArn: wrong, VersionId: new("v1")}, &iam.DeletePolicyInput{PolicyArn: wrong}, &iam.ListPolicyVersionsInput{PolicyArn: wrong},
		&iam.CreatePolicyVersionInput{PolicyArn: wrong, PolicyDocument: text}, &iam.SetDefaultPolicyVersionInput{PolicyArn: wrong, VersionId: new("v1")}, &iam.DeletePolicyVersionInput{PolicyArn: wrong, VersionId: new("v1")},
		&iam.ListPolicyTagsInput{PolicyArn: wrong}, &iam.UntagPolicyInput{PolicyArn: wrong, TagKeys: []string{"a"}}, &iam.ListEntitiesForPolicyInput{PolicyArn: wrong},
		&iam.AttachUserPolicyInput{UserName: taken, PolicyArn: wrong}, &iam.AttachGroupPolicyInput{GroupName: taken, PolicyArn: wrong}, &iam.AttachRolePolicyInput{RoleName: taken, PolicyArn: wrong},
		&iam.DetachUserPolicyInput{UserName: taken, PolicyArn: wrong}, &iam.DetachGroupPolicyInput{GroupName: taken, PolicyArn: wrong}, &iam.DetachRolePolicyInput{RoleName: taken, PolicyArn: wrong},
		&iam.PutUserPermissionsBoundaryInput{UserName: taken, PermissionsBoundary: wrong}, &iam.PutRolePermissionsBoundaryInput{RoleName: taken, PermissionsBoundary: wrong},
		&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: wrong}, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: wrong}, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: wrong, ClientID: taken},
		&iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: wrong, ClientID: taken}, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: wrong, ThumbprintList: []string{}},
		&iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: wrong}, &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: wrong, TagKeys: []string{"a"}},
		&iam.GetSAMLProviderInput{SAMLProviderArn: wrong}, &iam.DeleteSAMLProviderInput{SAMLProviderArn: wrong}, &iam.UpdateSAMLProviderInput{SAMLProviderArn: wrong},
		&iam.ListSAMLProviderTagsInput{SAMLProviderArn: wrong}, &iam.UntagSAMLProviderInput{SAMLProviderArn: wrong, TagKeys: []string{"a"}},
		&iam.CreateServiceLinkedRoleInput{AWSServiceName: new("nothing.amazonaws.com")}, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: new("no task id")},
		&iam.GenerateServiceLastAccessedDetailsInput{Arn: new("arn:aws:iam::" + managementID + ":mfa/taken")}, &iam.ListPoliciesGrantingServiceAccessInput{Arn: user, ServiceNamespaces: []string{"no-such-service"}},
		&iam.GetContextKeysForCustomPolicyInput{PolicyInputList: list}, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: user, PolicyInputList: list},
		&iam.SimulateCustomPolicyInput{PolicyInputList: list, ActionNames: []string{"s3:GetObject"}}, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: user, PolicyInputList: list, ActionNames: []string{"s3:GetObject"}},
	} {
		refusal{in, "InvalidInput", ""}.check(t, c)
	}
	x.admin.newUser(t, "expiring")
	key := fetch[iam.CreateAccessKeyOutput](t, c, &iam.CreateAccessKeyInput{UserName: new("expiring")}).AccessKey.AccessKeyId
	line, _ := sshKey(t, 2048)
	sshID := fetch[iam.UploadSSHPublicKeyOutput](t, c, &iam.UploadSSHPublicKeyInput{UserName: new("expiring"), SSHPublicKeyBody: &line}).SSHPublicKey.SSHPublicKeyId
	signing := fetch[iam.UploadSigningCertificateOutput](t, c, &iam.UploadSigningCertificateInput{UserName: new("expiring"), CertificateBody: &own.body}).Certificate.CertificateId
	for _, in := range []any{
		&iam.UpdateAccessKeyInput{UserName: new("expiring"), AccessKeyId: key, Status: iamtypes.StatusTypeExpired},
		&iam.UpdateSSHPublicKeyInput{UserName: new("expiring"), SSHPublicKeyId: sshID, Status: iamtypes.StatusTypeExpired},
		&iam.UpdateSigningCertificateInput{UserName: new("expiring"), CertificateId: signing, Status: iamtypes.StatusTypeExpired},
	} {
		refusal{in, "InvalidInput", "The status Expired cannot be set."}.check(t, c)
	}
	do(t, c, &iam.DeleteServerCertificateInput{ServerCertificateName: taken})
}

// everyIAMQuota fills what a scene can fill and asks for one more.
func everyIAMQuota(t *testing.T, x *everything) {
	c := x.c
	full, trust, text := new("full"), new(trusting(managementID)), new(allow("s3:*", "*"))
	do(t, c, &iam.CreateUserInput{UserName: full}, &iam.CreateRoleInput{RoleName: full, AssumeRolePolicyDocument: trust}, &iam.CreateGroupInput{GroupName: full}, &iam.CreateInstanceProfileInput{InstanceProfileName: full},
		&iam.CreateAccessKeyInput{UserName: full}, &iam.CreateAccessKeyInput{UserName: full})
	var last *string
	for n := range 11 {
		name := new("full-" + string(rune('a'+n)))
		last = fetch[iam.CreatePolicyOutput](t, c, &iam.CreatePolicyInput{PolicyName: name, PolicyDocument: text}).Policy.Arn
		do(t, c, &iam.CreateGroupInput{GroupName: name})
		if n < 10 {
			do(t, c, &iam.AttachUserPolicyInput{UserName: full, PolicyArn: last}, &iam.AttachRolePolicyInput{RoleName: full, PolicyArn: last}, &iam.AttachGroupPolicyInput{GroupName: full, PolicyArn: last}, &iam.AddUserToGroupInput{UserName: full, GroupName: name})
		}
	}
	for range 4 {
		do(t, c, &iam.CreatePolicyVersionInput{PolicyArn: last, PolicyDocument: text})
	}
	large := func(size int) *string { return new(allow("s3:*", "arn:aws:s3:::"+strings.Repeat("x", size))) }
	longTrust := document(`{"Effect":"Allow","Principal":{"AWS":"` + managementID + `"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"` + strings.Repeat("x", 2048) + `"}}}`)
	for _, r := range []refusal{
		{&iam.CreateAccessKeyInput{UserName: full}, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"},
		{&iam.AttachUserPolicyInput{UserName: full, PolicyArn: last}, "LimitExceeded", "Cannot exceed quota for PoliciesPerUser: 10"},
		{&iam.AttachGroupPolicyInput{GroupName: full, PolicyArn: last}, "LimitExceeded", "Cannot exceed quota for PoliciesPerGroup: 10"},
		{&iam.AttachRolePolicyInput{RoleName: full, PolicyArn: last}, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10"},
		{&iam.AddUserToGroupInput{UserName: full, GroupName: new("full-k")}, "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10"},
		{&iam.CreatePolicyVersionInput{PolicyArn: last, PolicyDocument: text}, "LimitExceeded", ""},
		{&iam.CreatePolicyInput{PolicyName: new("long"), PolicyDocument: large(6144)}, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144"},
		{&iam.CreateRoleInput{RoleName: new("long"), AssumeRolePolicyDocument: &longTrust}, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"},
		{&iam.UpdateAssumeRolePolicyInput{RoleName: full, PolicyDocument: &longTrust}, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"},
		{&iam.PutUserPolicyInput{UserName: full, PolicyName: full, PolicyDocument: large(2048)}, "LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user full"},
		{&iam.PutGroupPolicyInput{GroupName: full, PolicyName: full, PolicyDocument: large(5120)}, "LimitExceeded", "Maximum policy size of 5120 bytes exceeded for group full"},
		{&iam.PutRolePolicyInput{RoleName: full, PolicyName: full, PolicyDocument: large(10240)}, "LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role full"},
	} {
		r.check(t, c)
	}
	fillTags(t, c, last)
	fillDevices(t, c)
	fillProviders(t, c)
	for n := 0; ; n++ {
		_, err := ask(c, &iam.CreateGroupInput{GroupName: new("group-" + strconv.Itoa(n))})
		if err != nil || n > 300 {
			fails(t, err, "LimitExceeded", "Cannot exceed quota for GroupsPerAccount: 300")
			break
		}
	}
}

// fillTags gives each kind of thing 50 tags and one more.
func fillTags(t *testing.T, c *iam.Client, policy *string) {
	var fifty []iamtypes.Tag
	for n := range 50 {
		fifty = append(fifty, tagsOf("key"+strconv.Itoa(n)+"=v")...)
	}
	full, more := new("full"), tagsOf("one-more=v")
	var nobody *issued
	own := nobody.issue(t, "own", 10)
	metadata := samlMetadata("https://full.example.com", own)
	device := fetch[iam.CreateVirtualMFADeviceOutput](t, c, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: full}).VirtualMFADevice.SerialNumber
	saml := fetch[iam.CreateSAMLProviderOutput](t, c, &iam.CreateSAMLProviderInput{Name: full, SAMLMetadataDocument: &metadata}).SAMLProviderArn
	oidc := fetch[iam.CreateOpenIDConnectProviderOutput](t, c, &iam.CreateOpenIDConnectProviderInput{Url: new("https://full.example.com"), ThumbprintList: thumbprints}).OpenIDConnectProviderArn
	do(t, c, &iam.UploadServerCertificateInput{ServerCertificateName: full, CertificateBody: &own.body, PrivateKey: &own.pem})
	with := func(tags []iamtypes.Tag) []any {
		return []any{
			&iam.TagUserInput{UserName: full, Tags: tags}, &iam.TagRoleInput{RoleName: full, Tags: tags}, &iam.TagPolicyInput{PolicyArn: policy, Tags: tags}, &iam.TagInstanceProfileInput{InstanceProfileName: full, Tags: tags},
			&iam.TagMFADeviceInput{SerialNumber: device, Tags: tags}, &iam.TagSAMLProviderInput{SAMLProviderArn: saml, Tags: tags}, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: oidc, Tags: tags},
			&iam.TagServerCertificateInput{ServerCertificateName: full, Tags: tags},
		}
	}
	do(t, c, with(fifty)...)
	for _, in := range with(more) {
		refusal{in, "LimitExceeded", "The number of tags has reached the maximum limit."}.check(t, c)
	}
}

// fillDevices enables eight MFA devices of one user and one more.
func fillDevices(t *testing.T, c *iam.Client) {
	user := new("full")
	for n := range 9 {
		d := fetch[iam.CreateVirtualMFADeviceOutput](t, c, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("full-" + strconv.Itoa(n))}).VirtualMFADevice
		seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(d.Base32StringSeed))
		must(t, err)
		step := credential.TOTPStep(time.Now())
		in := &iam.EnableMFADeviceInput{
			UserName: user, SerialNumber: d.SerialNumber, AuthenticationCode1: new(credential.TOTP(seed, step-1)), AuthenticationCode2: new(credential.TOTP(seed, step)),
		}
		if n < 8 {
			do(t, c, in)
			continue
		}
		refusal{in, "LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8"}.check(t, c)
	}
}

// fillProviders makes as many providers and server certificates as there can be.
func fillProviders(t *testing.T, c *iam.Client) {
	var nobody *issued
	own := nobody.issue(t, "own", 10)
	metadata := samlMetadata("https://many.example.com", own)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	private := pemText("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	clients := []string{}
	for n := range 100 {
		clients = append(clients, "client-"+strconv.Itoa(n))
	}
	oidc := fetch[iam.CreateOpenIDConnectProviderOutput](t, c, &iam.CreateOpenIDConnectProviderInput{Url: new("https://clients.example.com"), ThumbprintList: thumbprints, ClientIDList: clients}).OpenIDConnectProviderArn
	saml := fetch[iam.CreateSAMLProviderOutput](t, c, &iam.CreateSAMLProviderInput{Name: new("keys"), SAMLMetadataDocument: &metadata}).SAMLProviderArn
	do(t, c, &iam.UpdateSAMLProviderInput{SAMLProviderArn: saml, AddPrivateKey: &private}, &iam.UpdateSAMLProviderInput{SAMLProviderArn: saml, AddPrivateKey: &private})
	refusal{&iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: oidc, ClientID: new("one-more")}, "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"}.check(t, c)
	refusal{&iam.UpdateSAMLProviderInput{SAMLProviderArn: saml, AddPrivateKey: &private}, "LimitExceeded", ""}.check(t, c)
	for message, one := range map[string]func(n string) any{
		"Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100": func(n string) any {
			return &iam.CreateOpenIDConnectProviderInput{Url: new("https://n" + n + ".example.com"), ThumbprintList: thumbprints}
		},
		"Cannot exceed quota for InstanceProfilesPerAccount: 1000": func(n string) any {
			return &iam.CreateInstanceProfileInput{InstanceProfileName: new("many-" + n)}
		},
		"Cannot exceed quota for SAMLProvidersPerAccount: 100": func(n string) any {
			return &iam.CreateSAMLProviderInput{Name: new("many-" + n), SAMLMetadataDocument: &metadata}
		},
		"Cannot exceed quota for ServerCertificatesPerAccount: 20": func(n string) any {
			return &iam.UploadServerCertificateInput{ServerCertificateName: new("many-" + n), CertificateBody: &own.body, PrivateKey: &own.pem}
		},
	} {
		for n := 0; ; n++ {
			if _, err := ask(c, one(strconv.Itoa(n))); err != nil || n > 1000 {
				fails(t, err, "LimitExceeded", message)
				break
			}
		}
	}
}
