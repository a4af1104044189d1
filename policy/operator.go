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
