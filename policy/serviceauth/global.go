package serviceauth

import "slices"

// GlobalKeys returns the condition keys that all services share, including those with a
// service's prefix that other services see (cross-service keys), ascending by topic as
// the IAM user guide has them ("AWS global condition context keys").
func GlobalKeys() []Key { return slices.Clone(globalKeys) }

var globalKeys = []Key{
	// Properties of the principal.
	{Name: "aws:PrincipalArn", Type: ARN},
	{Name: "aws:PrincipalAccount", Type: String},
	{Name: "aws:PrincipalOrgPaths", Type: String, MultiValued: true},
	{Name: "aws:PrincipalOrgID", Type: String},
	{Name: "aws:PrincipalTag/${TagKey}", Type: String},
	{Name: "aws:PrincipalIsAWSService", Type: Bool},
	{Name: "aws:PrincipalServiceName", Type: String},
	{Name: "aws:PrincipalServiceNamesList", Type: String, MultiValued: true},
	{Name: "aws:PrincipalType", Type: String},
	{Name: "aws:userid", Type: String},
	{Name: "aws:username", Type: String},

	// Properties of a role session.
	{Name: "aws:AssumedRoot", Type: Bool},
	{Name: "aws:FederatedProvider", Type: String},
	{Name: "aws:TokenIssueTime", Type: Date},
	{Name: "aws:SignInSessionArn", Type: ARN},
	{Name: "aws:MultiFactorAuthAge", Type: Numeric},
	{Name: "aws:MultiFactorAuthPresent", Type: Bool},
	{Name: "aws:ChatbotSourceArn", Type: ARN},
	{Name: "aws:Ec2InstanceSourceVpc", Type: String},
	{Name: "aws:Ec2InstanceSourcePrivateIPv4", Type: IPAddress},
	{Name: "aws:SourceIdentity", Type: String},
	{Name: "ec2:RoleDelivery", Type: Numeric},
	{Name: "ec2:SourceInstanceArn", Type: ARN},
	{Name: "glue:RoleAssumedBy", Type: String},
	{Name: "glue:CredentialIssuingService", Type: String},
	{Name: "codebuild:BuildArn", Type: ARN},
	{Name: "codebuild:ProjectArn", Type: ARN},
	{Name: "lambda:SourceFunctionArn", Type: ARN},
	{Name: "ssm:SourceInstanceArn", Type: ARN},
	{Name: "identitystore:UserId", Type: String},

	// Properties of the network.
	{Name: "aws:SourceIp", Type: IPAddress},
	{Name: "aws:SourceVpc", Type: String},
	{Name: "aws:SourceVpcArn", Type: ARN},
	{Name: "aws:SourceVpce", Type: String},
	{Name: "aws:VpceAccount", Type: String},
	{Name: "aws:VpceOrgID", Type: String},
	{Name: "aws:VpceOrgPaths", Type: String, MultiValued: true},
	{Name: "aws:VpcSourceIp", Type: IPAddress},

	// Properties of the resource.
	{Name: "aws:ResourceAccount", Type: String},
	{Name: "aws:ResourceOrgID", Type: String},
	{Name: "aws:ResourceOrgPaths", Type: String, MultiValued: true},
	{Name: "aws:ResourceTag/${TagKey}", Type: String},

	// Properties of the request.
	{Name: "aws:CalledVia", Type: String, MultiValued: true},
	{Name: "aws:CalledViaFirst", Type: String},
	{Name: "aws:CalledViaLast", Type: String},
	{Name: "aws:CalledViaAWSMCP", Type: String},
	{Name: "aws:ViaAWSService", Type: Bool},
	{Name: "aws:ViaAWSMCPService", Type: Bool},
	{Name: "aws:IsMcpServiceAction", Type: Bool},
	{Name: "aws:CurrentTime", Type: Date},
	// The guide allows date and numeric operators for this one; both read its seconds.
	{Name: "aws:EpochTime", Type: Date},
	{Name: "aws:referer", Type: String},
	{Name: "aws:RequestedRegion", Type: String},
	{Name: "aws:RequestTag/${TagKey}", Type: String},
	{Name: "aws:TagKeys", Type: String, MultiValued: true},
	{Name: "aws:SecureTransport", Type: Bool},
	{Name: "aws:SourceAccount", Type: String},
	{Name: "aws:SourceArn", Type: ARN},
	{Name: "aws:SourceOrgID", Type: String},
	{Name: "aws:SourceOrgPaths", Type: String, MultiValued: true},
	{Name: "aws:UserAgent", Type: String},
}
