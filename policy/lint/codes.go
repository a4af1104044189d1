package lint

// The codes of this package's findings, with their severity. Those of faults in the text and
// of rules of the place are constants of package policy.
const (
	// Errors: a part of the policy does not work.
	InvalidAction               = "INVALID_ACTION"
	InvalidServiceInAction      = "INVALID_SERVICE_IN_ACTION"
	InvalidPartition            = "INVALID_PARTITION"
	InvalidService              = "INVALID_SERVICE"
	InvalidARNServiceCase       = "INVALID_ARN_SERVICE_CASE"
	InvalidARNRegion            = "INVALID_ARN_REGION"
	InvalidARNAccount           = "INVALID_ARN_ACCOUNT"
	InvalidARNResource          = "INVALID_ARN_RESOURCE"
	ARNRegionNotAllowed         = "ARN_REGION_NOT_ALLOWED"
	ARNAccountNotAllowed        = "ARN_ACCOUNT_NOT_ALLOWED"
	MissingARNRegion            = "MISSING_ARN_REGION"
	InvalidGlobalKey            = "INVALID_GLOBAL_CONDITION_KEY"
	UnsupportedGlobalKey        = "UNSUPPORTED_GLOBAL_CONDITION_KEY"
	InvalidServiceKey           = "INVALID_SERVICE_CONDITION_KEY"
	DuplicateKeys               = "DUPLICATE_KEYS_WITH_DIFFERENT_CASE"
	MultipleBoolean             = "INVALID_CONDITION_MULTIPLE_BOOLEAN"
	MissingQualifier            = "MISSING_QUALIFIER"
	MissingTagKey               = "MISSING_TAG_KEY_IN_CONDITION"
	SpaceInVariable             = "UNSUPPORTED_SPACE_IN_VARIABLE"
	InvalidVariable             = "INVALID_VARIABLE_FOR_OPERATOR"
	InvalidRegion               = "INVALID_REGION"
	PrivateIPAddress            = "PRIVATE_IP_ADDRESS"
	PrivateNotIPAddress         = "PRIVATE_NOT_IP_ADDRESS"
	VariableElement             = "VARIABLE_UNSUPPORTED_IN_ELEMENT"
	InvalidServicePrincipal     = "INVALID_SERVICE_PRINCIPAL_FORMAT"
	SizeOfInput                 = "POLICY_SIZE_EXCEEDS_VALIDATE_POLICY_MAXIMUM"
	SizeOfSCP                   = "POLICY_SIZE_EXCEEDS_SCP_QUOTA"
	SizeOfRCP                   = "POLICY_SIZE_EXCEEDS_RCP_QUOTA"
	SizeOfIdentityPolicy        = "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA" // AWS: a warning
	SizeOfResourcePolicy        = "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA" // AWS: a warning
	SizeOfTrustPolicy           = "POLICY_SIZE_EXCEEDS_TRUST_POLICY_QUOTA"    // ours
	SizeOfSessionPolicy         = "POLICY_SIZE_EXCEEDS_SESSION_POLICY_QUOTA"  // ours
	SizeOfVPCEndpointPolicy     = "POLICY_SIZE_EXCEEDS_ENDPOINT_POLICY_QUOTA" // ours
	passRole, createSLR         = "PASS_ROLE", "CREATE_SLR"
	withStarInResource          = "_WITH_STAR_IN_RESOURCE"
	withStarInBoth              = "_WITH_STAR_IN_ACTION_AND_RESOURCE"
	withStarInResourceAndNot    = "_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION"
	withNotResource             = "_WITH_NOT_RESOURCE"
	withStarAndNotResource      = "_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE"
	withNotActionAndNotResource = "_WITH_NOT_ACTION_AND_NOT_RESOURCE"

	// Security warnings: access is wider than it should be.
	PassRoleStarInResource             = passRole + withStarInResource
	PassRoleStarInActionAndResource    = passRole + withStarInBoth
	PassRoleStarInResourceAndNotAction = passRole + withStarInResourceAndNot
	PassRoleNotResource                = passRole + withNotResource
	PassRoleStarInActionAndNotResource = passRole + withStarAndNotResource
	PassRoleNotActionAndNotResource    = passRole + withNotActionAndNotResource
	ForAllValuesSingleValued           = "FORALLVALUES_WITH_SINGLE_VALUED_KEY"
	ServicePrincipalSource             = "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"
	AllowNotAction                     = "ALLOW_WITH_NOT_ACTION"      // ours
	TrustEveryone                      = "ROLE_TRUST_POLICY_EVERYONE" // ours

	// Warnings: against best practice.
	CreateSLRStarInResource             = createSLR + withStarInResource
	CreateSLRStarInActionAndResource    = createSLR + withStarInBoth
	CreateSLRStarInResourceAndNotAction = createSLR + withStarInResourceAndNot
	CreateSLRNotResource                = createSLR + withNotResource
	CreateSLRStarInActionAndNotResource = createSLR + withStarAndNotResource
	CreateSLRNotActionAndNotResource    = createSLR + withNotActionAndNotResource
	MissingVersion                      = "MISSING_VERSION"
	InvalidDate                         = "INVALID_DATE_VALUE"
	InvalidRoleReference                = "INVALID_ROLE_REFERENCE"
	InvalidUserReference                = "INVALID_USER_REFERENCE"
	WildcardWithoutLike                 = "WILDCARD_WITHOUT_LIKE_OPERATOR"
	TypeMismatch                        = "TYPE_MISMATCH"
	RCPService                          = "RCP_UNSUPPORTED_SERVICE"           // ours
	ActionResourceMismatch              = "RESOURCE_NOT_SUPPORTED_BY_ACTIONS" // ours

	// Suggestions: style, without influence on access.
	EmptySid           = "EMPTY_SID_VALUE"
	EmptyCondition     = "EMPTY_OBJECT_CONDITION"
	ImproveIPRange     = "IMPROVE_IP_RANGE"
	NullWithQualifier  = "NULL_WITH_QUALIFIER"
	PrivateIPSubset    = "PRIVATE_IP_ADDRESS_SUBSET"
	PrivateNotIPSubset = "PRIVATE_NOT_IP_ADDRESS_SUBSET"
	RedundantAction    = "REDUNDANT_ACTION"
	RedundantResource  = "REDUNDANT_RESOURCE"
	RedundantNumber    = "REDUNDANT_CONDITION_VALUE_NUM"
	RedundantStatement = "REDUNDANT_STATEMENT"
	WildcardInService  = "WILDCARD_IN_SERVICE_NAME"
)
