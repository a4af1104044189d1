package org

import (
	"strings"

	"github.com/bailiwick/bailiwick/arn"
)

// partition is the only partition that organizations exist in here.
const partition = "aws"

func resourceARN(ownerAccountID, resource string) string {
	return arn.ARN{Partition: partition, Service: "organizations", AccountID: ownerAccountID, Resource: resource}.String()
}

// ARN returns the ARN of the organization. The formats are those of the Service
// Authorization Reference, "Resource types defined by AWS Organizations".
func (o Organization) ARN() string {
	return resourceARN(o.ManagementAccountID, "organization/"+o.ID)
}

// RootARN returns the ARN of the organization's root.
func (o Organization) RootARN() string { return RootARN(o.ManagementAccountID, o.ID, o.RootID) }

// RootARN returns the ARN of a root.
func RootARN(managementAccountID, organizationID, rootID string) string {
	return resourceARN(managementAccountID, "root/"+organizationID+"/"+rootID)
}

// AccountARN returns the ARN of an account as a resource of its organization.
func AccountARN(managementAccountID, organizationID, accountID string) string {
	return resourceARN(managementAccountID, "account/"+organizationID+"/"+accountID)
}

// UnitARN returns the ARN of an OU.
func UnitARN(managementAccountID, organizationID, unitID string) string {
	return resourceARN(managementAccountID, "ou/"+organizationID+"/"+unitID)
}

// PolicyARN returns the ARN of a policy that an organization made.
func PolicyARN(managementAccountID, organizationID, policyType, policyID string) string {
	return resourceARN(managementAccountID, "policy/"+organizationID+"/"+strings.ToLower(policyType)+"/"+policyID)
}

// AWSPolicyARN returns the ARN of a policy that is AWS's own.
func AWSPolicyARN(policyType, policyID string) string {
	return resourceARN("aws", "policy/"+strings.ToLower(policyType)+"/"+policyID)
}

// NodeARN returns the ARN of a root, an OU or an account of the organization.
func NodeARN(managementAccountID, organizationID string, n Node) string {
	switch n.Kind {
	case KindRoot:
		return RootARN(managementAccountID, organizationID, n.ID)
	case KindUnit:
		return UnitARN(managementAccountID, organizationID, n.ID)
	default:
		return AccountARN(managementAccountID, organizationID, n.ID)
	}
}

// AccountARN returns the ARN of one of the organization's accounts.
func (o Organization) AccountARN(accountID string) string {
	return AccountARN(o.ManagementAccountID, o.ID, accountID)
}

// UnitARN returns the ARN of one of the organization's OUs.
func (o Organization) UnitARN(unitID string) string {
	return UnitARN(o.ManagementAccountID, o.ID, unitID)
}

// PolicyARN returns the ARN of a policy as this organization sees it.
func (o Organization) PolicyARN(p Policy) string { return p.ARN(o.ManagementAccountID, o.ID) }

// NodeARN returns the ARN of one of the organization's nodes.
func (o Organization) NodeARN(n Node) string { return NodeARN(o.ManagementAccountID, o.ID, n) }
