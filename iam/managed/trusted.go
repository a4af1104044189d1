package managed

import "slices"

// TrustedService is an AWS service that an organization can trust to work across its
// accounts (EnableAWSServiceAccess). The list follows the Organizations user guide, "AWS
// services that you can use with AWS Organizations"; the principals stand on the page of
// each service.
type TrustedService struct {
	// Principal is the service principal, for example "config.amazonaws.com". (That of User
	// Notifications really ends in amazon.com.)
	Principal string
	// Name is the service's name.
	Name string
	// DelegatedAdministrator reports that a member account can be registered to administer
	// the service for the organization (RegisterDelegatedAdministrator).
	DelegatedAdministrator bool
}

// TrustedServices returns all of them, ascending by principal.
func TrustedServices() []TrustedService { return slices.Clone(trustedServices) }

// TrustedServiceFor returns the service with a principal; case matters.
func TrustedServiceFor(principal string) (TrustedService, bool) {
	for _, s := range trustedServices {
		if s.Principal == principal {
			return s, true
		}
	}
	return TrustedService{}, false
}

var trustedServices = []TrustedService{
	{"access-analyzer.amazonaws.com", "IAM Access Analyzer", true},
	{"account.amazonaws.com", "AWS Account Management", true},
	{"agent-registry.amazonaws.com", "AWS Agent Registry", true},
	{"artifact.amazonaws.com", "AWS Artifact", false},
	{"auditmanager.amazonaws.com", "AWS Audit Manager", true},
	{"aws-artifact-account-sync.amazonaws.com", "AWS Artifact account synchronization", false},
	{"backup.amazonaws.com", "AWS Backup", true},
	{"billing-cost-management.amazonaws.com", "AWS Billing and Cost Management", false},
	{"cloudtrail.amazonaws.com", "AWS CloudTrail", true},
	{"compute-optimizer.amazonaws.com", "AWS Compute Optimizer", true},
	{"config-multiaccountsetup.amazonaws.com", "AWS Config multi-account setup", true},
	{"config.amazonaws.com", "AWS Config", true},
	{"controltower.amazonaws.com", "AWS Control Tower", false},
	{"cost-optimization-hub.bcm.amazonaws.com", "AWS Cost Optimization Hub", true},
	{"dashboard.eks.amazonaws.com", "Amazon EKS dashboard", true},
	{"detective.amazonaws.com", "Amazon Detective", true},
	{"devops-guru.amazonaws.com", "Amazon DevOps Guru", true},
	{"ds.amazonaws.com", "AWS Directory Service", false},
	{"ec2.amazonaws.com", "Amazon EC2 declarative policies", false},
	{"ec2.capacitymanager.amazonaws.com", "Amazon EC2 Capacity Manager", true},
	{"fms.amazonaws.com", "AWS Firewall Manager", true},
	{"guardduty.amazonaws.com", "Amazon GuardDuty", true},
	{"health.amazonaws.com", "AWS Health", true},
	{"iam.amazonaws.com", "IAM central root access management", true},
	{"inspector2.amazonaws.com", "Amazon Inspector", true},
	{"ipam.amazonaws.com", "Amazon VPC IP Address Manager", true},
	{"license-management.marketplace.amazonaws.com", "AWS Marketplace license management", false},
	{"license-manager-linux-subscriptions.amazonaws.com", "AWS License Manager Linux subscriptions", true},
	{"license-manager.amazonaws.com", "AWS License Manager", true},
	{"license-manager.member-account.amazonaws.com", "AWS License Manager member accounts", false},
	{"macie.amazonaws.com", "Amazon Macie", true},
	{"malware-protection.guardduty.amazonaws.com", "Amazon GuardDuty Malware Protection", false},
	{"member.org.stacksets.cloudformation.amazonaws.com", "AWS CloudFormation StackSets", true},
	{"mgn.amazonaws.com", "AWS Application Migration Service", true},
	{"networkflowmonitor.amazonaws.com", "Amazon CloudWatch Network Flow Monitor", true},
	{"networkmanager.amazonaws.com", "AWS Network Manager", true},
	{"notifications.amazon.com", "AWS User Notifications", true},
	{"observabilityadmin.amazonaws.com", "Amazon CloudWatch", true},
	{"private-marketplace.marketplace.amazonaws.com", "AWS Private Marketplace", true},
	{"procurement-insights.marketplace.amazonaws.com", "AWS Marketplace procurement insights", true},
	{"q.amazonaws.com", "Amazon Q Developer", false},
	{"ram.amazonaws.com", "AWS Resource Access Manager", false},
	{"reachabilityanalyzer.networkinsights.amazonaws.com", "Amazon VPC Reachability Analyzer", true},
	{"reporting.trustedadvisor.amazonaws.com", "AWS Trusted Advisor", true},
	{"resiliencehub.amazonaws.com", "AWS Resilience Hub", true},
	{"resource-explorer-2.amazonaws.com", "AWS Resource Explorer", true},
	{"security-ir.amazonaws.com", "AWS Security Incident Response", true},
	{"securityhub.amazonaws.com", "AWS Security Hub", true},
	{"securitylake.amazonaws.com", "Amazon Security Lake", true},
	{"selfservicereporting.managedservices.amazonaws.com", "AWS Managed Services self-service reporting", true},
	{"servicecatalog.amazonaws.com", "AWS Service Catalog", true},
	{"servicequotas.amazonaws.com", "Service Quotas", false},
	{"ssm-quicksetup.amazonaws.com", "AWS Systems Manager Quick Setup", true},
	{"ssm.amazonaws.com", "AWS Systems Manager", true},
	{"sso.amazonaws.com", "AWS IAM Identity Center", true},
	{"stacksets.cloudformation.amazonaws.com", "AWS CloudFormation StackSets, management account", false},
	{"storage-lens.s3.amazonaws.com", "Amazon S3 Storage Lens", true},
	{"tagpolicies.tag.amazonaws.com", "Tag policies", false},
	{"topology.networkflowmonitor.amazonaws.com", "Amazon CloudWatch Network Flow Monitor topology", false},
	{"user-subscriptions.amazonaws.com", "AWS user subscriptions", false},
	{"wellarchitected.amazonaws.com", "AWS Well-Architected Tool", false},
}
