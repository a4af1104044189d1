package policy

import "fmt"

// Severity grades a finding, in the words of IAM Access Analyzer's policy checks.
type Severity uint8

// The severities. AWS refuses a document with an error; the others are advice.
const (
	SeverityError Severity = iota
	SeveritySecurityWarning
	SeverityWarning
	SeveritySuggestion
)

// String returns the findingType of Access Analyzer's ValidatePolicy.
func (s Severity) String() string {
	switch s {
	case SeverityError:
		return "ERROR"
	case SeveritySecurityWarning:
		return "SECURITY_WARNING"
	case SeverityWarning:
		return "WARNING"
	default:
		return "SUGGESTION"
	}
}

// The codes of findings, as Access Analyzer's policy check reference names them.
const (
	CodePolicySize              = "POLICY_SIZE_EXCEEDED"
	CodeMissingVersion          = "MISSING_VERSION"
	CodeMissingPrincipal        = "MISSING_PRINCIPAL"
	CodeMissingResource         = "MISSING_RESOURCE"
	CodeUnsupportedPrincipal    = "UNSUPPORTED_PRINCIPAL"
	CodeUnsupportedElement      = "UNSUPPORTED_ELEMENT_COMBINATION"
	CodeUnsupportedAction       = "UNSUPPORTED_ACTION_IN_POLICY"
	CodeUniqueSids              = "UNIQUE_SIDS_REQUIRED"
	CodeInvalidSid              = "INVALID_SID"
	CodeInvalidAction           = "INVALID_ACTION"
	CodeInvalidPrincipal        = "INVALID_PRINCIPAL_FORMAT"
	CodeInvalidARN              = "MISSING_ARN_PREFIX"
	CodeIncompleteARN           = "MISSING_ARN_FIELD"
	CodeDataType                = "DATA_TYPE_MISMATCH"
	CodeInvalidVariable         = "INVALID_POLICY_VARIABLE"
	CodeVariableVersion         = "POLICY_VARIABLE_IN_OLD_VERSION"
	CodeUnsupportedID           = "UNSUPPORTED_ID"
	CodeRCPAllow                = "RCP_SYNTAX_ERROR_ALLOW"
	CodeRCPPrincipal            = "RCP_SYNTAX_ERROR_PRINCIPAL"
	CodeRCPNotAction            = "RCP_SYNTAX_ERROR_NOTACTION"
	CodeRCPAction               = "RCP_SYNTAX_ERROR_ACTION"
	CodeSCPPrincipal            = "SCP_SYNTAX_ERROR_PRINCIPAL"
	CodeNotPrincipalWithAllow   = "UNSUPPORTED_NOTPRINCIPAL_WITH_ALLOW"
	CodeNotPrincipalInRoleTrust = "UNSUPPORTED_NOTPRINCIPAL_IN_TRUST_POLICY"
)

// Finding is something that a document's place does not permit, or advises against.
type Finding struct {
	Severity Severity `json:"-"`
	// Type is the severity's name, for JSON.
	Type string `json:"findingType"`
	Code string `json:"issueCode"`
	// Message is for people; where IAM's own message for the fault is known, it is that.
	Message string `json:"message"`
	// Path leads to the element: "Statement[1].Action[0]".
	Path string   `json:"path,omitempty"`
	Pos  Position `json:"position"`
}

// Error lets a finding be returned as an error.
func (f *Finding) Error() string {
	return fmt.Sprintf("%s (%s) at line %d, column %d", f.Message, f.Code, f.Pos.Line, f.Pos.Column)
}

// FirstError returns the first finding that AWS would refuse the document for, or nil.
func FirstError(findings []Finding) *Finding {
	for i := range findings {
		if findings[i].Severity == SeverityError {
			return &findings[i]
		}
	}
	return nil
}
