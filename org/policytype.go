package org

// The policy types that can be used here.
const (
	ServiceControlPolicy  = "SERVICE_CONTROL_POLICY"
	ResourceControlPolicy = "RESOURCE_CONTROL_POLICY"
)

// policyType is what the rules need to know of a policy type.
type policyType struct {
	name string
	// defaultID is the AWS managed policy that is attached everywhere when the type is
	// enabled.
	defaultID string
	// fixedDefault is true when the default policy cannot be detached.
	fixedDefault bool
	// minAttached is how many policies of the type every node keeps.
	minAttached int
	// available says that DescribeOrganization lists the type in AvailablePolicyTypes of an
	// organization with all features: that member is frozen at what it was in 2017.
	available bool
	// attached, count and size are the quotas of the type.
	attached, count, size Quota
}

// policyTypes are in ascending order of name.
var policyTypes = []policyType{
	{
		name: ResourceControlPolicy, defaultID: "p-RCPFullAWSAccess", fixedDefault: true, minAttached: 1,
		attached: QuotaRCPsAttached, count: QuotaRCPs, size: QuotaRCPSize,
	},
	{
		name: ServiceControlPolicy, defaultID: "p-FullAWSAccess", minAttached: 1, available: true,
		attached: QuotaSCPsAttached, count: QuotaSCPs, size: QuotaSCPSize,
	},
}

func findType(name string) (policyType, error) {
	for _, t := range policyTypes {
		if t.name == name {
			return t, nil
		}
	}
	return policyType{}, errorf(CodePolicyTypeNotBuilt, "", "policies of type %s are not implemented", name)
}

// PolicyTypeStatus is a policy type with its state as the API's PolicyTypeSummary has it.
type PolicyTypeStatus struct {
	// Type is a policy type, Status "ENABLED".
	Type, Status string
}

// statusEnabled is the only status here: changes of a type are done when the call returns.
const statusEnabled = "ENABLED"

// AvailablePolicyTypes returns what DescribeOrganization lists: the service control
// policies of an organization with all features, whether they are enabled in its root or
// not.
func (o Organization) AvailablePolicyTypes() []PolicyTypeStatus {
	var out []PolicyTypeStatus
	for _, t := range policyTypes {
		if o.AllFeatures() && t.available {
			out = append(out, PolicyTypeStatus{Type: t.name, Status: statusEnabled})
		}
	}
	return out
}

func typeEnabled(tx Reader, organizationID, name string) (bool, error) {
	enabled, err := tx.OrgPolicyTypes(organizationID)
	if err != nil {
		return false, err
	}
	for _, t := range enabled {
		if t == name {
			return true, nil
		}
	}
	return false, nil
}
