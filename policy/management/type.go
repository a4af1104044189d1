package management

import "slices"

// The types of management policies (API reference, CreatePolicy).
const (
	AIServicesOptOutPolicy        = "AISERVICES_OPT_OUT_POLICY"
	BackupPolicy                  = "BACKUP_POLICY"
	BedrockPolicy                 = "BEDROCK_POLICY"
	ChatbotPolicy                 = "CHATBOT_POLICY"
	DeclarativePolicyEC2          = "DECLARATIVE_POLICY_EC2"
	GuardDutyPolicy               = "GUARDDUTY_POLICY"
	InspectorPolicy               = "INSPECTOR_POLICY"
	NetworkSecurityDirectorPolicy = "NETWORK_SECURITY_DIRECTOR_POLICY"
	S3Policy                      = "S3_POLICY"
	SecurityHubCSPMPolicy         = "SECURITYHUB_CSPM_POLICY"
	SecurityHubPolicy             = "SECURITYHUB_POLICY"
	TagPolicy                     = "TAG_POLICY"
	UpgradeRolloutPolicy          = "UPGRADE_ROLLOUT_POLICY"
)

// Type is a type of management policies with its grammar.
type Type struct {
	// Name is one of the constants.
	Name string
	// top is the key that every document of the type has, and nothing else beside it; empty
	// if the documentation does not say.
	top   string
	shape *shape
	// assignOnly types know no other value-setting operator than @@assign.
	assignOnly bool
	// extra checks what a shape cannot say of a document, whole what it cannot say of an
	// effective policy; nil if there is nothing.
	extra func(s *scanner, top *node) error
	whole func(c *inspection, top *entry)
}

// types are in ascending order of name.
var types = []*Type{
	{Name: AIServicesOptOutPolicy, top: "services", shape: optOutShape, assignOnly: true},
	{Name: BackupPolicy, top: "plans", shape: backupShape, whole: inspectBackup},
	{Name: BedrockPolicy, top: "bedrock", shape: bedrockShape},
	{Name: ChatbotPolicy, top: "chatbot", shape: chatShape},
	{Name: DeclarativePolicyEC2, top: "ec2_attributes", shape: ec2Shape},
	{Name: GuardDutyPolicy, top: "guardduty", shape: guardDutyShape, whole: inspectGuardDuty},
	{Name: InspectorPolicy, top: "inspector", shape: inspectorShape},
	{Name: NetworkSecurityDirectorPolicy, top: "network_security_director", shape: securityDirectorShape},
	{Name: S3Policy, top: "s3_attributes", shape: s3Shape},
	{Name: SecurityHubCSPMPolicy, shape: &shape{kind: anything}},
	{Name: SecurityHubPolicy, top: "securityhub", shape: securityHubShape},
	{Name: TagPolicy, top: "tags", shape: tagShape, extra: checkTagKeys},
	{Name: UpgradeRolloutPolicy, top: "upgrade_rollout", shape: rolloutShape},
}

// Find returns a type by its name.
func Find(name string) (*Type, bool) {
	i := slices.IndexFunc(types, func(t *Type) bool { return t.Name == name })
	if i < 0 {
		return nil, false
	}
	return types[i], true
}

// Names returns the names of all types in ascending order.
func Names() []string {
	names := make([]string, 0, len(types))
	for _, t := range types {
		names = append(names, t.Name)
	}
	return names
}

// Parse reads a document of the type. Its error is an [Error] with the place of the first
// fault.
func (t *Type) Parse(text string) (*Document, error) {
	s, root, err := parse(text)
	if err != nil {
		return nil, err
	}
	if root.set != 0 || root.controls {
		return nil, s.errorAt(root.offset, nil, "Operators stand at keys, not at the document itself.")
	}
	sh := t.shape
	if t.top != "" {
		sh = recordOf(needs(t.top, t.shape))
	}
	if len(root.children) == 0 {
		return nil, s.errorAt(root.offset, nil, "The document has no keys.")
	}
	if err := t.check(s, root, sh, nil); err != nil {
		return nil, err
	}
	if t.extra != nil {
		if err := t.extra(s, root.child(t.top)); err != nil {
			return nil, err
		}
	}
	return &Document{root: root}, nil
}

// Read reads a document that was accepted when it was made, whatever the grammar of its type
// has become since. Its error is an [Error].
func Read(text string) (*Document, error) {
	_, root, err := parse(text)
	if err != nil {
		return nil, err
	}
	return &Document{root: root}, nil
}
