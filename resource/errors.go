package resource

import (
	"fmt"
	"strings"
)

// Code is the kind of a broken rule.
type Code string

// The codes of this package's errors. Those about policies are the services' own in form.
const (
	InvalidInput    Code = "InvalidInput"
	MalformedPolicy Code = "MalformedPolicy"
	LimitExceeded   Code = "LimitExceeded"
	AccountNotFound Code = "AccountNotFound"
	NotFound        Code = "ResourceNotFound"
	AlreadyExists   Code = "ResourceAlreadyExists"
	// Changed says that what a plan was made from is not what is there any more.
	Changed Code = "ConcurrentModification"
)

// Error is a broken rule. Its message is safe to show to the client.
type Error struct {
	Code Code
	// ARN is the resource that it is about, if there is one.
	ARN     string
	Message string
}

// Error returns the message, with the resource in front.
func (e *Error) Error() string {
	if e.ARN == "" {
		return e.Message
	}
	return e.ARN + ": " + e.Message
}

// Errors are all the rules that a request breaks.
type Errors []*Error

// Error returns the messages, one on each line.
func (l Errors) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

func fail(code Code, resourceARN, format string, args ...any) *Error {
	return &Error{Code: code, ARN: resourceARN, Message: fmt.Sprintf(format, args...)}
}
