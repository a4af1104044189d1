package managed

import "slices"

// ServiceLinkedRole says which role a service may ask IAM to make for it, and with which
// policy (IAM user guide, "AWS services that work with IAM"; each service's own guide,
// "Using service-linked roles").
type ServiceLinkedRole struct {
	// Service is the principal that the role trusts, for example "sso.amazonaws.com".
	Service string
	// RoleName is the role's name, for example "AWSServiceRoleForSSO".
	RoleName string
	// CustomSuffix reports that a caller may have several such roles, each with a suffix:
	// RoleName, "_", suffix. For other services IAM refuses a suffix as InvalidInput.
	CustomSuffix bool

	policy string
}

// Path returns the path of the role: /aws-service-role/ and the service.
func (r ServiceLinkedRole) Path() string { return serviceLinkedPath + r.Service + "/" }

// PolicyARN returns the ARN of the managed policy that comes attached to the role.
func (r ServiceLinkedRole) PolicyARN() string { return arnPrefix + serviceLinkedPath + r.policy }

// ServiceLinkedRoles returns all of them, ascending by service.
func ServiceLinkedRoles() []ServiceLinkedRole { return slices.Clone(serviceLinkedRoles) }

// ServiceLinkedRoleFor returns the role of a service principal. Principals in service
// policies are exact, so case matters.
func ServiceLinkedRoleFor(service string) (ServiceLinkedRole, bool) {
	for _, r := range serviceLinkedRoles {
		if r.Service == service {
			return r, true
		}
	}
	return ServiceLinkedRole{}, false
}

var serviceLinkedRoles = []ServiceLinkedRole{
	{Service: "access-analyzer.amazonaws.com", RoleName: "AWSServiceRoleForAccessAnalyzer", policy: "AccessAnalyzerServiceRolePolicy"},
	{Service: "accountdiscovery.ssm.amazonaws.com", RoleName: "AWSServiceRoleForAmazonSSM_AccountDiscovery", policy: "AWSSystemsManagerAccountDiscoveryServicePolicy"},
	{Service: "acm.amazonaws.com", RoleName: "AWSServiceRoleForCertificateManager", policy: "CertificateManagerServiceRolePolicy"},
	{Service: "agentless.inspector2.amazonaws.com", RoleName: "AWSServiceRoleForAmazonInspector2Agentless", policy: "AmazonInspector2AgentlessServiceRolePolicy"},
	{Service: "appmesh.amazonaws.com", RoleName: "AWSServiceRoleForAppMesh", policy: "AWSAppMeshServiceRolePolicy"},
	{Service: "artifact.amazonaws.com", RoleName: "AWSServiceRoleForArtifact", policy: "AWSArtifactServiceRolePolicy"},
	{Service: "auditmanager.amazonaws.com", RoleName: "AWSServiceRoleForAuditManager", policy: "AWSAuditManagerServiceRolePolicy"},
	{Service: "autoscaling-plans.amazonaws.com", RoleName: "AWSServiceRoleForAutoScalingPlans_EC2AutoScaling", policy: "AWSAutoScalingPlansEC2AutoScalingPolicy"},
	{Service: "autoscaling.amazonaws.com", RoleName: "AWSServiceRoleForAutoScaling", policy: "AutoScalingServiceRolePolicy", CustomSuffix: true},
	{Service: "backup.amazonaws.com", RoleName: "AWSServiceRoleForBackup", policy: "AWSBackupServiceLinkedRolePolicyForBackup"},
	{Service: "batch.amazonaws.com", RoleName: "AWSServiceRoleForBatch", policy: "BatchServiceRolePolicy"},
	{Service: "bcm-data-exports.amazonaws.com", RoleName: "AWSServiceRoleForBCMDataExports", policy: "AWSBCMDataExportsServiceRolePolicy"},
	{Service: "cassandra.application-autoscaling.amazonaws.com", RoleName: "AWSServiceRoleForApplicationAutoScaling_CassandraTable", policy: "AWSApplicationAutoscalingCassandraTablePolicy"},
	{Service: "cks.kms.amazonaws.com", RoleName: "AWSServiceRoleForKeyManagementServiceCustomKeyStores", policy: "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy"},
	{Service: "cloudtrail.amazonaws.com", RoleName: "AWSServiceRoleForCloudTrail", policy: "CloudTrailServiceRolePolicy"},
	{Service: "cloudwatch-crossaccount.amazonaws.com", RoleName: "AWSServiceRoleForCloudWatchCrossAccount", policy: "CloudWatch-CrossAccountAccess"},
	{Service: "codestar-notifications.amazonaws.com", RoleName: "AWSServiceRoleForCodeStarNotifications", policy: "AWSCodeStarNotificationsServiceRolePolicy"},
	{Service: "compute-optimizer.amazonaws.com", RoleName: "AWSServiceRoleForComputeOptimizer", policy: "ComputeOptimizerServiceRolePolicy"},
	{Service: "config-multiaccountsetup.amazonaws.com", RoleName: "AWSServiceRoleForConfigMultiAccountSetup", policy: "AWSConfigMultiAccountSetupPolicy"},
	{Service: "config.amazonaws.com", RoleName: "AWSServiceRoleForConfig", policy: "AWSConfigServiceRolePolicy"},
	{Service: "controltower.amazonaws.com", RoleName: "AWSServiceRoleForAWSControlTower", policy: "AWSControlTowerAccountServiceRolePolicy"},
	{Service: "cost-optimization-hub.bcm.amazonaws.com", RoleName: "AWSServiceRoleForCostOptimizationHub", policy: "CostOptimizationHubServiceRolePolicy"},
	{Service: "dashboard.eks.amazonaws.com", RoleName: "AWSServiceRoleForAmazonEKSDashboard", policy: "AmazonEKSDashboardServiceRolePolicy"},
	{Service: "dax.amazonaws.com", RoleName: "AWSServiceRoleForDAX", policy: "DAXServiceRolePolicy"},
	{Service: "detective.amazonaws.com", RoleName: "AWSServiceRoleForDetective", policy: "AmazonDetectiveServiceLinkedRolePolicy"},
	{Service: "devops-guru.amazonaws.com", RoleName: "AWSServiceRoleForDevOpsGuru", policy: "AmazonDevOpsGuruServiceRolePolicy"},
	{Service: "dynamodb.application-autoscaling.amazonaws.com", RoleName: "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable", policy: "AWSApplicationAutoscalingDynamoDBTablePolicy"},
	{Service: "ec2-instance-connect.amazonaws.com", RoleName: "AWSServiceRoleForEc2InstanceConnect", policy: "Ec2InstanceConnectEndpoint"},
	{Service: "ec2.amazonaws.com", RoleName: "AWSServiceRoleForDeclarativePoliciesEC2Report", policy: "DeclarativePoliciesEC2Report"},
	{Service: "ec2.application-autoscaling.amazonaws.com", RoleName: "AWSServiceRoleForApplicationAutoScaling_EC2SpotFleetRequest", policy: "AWSApplicationAutoscalingEC2SpotFleetRequestPolicy"},
	{Service: "ec2.capacitymanager.amazonaws.com", RoleName: "AWSServiceRoleForEC2CapacityManager", policy: "AWSEC2CapacityManagerServiceRolePolicy"},
	{Service: "ecr.amazonaws.com", RoleName: "AWSServiceRoleForECRTemplate", policy: "ECRTemplateServiceRolePolicy"},
	{Service: "ecs.amazonaws.com", RoleName: "AWSServiceRoleForECS", policy: "AmazonECSServiceRolePolicy"},
	{Service: "ecs.application-autoscaling.amazonaws.com", RoleName: "AWSServiceRoleForApplicationAutoScaling_ECSService", policy: "AWSApplicationAutoscalingECSServicePolicy"},
	{Service: "eks-connector.amazonaws.com", RoleName: "AWSServiceRoleForAmazonEKSConnector", policy: "AmazonEKSConnectorServiceRolePolicy"},
	{Service: "eks-fargate.amazonaws.com", RoleName: "AWSServiceRoleForAmazonEKSForFargate", policy: "AmazonEKSForFargateServiceRolePolicy"},
	{Service: "eks-nodegroup.amazonaws.com", RoleName: "AWSServiceRoleForAmazonEKSNodegroup", policy: "AWSServiceRoleForAmazonEKSNodegroup"},
	{Service: "eks.amazonaws.com", RoleName: "AWSServiceRoleForAmazonEKS", policy: "AmazonEKSServiceRolePolicy"},
	{Service: "elasticache.amazonaws.com", RoleName: "AWSServiceRoleForElastiCache", policy: "ElastiCacheServiceRolePolicy"},
	{Service: "elasticbeanstalk.amazonaws.com", RoleName: "AWSServiceRoleForElasticBeanstalk", policy: "AWSElasticBeanstalkServiceRolePolicy"},
	{Service: "elasticfilesystem.amazonaws.com", RoleName: "AWSServiceRoleForAmazonElasticFileSystem", policy: "AmazonElasticFileSystemServiceRolePolicy"},
	{Service: "elasticloadbalancing.amazonaws.com", RoleName: "AWSServiceRoleForElasticLoadBalancing", policy: "AWSElasticLoadBalancingServiceRolePolicy"},
	{Service: "email.cognito-idp.amazonaws.com", RoleName: "AWSServiceRoleForAmazonCognitoIdpEmailService", policy: "AmazonCognitoIdpEmailServiceRolePolicy"},
	{Service: "event-processor.health.amazonaws.com", RoleName: "AWSServiceRoleForHealth_EventProcessor", policy: "AWSHealth_EventProcessorServiceRolePolicy"},
	{Service: "events.amazonaws.com", RoleName: "AWSServiceRoleForCloudWatchEvents", policy: "CloudWatchEventsServiceRolePolicy"},
	{Service: "fis.amazonaws.com", RoleName: "AWSServiceRoleForFIS", policy: "AmazonFISServiceRolePolicy"},
	{Service: "fms.amazonaws.com", RoleName: "AWSServiceRoleForFMS", policy: "FMSServiceRolePolicy"},
	{Service: "grafana.amazonaws.com", RoleName: "AWSServiceRoleForAmazonGrafana", policy: "AmazonGrafanaServiceLinkedRolePolicy"},
	{Service: "guardduty.amazonaws.com", RoleName: "AWSServiceRoleForAmazonGuardDuty", policy: "AmazonGuardDutyServiceRolePolicy"},
	{Service: "health.amazonaws.com", RoleName: "AWSServiceRoleForHealth_Organizations", policy: "Health_OrganizationsServiceRolePolicy"},
	{Service: "inspector2.amazonaws.com", RoleName: "AWSServiceRoleForAmazonInspector2", policy: "AmazonInspector2ServiceRolePolicy"},
	{Service: "ipam.amazonaws.com", RoleName: "AWSServiceRoleForIPAM", policy: "AWSIPAMServiceRolePolicy"},
	{Service: "kafka.amazonaws.com", RoleName: "AWSServiceRoleForKafka", policy: "KafkaServiceRolePolicy"},
	{Service: "lakeformation.amazonaws.com", RoleName: "AWSServiceRoleForLakeFormationDataAccess", policy: "LakeFormationDataAccessServiceRolePolicy"},
	{Service: "lambda.application-autoscaling.amazonaws.com", RoleName: "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency", policy: "AWSApplicationAutoscalingLambdaConcurrencyPolicy"},
	{Service: "lexv2.amazonaws.com", RoleName: "AWSServiceRoleForLexV2Bots", policy: "AmazonLexV2BotPolicy", CustomSuffix: true},
	{Service: "license-management.marketplace.amazonaws.com", RoleName: "AWSServiceRoleForMarketplaceLicenseManagement", policy: "AWSMarketplaceLicenseManagementServiceRolePolicy"},
	{Service: "license-manager-linux-subscriptions.amazonaws.com", RoleName: "AWSServiceRoleForAWSLicenseManagerLinuxSubscriptionsService", policy: "AWSLicenseManagerLinuxSubscriptionsServiceRolePolicy"},
	{Service: "license-manager.amazonaws.com", RoleName: "AWSServiceRoleForAWSLicenseManagerRole", policy: "AWSLicenseManagerServiceRolePolicy"},
	{Service: "license-manager.master-account.amazonaws.com", RoleName: "AWSServiceRoleForAWSLicenseManagerMasterAccountRole", policy: "AWSLicenseManagerMasterAccountRolePolicy"},
	{Service: "license-manager.member-account.amazonaws.com", RoleName: "AWSServiceRoleForAWSLicenseManagerMemberAccountRole", policy: "AWSLicenseManagerMemberAccountRolePolicy"},
	{Service: "lightsail.amazonaws.com", RoleName: "AWSServiceRoleForLightsail", policy: "LightsailExportAccess"},
	{Service: "macie.amazonaws.com", RoleName: "AWSServiceRoleForAmazonMacie", policy: "AmazonMacieServiceRolePolicy"},
	{Service: "malware-protection.guardduty.amazonaws.com", RoleName: "AWSServiceRoleForAmazonGuardDutyMalwareProtection", policy: "AmazonGuardDutyMalwareProtectionServiceRolePolicy"},
	{Service: "member.org.stacksets.cloudformation.amazonaws.com", RoleName: "AWSServiceRoleForCloudFormationStackSetsOrgMember", policy: "CloudFormationStackSetsOrgMemberServiceRolePolicy"},
	{Service: "memorydb.amazonaws.com", RoleName: "AWSServiceRoleForMemoryDB", policy: "MemoryDBServiceRolePolicy"},
	{Service: "mgn.amazonaws.com", RoleName: "AWSServiceRoleForApplicationMigrationService", policy: "AWSApplicationMigrationServiceRolePolicy"},
	{Service: "mq.amazonaws.com", RoleName: "AWSServiceRoleForAmazonMQ", policy: "AmazonMQServiceRolePolicy"},
	{Service: "mrk.kms.amazonaws.com", RoleName: "AWSServiceRoleForKeyManagementServiceMultiRegionKeys", policy: "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy"},
	{Service: "networkflowmonitor.amazonaws.com", RoleName: "AWSServiceRoleForNetworkFlowMonitor", policy: "CloudWatchNetworkFlowMonitorServiceRolePolicy"},
	{Service: "networkmanager.amazonaws.com", RoleName: "AWSServiceRoleForNetworkManager", policy: "AWSNetworkManagerServiceRolePolicy"},
	{Service: "notifications.amazonaws.com", RoleName: "AWSServiceRoleForAwsUserNotifications", policy: "AWSUserNotificationsServiceLinkedRolePolicy"},
	{Service: "observability.aoss.amazonaws.com", RoleName: "AWSServiceRoleForAmazonOpenSearchServerless", policy: "AmazonOpenSearchServerlessServiceRolePolicy"},
	{Service: "observabilityadmin.amazonaws.com", RoleName: "AWSServiceRoleForObservabilityAdmin", policy: "AWSObservabilityAdminServiceRolePolicy"},
	{Service: "opensearchservice.amazonaws.com", RoleName: "AWSServiceRoleForAmazonOpenSearchService", policy: "AmazonOpenSearchServiceRolePolicy"},
	{Service: "ops.apigateway.amazonaws.com", RoleName: "AWSServiceRoleForAPIGateway", policy: "APIGatewayServiceRolePolicy"},
	{Service: "ops.emr-serverless.amazonaws.com", RoleName: "AWSServiceRoleForAmazonEMRServerless", policy: "AmazonEMRServerlessServiceRolePolicy"},
	{Service: "opsdatasync.ssm.amazonaws.com", RoleName: "AWSServiceRoleForSystemsManagerOpsDataSync", policy: "AWSSystemsManagerOpsDataSyncServiceRolePolicy"},
	{Service: "opsinsights.ssm.amazonaws.com", RoleName: "AWSServiceRoleForAmazonSSM_OpsInsights", policy: "AWSSSMOpsInsightsServiceRolePolicy"},
	{Service: "organizations.amazonaws.com", RoleName: "AWSServiceRoleForOrganizations", policy: "AWSOrganizationsServiceTrustPolicy"},
	{Service: "orgsdatasync.servicecatalog.amazonaws.com", RoleName: "AWSServiceRoleForServiceCatalogOrgsDataSync", policy: "AWSServiceCatalogOrgsDataSyncServiceRolePolicy"},
	{Service: "private-marketplace.marketplace.amazonaws.com", RoleName: "AWSServiceRoleForPrivateMarketplaceAdmin", policy: "AWSServiceRoleForPrivateMarketplaceAdminPolicy"},
	{Service: "procurement-insights.marketplace.amazonaws.com", RoleName: "AWSServiceRoleForProcurementInsights", policy: "AWSServiceRoleForProcurementInsightsPolicy"},
	{Service: "pullthroughcache.ecr.amazonaws.com", RoleName: "AWSServiceRoleForECRPullThroughCache", policy: "AWSECRPullThroughCache_ServiceRolePolicy"},
	{Service: "q.amazonaws.com", RoleName: "AWSServiceRoleForAmazonQDeveloper", policy: "AWSServiceRoleForAmazonQDeveloper"},
	{Service: "ram.amazonaws.com", RoleName: "AWSServiceRoleForResourceAccessManager", policy: "AWSResourceAccessManagerServiceRolePolicy"},
	{Service: "rds.amazonaws.com", RoleName: "AWSServiceRoleForRDS", policy: "AmazonRDSServiceRolePolicy"},
	{Service: "rds.application-autoscaling.amazonaws.com", RoleName: "AWSServiceRoleForApplicationAutoScaling_RDSCluster", policy: "AWSApplicationAutoscalingRDSClusterPolicy"},
	{Service: "reachabilityanalyzer.networkinsights.amazonaws.com", RoleName: "AWSServiceRoleForReachabilityAnalyzer", policy: "AWSReachabilityAnalyzerServiceRolePolicy"},
	{Service: "remediation.config.amazonaws.com", RoleName: "AWSServiceRoleForConfigRemediation", policy: "AWSConfigRemediationServiceRolePolicy"},
	{Service: "replication.dynamodb.amazonaws.com", RoleName: "AWSServiceRoleForDynamoDBReplication", policy: "DynamoDBReplicationServiceRolePolicy"},
	{Service: "replication.ecr.amazonaws.com", RoleName: "AWSServiceRoleForECRReplication", policy: "ECRReplicationServiceRolePolicy"},
	{Service: "replicator.lambda.amazonaws.com", RoleName: "AWSServiceRoleForLambdaReplicator", policy: "AWSLambdaReplicator"},
	{Service: "reporting.trustedadvisor.amazonaws.com", RoleName: "AWSServiceRoleForTrustedAdvisorReporting", policy: "AWSTrustedAdvisorReportingServiceRolePolicy"},
	{Service: "resource-explorer-2.amazonaws.com", RoleName: "AWSServiceRoleForResourceExplorer", policy: "AWSResourceExplorerServiceRolePolicy"},
	{Service: "role-manager.iam.amazonaws.com", RoleName: "AWSServiceRoleForIAMRoleManager", policy: "AWSIAMRoleManagerServiceRolePolicy"},
	{Service: "rolesanywhere.amazonaws.com", RoleName: "AWSServiceRoleForRolesAnywhere", policy: "AWSRolesAnywhereServicePolicy"},
	{Service: "s3-outposts.amazonaws.com", RoleName: "AWSServiceRoleForS3OnOutposts", policy: "AWSS3OnOutpostsServiceRolePolicy"},
	{Service: "security-ir.amazonaws.com", RoleName: "AWSServiceRoleForSecurityIncidentResponse", policy: "AWSSecurityIncidentResponseServiceRolePolicy"},
	{Service: "securityhub.amazonaws.com", RoleName: "AWSServiceRoleForSecurityHub", policy: "AWSSecurityHubServiceRolePolicy"},
	{Service: "securitylake.amazonaws.com", RoleName: "AWSServiceRoleForSecurityLake", policy: "SecurityLakeServiceLinkedRole"},
	{Service: "selfservicereporting.managedservices.amazonaws.com", RoleName: "AWSServiceRoleForManagedServices_SelfServiceReporting", policy: "AWSManagedServices_SelfServiceReporting_ServiceRolePolicy"},
	{Service: "servicequotas.amazonaws.com", RoleName: "AWSServiceRoleForServiceQuotas", policy: "ServiceQuotasServiceRolePolicy"},
	{Service: "ses.amazonaws.com", RoleName: "AWSServiceRoleForAmazonSES", policy: "AmazonSESServiceRolePolicy"},
	{Service: "shield.amazonaws.com", RoleName: "AWSServiceRoleForAWSShield", policy: "AWSShieldServiceRolePolicy"},
	{Service: "spot.amazonaws.com", RoleName: "AWSServiceRoleForEC2Spot", policy: "AWSEC2SpotServiceRolePolicy"},
	{Service: "spotfleet.amazonaws.com", RoleName: "AWSServiceRoleForEC2SpotFleet", policy: "AWSEC2SpotFleetServiceRolePolicy"},
	{Service: "ssm-incidents.amazonaws.com", RoleName: "AWSServiceRoleForIncidentManager", policy: "AWSIncidentManagerServiceRolePolicy"},
	{Service: "ssm-quicksetup.amazonaws.com", RoleName: "AWSServiceRoleForSSMQuickSetup", policy: "SSMQuickSetupRolePolicy"},
	{Service: "ssm.amazonaws.com", RoleName: "AWSServiceRoleForAmazonSSM", policy: "AmazonSSMServiceRolePolicy"},
	{Service: "sso.amazonaws.com", RoleName: "AWSServiceRoleForSSO", policy: "AWSSSOServiceRolePolicy"},
	{Service: "stacksets.cloudformation.amazonaws.com", RoleName: "AWSServiceRoleForCloudFormationStackSetsOrgAdmin", policy: "CloudFormationStackSetsOrgAdminServiceRolePolicy"},
	{Service: "storage-lens.s3.amazonaws.com", RoleName: "AWSServiceRoleForS3StorageLens", policy: "S3StorageLensServiceRolePolicy"},
	{Service: "support.amazonaws.com", RoleName: "AWSServiceRoleForSupport", policy: "AWSSupportServiceRolePolicy"},
	{Service: "sync.servicecatalog.amazonaws.com", RoleName: "AWSServiceRoleForServiceCatalogSync", policy: "AWSServiceCatalogSyncServiceRolePolicy"},
	{Service: "topology.networkflowmonitor.amazonaws.com", RoleName: "AWSServiceRoleForNetworkFlowMonitor_Topology", policy: "CloudWatchNetworkFlowMonitorTopologyServiceRolePolicy"},
	{Service: "transitgateway.amazonaws.com", RoleName: "AWSServiceRoleForVPCTransitGateway", policy: "AWSVPCTransitGatewayServiceRolePolicy"},
	{Service: "trustedadvisor.amazonaws.com", RoleName: "AWSServiceRoleForTrustedAdvisor", policy: "AWSTrustedAdvisorServiceRolePolicy"},
	{Service: "user-subscriptions.amazonaws.com", RoleName: "AWSServiceRoleForUserSubscriptions", policy: "AWSServiceRoleForUserSubscriptions"},
	{Service: "vpcorigin.cloudfront.amazonaws.com", RoleName: "AWSServiceRoleForCloudFrontVPCOrigin", policy: "AWSCloudFrontVPCOriginServiceRolePolicy"},
	{Service: "waf.amazonaws.com", RoleName: "AWSServiceRoleForWAFLogging", policy: "WAFLoggingServiceRolePolicy"},
	{Service: "wafv2.amazonaws.com", RoleName: "AWSServiceRoleForWAFV2Logging", policy: "WAFV2LoggingServiceRolePolicy"},
	{Service: "wellarchitected.amazonaws.com", RoleName: "AWSServiceRoleForWellArchitected", policy: "AWSWellArchitectedOrganizationsServiceRolePolicy"},
}
