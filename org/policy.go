package org

import "time"

// Policy is a policy of an organization or one of AWS's own.
type Policy struct {
	// ID is "p-" and eight lower-case letters or digits; AWS's own have names there.
	ID string
	// Type is a policy type; it never changes.
	Type        string
	Name        string
	Description string
	// Content is the document, verbatim.
	Content string
	// AWSManaged policies belong to every organization and cannot be changed.
	AWSManaged bool
	// CreatedAt is zero for AWS's own.
	CreatedAt time.Time
}

// ARN returns the policy's ARN in an organization.
func (p Policy) ARN(managementAccountID, organizationID string) string {
	if p.AWSManaged {
		return AWSPolicyARN(p.Type, p.ID)
	}
	return PolicyARN(managementAccountID, organizationID, p.Type, p.ID)
}

// awsPolicies are AWS's own, in ascending order of id.
var awsPolicies = []Policy{
	{
		ID: "p-FullAWSAccess", Type: ServiceControlPolicy, Name: "FullAWSAccess", AWSManaged: true,
		Description: "Allows access to every operation",
		Content:     `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	},
	{
		ID: "p-RCPFullAWSAccess", Type: ResourceControlPolicy, Name: "RCPFullAWSAccess", AWSManaged: true,
		Description: "Allows all actions on all resources",
		Content:     `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`,
	},
}

// awsManaged returns AWS's own policy of that id.
func awsManaged(id string) (Policy, bool) {
	for _, p := range awsPolicies {
		if p.ID == id {
			return p, true
		}
	}
	return Policy{}, false
}
