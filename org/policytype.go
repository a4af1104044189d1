package org

import (
	"context"

	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/management"
)

// The types of the policies that limit permissions. Those of the policies that configure
// services are in package management.
const (
	ServiceControlPolicy  = "SERVICE_CONTROL_POLICY"
	ResourceControlPolicy = "RESOURCE_CONTROL_POLICY"
)

// policyType is what the rules need to know of a policy type.
type policyType struct {
	name string
	// defaultID is the AWS managed policy that is attached everywhere when the type is
	// enabled; empty if there is none.
	defaultID string
	// fixedDefault is true when the default policy cannot be detached.
	fixedDefault bool
	// minAttached is how many policies of the type every node keeps.
	minAttached int
	// available says that DescribeOrganization lists the type in AvailablePolicyTypes of an
	// organization with all features: that member is frozen at what it was in 2017.
	available bool
	// service is the service that must be trusted while the type is enabled; empty if none
	// must (API reference, ConstraintViolationException: POLICY_TYPE_ENABLED_FOR_THIS_SERVICE and
	// SERVICE_ACCESS_NOT_ENABLED name one type).
	service string
	// attached and count are the quotas of the type.
	attached, count Quota
	// kind is the grammar of documents that limit permissions, management that of documents
	// that configure services, with size as the quota of their characters.
	kind       policy.Kind
	management *management.Type
	size       Quota
}

// policyTypes are in ascending order of name.
var policyTypes = []policyType{
	managementType(management.AIServicesOptOutPolicy, QuotaOptOutAttached, QuotaOptOutSize),
	managementType(management.BackupPolicy, QuotaManagementAttached, QuotaManagementSize),
	managementType(management.BedrockPolicy, QuotaManagementAttached, QuotaManagementSize),
	managementType(management.ChatbotPolicy, QuotaChatAttached, QuotaManagementSize),
	managementType(management.DeclarativePolicyEC2, QuotaManagementAttached, QuotaManagementSize),
	managementType(management.GuardDutyPolicy, QuotaManagementAttached, QuotaManagementSize),
	managementType(management.InspectorPolicy, QuotaManagementAttached, QuotaManagementSize),
	managementType(management.NetworkSecurityDirectorPolicy, QuotaManagementAttached, QuotaManagementSize),
	{
		name: ResourceControlPolicy, defaultID: "p-RCPFullAWSAccess", fixedDefault: true, minAttached: 1,
		attached: QuotaRCPsAttached, count: QuotaRCPs, kind: policy.RCP,
	},
	managementType(management.S3Policy, QuotaManagementAttached, QuotaManagementSize),
	managementType(management.SecurityHubCSPMPolicy, QuotaManagementAttached, QuotaManagementSize),
	trusting(managementType(management.SecurityHubPolicy, QuotaManagementAttached, QuotaManagementSize), "securityhub.amazonaws.com"),
	{
		name: ServiceControlPolicy, defaultID: "p-FullAWSAccess", minAttached: 1, available: true,
		attached: QuotaSCPsAttached, count: QuotaSCPs, kind: policy.SCP,
	},
	managementType(management.TagPolicy, QuotaManagementAttached, QuotaManagementSize),
	managementType(management.UpgradeRolloutPolicy, QuotaManagementAttached, QuotaRolloutSize),
}

func trusting(t policyType, service string) policyType {
	t.service = service
	return t
}

func managementType(name string, attached, size Quota) policyType {
	grammar, _ := management.Find(name)
	return policyType{name: name, attached: attached, count: QuotaManagementPolicies, management: grammar, size: size}
}

// findType returns a policy type. It fails with CodeInvalidInput.
func findType(name string) (policyType, error) {
	for _, t := range policyTypes {
		if t.name == name {
			return t, nil
		}
	}
	return policyType{}, errInput(ReasonInvalidPolicyType, "You specified an invalid policy type.")
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

func errTypeNotEnabled() *Error {
	return errorf(CodePolicyTypeNotEnabled, "", "This operation can be performed only for enabled policy types.")
}

func errTypeNotAvailable() *Error {
	return errorf(CodePolicyTypeNotAvailable, "", "You can't use the specified policy type with the feature set currently enabled for this organization.")
}

// EnabledPolicyTypes returns the types enabled in the organization's root, in ascending
// order of name: what ListRoots shows.
func EnabledPolicyTypes(_ context.Context, tx Reader, o Organization) ([]PolicyTypeStatus, error) {
	names, err := tx.OrgPolicyTypes(o.ID)
	if err != nil {
		return nil, err
	}
	var out []PolicyTypeStatus
	for _, name := range names {
		out = append(out, PolicyTypeStatus{Type: name, Status: statusEnabled})
	}
	return out, nil
}

// EnablePolicyType enables a type in the root and attaches its default policy, if it has one,
// to the root, every OU and every account. It fails with CodeRootNotFound, CodeInvalidInput,
// CodePolicyTypeNotAvailable, CodePolicyTypeAlreadyEnabled or CodeConstraintViolation.
func EnablePolicyType(_ context.Context, tx Tx, o Organization, rootID, policyType string) error {
	if rootID != o.RootID {
		return errRootNotFound()
	}
	t, err := findType(policyType)
	if err != nil {
		return err
	}
	if !o.AllFeatures() {
		return errTypeNotAvailable()
	}
	enabled, err := typeEnabled(tx, o.ID, policyType)
	if err != nil {
		return err
	}
	if enabled {
		return errorf(CodePolicyTypeAlreadyEnabled, "", "The specified policy type is already enabled.")
	}
	if t.service != "" {
		if _, trusted, err := tx.OrgTrustedService(o.ID, t.service); err != nil || !trusted {
			return orElse(err, errConstraint(ReasonServiceAccess,
				"You attempted to enable a policy type before you enabled service access. Call the EnableAWSServiceAccess API first."))
		}
	}
	if err := tx.EnableOrgPolicyType(o.ID, policyType); err != nil {
		return err
	}
	tx.Touch(o.scope())
	if t.defaultID == "" {
		return nil
	}
	return tx.AttachOrgEverywhere(o, policyType, t.defaultID)
}

// DisablePolicyType disables a type in the root and takes all policies of the type from
// all nodes. It fails with CodeRootNotFound or CodePolicyTypeNotEnabled.
func DisablePolicyType(_ context.Context, tx Tx, o Organization, rootID, policyType string) error {
	if rootID != o.RootID {
		return errRootNotFound()
	}
	enabled, err := typeEnabled(tx, o.ID, policyType)
	if err != nil {
		return err
	}
	if !enabled {
		return errTypeNotEnabled()
	}
	if err := tx.DisableOrgPolicyType(o.ID, policyType); err != nil {
		return err
	}
	tx.Touch(o.scope())
	if err := recheck(tx, o, policyType, o.RootID); err != nil {
		return err
	}
	return tx.DeleteOrgAttachmentsOfType(o.ID, policyType)
}
