package policy

import "strconv"

// Position is a place in a document's text.
type Position struct {
	// Offset counts bytes from 0; Line and Column count lines and characters from 1.
	Offset int `json:"offset"`
	Line   int `json:"line"`
	Column int `json:"column"`
}

// String returns "line:column".
func (p Position) String() string { return strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column) }

// Span is a piece of a document's text: Start belongs to it, End does not.
type Span struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// The versions of the policy language (IAM user guide, topic "JSON policy elements:
// Version"). Policy variables are known from Version2012 on.
const (
	Version2008 = "2008-10-17"
	Version2012 = "2012-10-17"
)

// Document is a parsed policy. It keeps what was written, in order, with positions; it
// does not say whether the policy makes sense where it stands ([Document.Validate]).
type Document struct {
	// Version is the language version in force; Version2008 when the document has none.
	Version string
	// VersionSet tells whether the document has a Version element.
	VersionSet bool
	// ID is the Id element.
	ID         Value
	IDSet      bool
	Statements []Statement

	text []byte
}

// Text returns the document as it was written. The caller must not change it.
func (d *Document) Text() []byte { return d.text }

// Value is one string of a document with the place where it stands.
type Value struct {
	Text string
	Pos  Position
}

// Statement is one statement of a document. Element lists are nil where the element is
// absent; Parse refuses empty ones, but for a Condition without members.
type Statement struct {
	Sid string
	// SidSet tells whether there is a Sid element.
	SidSet bool
	Effect Effect

	Principal, NotPrincipal []PrincipalValue
	Action, NotAction       []Value
	Resource, NotResource   []Value
	Conditions              []Condition

	Span Span
}

// PrincipalValue is one member of Principal or NotPrincipal.
type PrincipalValue struct {
	// Class is "AWS", "Service", "Federated", "CanonicalUser", or "*" for the element
	// that is the single string "*".
	Class string
	Value
}

// Condition is one operator with one key and the values to compare it with.
type Condition struct {
	// Operator as written, with its set prefix and IfExists suffix.
	Operator string
	// Key is the condition key as written.
	Key    string
	Values []Value
	Pos    Position
}
