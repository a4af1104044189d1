package organizations

import (
	"strings"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/smithy"
)

// constraintReasons are the reasons of InvalidInputException for broken constraints of the
// model, by the words of the constraint and, where one is about a single member, its path,
// with the sentence that Organizations answers (API reference, InvalidInputException). The
// first that fits counts.
var constraintReasons = []struct{ path, words, reason, sentence string }{
	{"", "must not be null", organizationsapi.InvalidInputExceptionReasonInputRequired, "You must include a value for all required parameters."},
	{"", "satisfy constraint: [", organizationsapi.InvalidInputExceptionReasonInvalidListMember, "You provided a list to a parameter that contains at least one invalid value."},
	{"", "TAG_POLICY", organizationsapi.InvalidInputExceptionReasonInvalidEnumPolicyType, "You specified an invalid policy type string."},
	{"", "enum value set", organizationsapi.InvalidInputExceptionReasonInvalidEnum, "You specified an invalid value."},
	{"policyId", "regular expression", organizationsapi.InvalidInputExceptionReasonInvalidSyntaxPolicyId, "You specified an invalid policy ID."},
	{"targetId", "regular expression", organizationsapi.InvalidInputExceptionReasonInvalidPatternTargetId, "You specified a policy target ID that doesn't match the required pattern."},
	{"", "regular expression", organizationsapi.InvalidInputExceptionReasonInvalidPattern, "You provided a value that does not match the required pattern."},
	{"", "length less", organizationsapi.InvalidInputExceptionReasonMaxLengthExceeded, "You provided a string parameter that is longer than allowed."},
	{"", "length greater", organizationsapi.InvalidInputExceptionReasonMinLengthExceeded, "You provided a string parameter that is shorter than allowed."},
	{"", "value less", organizationsapi.InvalidInputExceptionReasonMaxValueExceeded, "You provided a numeric parameter that has a larger value than allowed."},
	{"", "value greater", organizationsapi.InvalidInputExceptionReasonMinValueExceeded, "You provided a numeric parameter that has a smaller value than allowed."},
}

// Invalid is the answer to input that breaks constraints of the model: the reason of the
// first violation, and all of them in the message. AWS's own message stops after the
// sentence; naming the members costs no client anything and spares a search.
func Invalid(vs []smithy.Violation) error {
	reason, sentence := organizationsapi.InvalidInputExceptionReasonInvalidListMember, "You provided a list to a parameter that contains at least one invalid value."
	for _, c := range constraintReasons {
		if (c.path == "" || c.path == vs[0].Path) && strings.Contains(vs[0].Constraint, c.words) {
			reason, sentence = c.reason, c.sentence
			break
		}
	}
	return invalidInput(reason, sentence+" "+smithy.Message(vs))
}

// Internal is the answer to a failure that is the service's own.
func Internal(requestID string) error {
	return &organizationsapi.ServiceException{
		Message: smithy.Ptr("AWS Organizations can't complete your request because of an internal service error. Try again later. Request id: " + requestID),
	}
}
