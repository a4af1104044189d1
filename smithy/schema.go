package smithy

// Kind is the type of a shape, as the Smithy specification names it.
type Kind uint8

// The kinds of shape. Enumerations are KindString with [Schema.Enum] set.
const (
	KindStructure Kind = iota
	KindList
	KindMap
	KindString
	KindBoolean
	KindInteger
	KindLong
	KindFloat
	KindDouble
	KindBlob
	KindTimestamp
	KindDocument
)

// Schema describes one shape of an API model.
type Schema struct {
	// Name is the shape's name in the model, for example "CreateAccountRequest".
	Name string
	Kind Kind
	// Members of a structure, in the model's order; a member's Index is its place here.
	Members []Member
	// Element is the element of a list or the value of a map.
	Element *Member
	// Key is the key of a map.
	Key *Member
	// Union marks a structure of which exactly one member is set.
	Union bool
	// HasMin and HasMax say whether Min and Max count: characters of a string, bytes of a
	// blob, entries of a list or map, the value of a number.
	HasMin, HasMax bool
	Min, Max       float64
	// Pattern restricts a string; nil means any.
	Pattern *Pattern
	// Enum lists the values of an enumeration; nil means any.
	Enum []string
	// Sensitive shapes never appear in logs or audit events.
	Sensitive bool
	// Error is set for modeled errors.
	Error *ErrorTrait
	// XMLName is the element name of the structure when it stands alone; empty means Name.
	XMLName string
}

// ErrorTrait is what makes a structure an error.
type ErrorTrait struct {
	// Code goes on the wire; it differs from the shape's name in the query protocols
	// (NoSuchEntityException is sent as NoSuchEntity).
	Code string
	// Status is the HTTP status.
	Status int
	// Server is true when the service, not the sender, is at fault.
	Server bool
}

// Binding says where in an HTTP message a member of a restJson shape travels.
type Binding uint8

// The bindings of restJson1; every other protocol has BindBody only.
const (
	BindBody Binding = iota
	BindHeader
	BindPrefixHeaders
	BindQuery
	BindQueryParams
	BindLabel
	BindPayload
	BindStatusCode
)

// TimeFormat is how a timestamp is written.
type TimeFormat uint8

// TimeDefault means the protocol's own: epoch seconds in JSON, date-time in query and XML,
// http-date in headers.
const (
	TimeDefault TimeFormat = iota
	TimeDateTime
	TimeHTTPDate
	TimeEpoch
)

// Member is a member of a structure, the element of a list, or the key or value of a map.
type Member struct {
	// Name is the member's name in the model; WireName is its name in the body (the
	// locationName trait), equal to Name where the model says nothing else.
	Name, WireName string
	// Index is the place among the structure's members.
	Index    int
	Target   *Schema
	Required bool
	Binding  Binding
	// BindingName is the header, prefix or query parameter of a bound member.
	BindingName string
	TimeFormat  TimeFormat
	// Flattened lists and maps repeat the member's element without a wrapper (query, XML).
	Flattened bool
	// IdempotencyToken members are filled by clients with a random value.
	IdempotencyToken bool
	// Sensitive members never appear in logs or audit events.
	Sensitive bool
}

// Secret reports whether the value of m must be kept out of logs and audit events.
func (m *Member) Secret() bool { return m.Sensitive || (m.Target != nil && m.Target.Sensitive) }
