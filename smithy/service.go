package smithy

import "context"

// Protocol is the wire protocol of a service.
type Protocol uint8

// The protocols that the runtime in wire/ speaks.
const (
	AWSJSON10 Protocol = iota
	AWSJSON11
	AWSQuery
	RESTJSON1
)

// Service describes one AWS service: what the wire layer needs to recognize its calls.
type Service struct {
	// ID is the name of the generated package, for example "organizations".
	ID string
	// Name is AWS's full name, for example "AWS Organizations".
	Name string
	// SigningName is the service in the credential scope of a signature.
	SigningName string
	// EndpointPrefix is the first label of the service's host names; with ".amazonaws.com"
	// it is the event source in CloudTrail.
	EndpointPrefix string
	Protocol       Protocol
	// APIVersion is the model's date; the query protocol sends it as Version.
	APIVersion string
	// TargetPrefix comes before the operation in X-Amz-Target (awsJson).
	TargetPrefix string
	// XMLNamespace of the responses (awsQuery).
	XMLNamespace string
	// Operations in ascending order of name.
	Operations []Operation
}

// Operation returns the operation of that name, or nil.
func (s *Service) Operation(name string) *Operation {
	lo, hi := 0, len(s.Operations)
	for lo < hi {
		mid := (lo + hi) / 2
		switch op := &s.Operations[mid]; {
		case op.Name == name:
			return op
		case op.Name < name:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return nil
}

// Operation describes one operation of a service.
type Operation struct {
	Name string
	// Index is the place in Service.Operations.
	Index int
	// Method, URI and Status are the HTTP binding of restJson1 ("/tags/{ResourceArn+}").
	Method, URI string
	Status      int
	// ResultWrapper is the element around the output (awsQuery); empty if there is no output.
	ResultWrapper string
	// Input and Output are nil if the operation has none.
	Input, Output *Schema
	// Errors are the modeled errors.
	Errors []*Schema
	// Unsigned operations take no signature (sts:AssumeRoleWithSAML and its like).
	Unsigned bool
	// NewInput returns an empty input.
	NewInput func() Shape
}

// Handler is a service ready to be called: the description and the implementation behind
// it. The generated function api/<service>.Handler makes one from a Service interface.
type Handler struct {
	Service *Service
	// Invoke calls the method of op; in must be what op.NewInput returned. An operation
	// that is not built returns [*NotImplementedError].
	Invoke func(ctx context.Context, op *Operation, in Shape) (Shape, error)
}
