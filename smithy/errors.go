package smithy

import "fmt"

// ModeledError is an error of an API model: its schema's ErrorTrait gives code and status.
type ModeledError interface {
	error
	Shape
}

// NotImplementedError is the answer of an operation that is not built yet.
type NotImplementedError struct {
	// Service is the service's package name, Operation the operation's name.
	Service, Operation string
}

// Error names the operation.
func (e *NotImplementedError) Error() string {
	return fmt.Sprintf("%s:%s is not implemented", e.Service, e.Operation)
}

// GenericError is an error that every service may return without modeling it, such as
// ValidationError, AccessDenied or InternalFailure.
type GenericError struct {
	// Code goes on the wire; Status is the HTTP status.
	Code    string
	Status  int
	Message string
}

// Error returns code and message.
func (e *GenericError) Error() string { return e.Code + ": " + e.Message }

// SerializationError says that a request's body is not what the protocol demands. The
// message is safe to show to the client.
type SerializationError struct {
	// Path is the member at fault, dotted, or empty if the body as a whole is malformed.
	Path    string
	Message string
}

// Error returns the message with the path, if there is one.
func (e *SerializationError) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return e.Path + ": " + e.Message
}
