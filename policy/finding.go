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

// The codes of findings, as the IAM user guide's topic "IAM policy validation check
// reference" names them. Codes that no check of AWS has say so.
const (
	// Of Parse and Inspect: the text.
	CodeJSONSyntax           = "JSON_SYNTAX_ERROR"
	CodeInvalidElement       = "INVALID_POLICY_ELEMENT"
	CodeDataType             = "DATA_TYPE_MISMATCH"
	CodeInvalidVersion       = "INVALID_VERSION"
	CodeInvalidEffect        = "INVALID_EFFECT"
	CodeMissingEffect        = "MISSING_EFFECT"
	CodeMissingAction        = "MISSING_ACTION"
	CodeMissingStatement     = "MISSING_STATEMENT"
	CodeUnsupportedElement   = "UNSUPPORTED_ELEMENT_COMBINATION"
	CodeInvalidPrincipalKey  = "INVALID_PRINCIPAL_KEY"
	CodeInvalidOperator      = "INVALID_CONDITION_OPERATOR"
	CodeNullWithIfExists     = "NULL_WITH_IF_EXISTS"
	CodeEmptyArrayAction     = "EMPTY_ARRAY_ACTION"
	CodeEmptyArrayResource   = "EMPTY_ARRAY_RESOURCE"
	CodeEmptyArrayPrincipal  = "EMPTY_ARRAY_PRINCIPAL"
	CodeEmptyArrayCondition  = "EMPTY_ARRAY_CONDITION"
	CodeEmptyObjectPrincipal = "EMPTY_OBJECT_PRINCIPAL"

	// Of Validate: the document in its place.
	CodePolicySize           = "POLICY_SIZE_EXCEEDED" // of all kinds together: ours
	CodeMissingVersion       = "MISSING_VERSION"
	CodeMissingPrincipal     = "MISSING_PRINCIPAL"
	CodeMissingResource      = "MISSING_RESOURCE"
	CodeUnsupportedPrincipal = "UNSUPPORTED_PRINCIPAL"
	CodeUnsupportedAction    = "UNSUPPORTED_ACTION_IN_POLICY"
	CodeUniqueSids           = "UNIQUE_SIDS_REQUIRED"
	CodeInvalidSid           = "UNSUPPORTED_SID"
	CodeInvalidAction        = "INVALID_ACTION"
	CodeInvalidKeyFormat     = "INVALID_CONDITION_KEY_FORMAT"
	CodeInvalidPrincipal     = "INVALID_PRINCIPAL_FORMAT"
	CodePrincipalWildcard    = "UNSUPPORTED_WILDCARD_IN_PRINCIPAL"
	CodeInvalidARN           = "INVALID_ARN_PREFIX"
	CodeIncompleteARN        = "MISSING_ARN_FIELD"
	CodeInvalidVariable      = "INVALID_POLICY_VARIABLE" // where no check of AWS fits: ours
	CodeVariableBrace        = "MISSING_BRACE_IN_VARIABLE"
	CodeVariableQuote        = "MISSING_QUOTE_IN_VARIABLE"
	CodeVariableEmpty        = "EMPTY_VARIABLE"
	CodeVariableElement      = "VARIABLE_UNSUPPORTED_IN_ELEMENT"
	CodeVariableVersion      = "VARIABLE_UNSUPPORTED_IN_VERSION"
	CodeTypeBoolean          = "TYPE_MISMATCH_BOOLEAN"
	CodeTypeDate             = "TYPE_MISMATCH_DATE"
	CodeTypeIPRange          = "TYPE_MISMATCH_IP_RANGE"
	CodeTypeNumber           = "TYPE_MISMATCH_NUMBER"
	CodeTypeString           = "TYPE_MISMATCH_STRING"
	CodeUnsupportedID        = "UNSUPPORTED_ID" // ours
	CodeRCPAllow             = "RCP_SYNTAX_ERROR_ALLOW"
	CodeRCPPrincipal         = "RCP_SYNTAX_ERROR_PRINCIPAL"
	CodeRCPNotAction         = "RCP_SYNTAX_ERROR_NOTACTION"
	CodeRCPAction            = "RCP_SYNTAX_ERROR_ACTION"
	CodeSCPPrincipal         = "SCP_SYNTAX_ERROR_PRINCIPAL"
	CodeTrustResource        = "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE"

	CodeNotPrincipalWithAllow   = "ALLOW_WITH_NOT_PRINCIPAL"
	CodeNotPrincipalInRoleTrust = "UNSUPPORTED_NOTPRINCIPAL_IN_TRUST_POLICY" // ours
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
