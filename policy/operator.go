package policy

import "strings"

// family groups the operators that compare in the same way.
type family uint8

const (
	unknownFamily family = iota
	stringExact
	stringFold
	stringLike
	numeric
	date
	boolean
	binary
	ipAddress
	arnLike
	null
)

// comparison is the relation that numeric and date operators test.
type comparison uint8

const (
	equal comparison = iota
	less
	lessEqual
	greater
	greaterEqual
)

// setPrefix is ForAllValues or ForAnyValue.
type setPrefix uint8

const (
	noSet setPrefix = iota
	forAllValues
	forAnyValue
)

// operator is a condition operator taken apart.
type operator struct {
	family   family
	compare  comparison
	negated  bool
	set      setPrefix
	ifExists bool
}

// operators holds all condition operators in lower case (IAM user guide, topic "JSON
// policy elements: Condition operators").
var operators = map[string]operator{
	"stringequals":              {family: stringExact},
	"stringnotequals":           {family: stringExact, negated: true},
	"stringequalsignorecase":    {family: stringFold},
	"stringnotequalsignorecase": {family: stringFold, negated: true},
	"stringlike":                {family: stringLike},
	"stringnotlike":             {family: stringLike, negated: true},
	"numericequals":             {family: numeric},
	"numericnotequals":          {family: numeric, negated: true},
	"numericlessthan":           {family: numeric, compare: less},
	"numericlessthanequals":     {family: numeric, compare: lessEqual},
	"numericgreaterthan":        {family: numeric, compare: greater},
	"numericgreaterthanequals":  {family: numeric, compare: greaterEqual},
	"dateequals":                {family: date},
	"datenotequals":             {family: date, negated: true},
	"datelessthan":              {family: date, compare: less},
	"datelessthanequals":        {family: date, compare: lessEqual},
	"dategreaterthan":           {family: date, compare: greater},
	"dategreaterthanequals":     {family: date, compare: greaterEqual},
	"bool":                      {family: boolean},
	"binaryequals":              {family: binary},
	"ipaddress":                 {family: ipAddress},
	"notipaddress":              {family: ipAddress, negated: true},
	"arnequals":                 {family: arnLike},
	"arnnotequals":              {family: arnLike, negated: true},
	"arnlike":                   {family: arnLike},
	"arnnotlike":                {family: arnLike, negated: true},
	"null":                      {family: null},
}

// parseOperator takes an operator apart. Case does not matter. Null has no IfExists
// form; with a set prefix it is accepted, but says nothing ([condition.holdsNull]).
func parseOperator(text string) (operator, bool) {
	name := strings.ToLower(text)
	set := noSet
	if rest, ok := strings.CutPrefix(name, "forallvalues:"); ok {
		set, name = forAllValues, rest
	} else if rest, ok := strings.CutPrefix(name, "foranyvalue:"); ok {
		set, name = forAnyValue, rest
	}
	name, ifExists := strings.CutSuffix(name, "ifexists")
	op, ok := operators[name]
	if !ok || (op.family == null && ifExists) {
		return operator{}, false
	}
	op.set, op.ifExists = set, ifExists
	return op, true
}

// variables reports whether AWS expands policy variables in the values of this operator:
// it does so for strings and ARNs only.
func (o operator) variables() bool {
	switch o.family {
	case stringExact, stringFold, stringLike, arnLike:
		return true
	default:
		return false
	}
}

// mismatchCode returns the code of a finding about a value that does not fit.
func (o operator) mismatchCode() string {
	switch o.family {
	case boolean, null:
		return CodeTypeBoolean
	case date:
		return CodeTypeDate
	case ipAddress:
		return CodeTypeIPRange
	case numeric:
		return CodeTypeNumber
	case binary:
		return CodeTypeString
	default:
		return CodeDataType
	}
}

// Operator is what the name of a condition operator says, for those who look at documents.
type Operator struct {
	// Type is the type of value that it compares: "String", "Numeric", "Date", "Bool",
	// "Binary", "IPAddress", "ARN"; "Null" for the operator of that name.
	Type string
	// Wildcards says that * and ? in the values stand for characters.
	Wildcards bool
	// Variables says that policy variables in the values are expanded.
	Variables bool
	// Negated operators hold for what differs.
	Negated bool
	// Ordered operators compare by size: LessThan and the like.
	Ordered bool
	// Set is "ForAllValues", "ForAnyValue" or empty.
	Set      string
	IfExists bool
}

var operatorTypes = [...]string{
	stringExact: "String", stringFold: "String", stringLike: "String", numeric: "Numeric", date: "Date",
	boolean: "Bool", binary: "Binary", ipAddress: "IPAddress", arnLike: "ARN", null: "Null",
}

var setNames = [...]string{forAllValues: "ForAllValues", forAnyValue: "ForAnyValue"}

// ParseOperator takes the name of a condition operator apart; ok is false for one that does
// not exist.
func ParseOperator(name string) (o Operator, ok bool) {
	op, ok := parseOperator(name)
	if !ok {
		return Operator{}, false
	}
	return Operator{
		Type: operatorTypes[op.family], Wildcards: op.family == stringLike || op.family == arnLike,
		Variables: op.variables(), Negated: op.negated, Ordered: op.compare != equal,
		Set: setNames[op.set], IfExists: op.ifExists,
	}, true
}
