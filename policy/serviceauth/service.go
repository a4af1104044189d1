package serviceauth

import (
	"slices"
	"strings"
	"sync"
)

// AccessLevel says what kind of effect an action has; the service authorization
// reference gives each action one.
type AccessLevel uint8

// The access levels, in the wording of the IAM user guide ("Access levels in policy
// summaries").
const (
	List                  AccessLevel = iota + 1 // see that a resource exists, not what is in it
	Read                                         // read a resource's contents or attributes
	Write                                        // create, delete or change a resource
	PermissionsManagement                        // grant or change permissions
	Tagging                                      // change tags and nothing else
)

// String returns the level as AWS's reference writes it.
func (l AccessLevel) String() string {
	switch l {
	case List:
		return "List"
	case Read:
		return "Read"
	case Write:
		return "Write"
	case PermissionsManagement:
		return "Permissions management"
	case Tagging:
		return "Tagging"
	}
	return "Unknown"
}

// Service is one AWS service as policies see it.
type Service struct {
	// Prefix is the part of an action's name before the colon, for example "s3".
	Prefix string
	// Name is the service's name in AWS's reference, for example "Amazon S3".
	Name string
	// RCPSupported reports whether resource control policies govern the service's actions.
	RCPSupported bool

	table            *table
	packed           []byte
	size, packedSize int
	once             sync.Once
	read             *contents
}

// contents is what a service's section holds.
type contents struct {
	keys      []Key
	resources []ResourceType
	actions   []Action // ascending by name without regard to case
	ranked    []*ResourceType
}

// Action is one thing that a policy can allow or deny.
type Action struct {
	// Name is the part after the colon, in AWS's spelling, for example "GetObject".
	Name string
	// AccessLevel is the kind of effect the action has.
	AccessLevel AccessLevel
	// Resources are the resource types the action can be limited to, ascending by name.
	// Empty means that statements must name the resource "*".
	Resources []ActionResource
	// ConditionKeys are the keys in the request context whatever the resource is.
	ConditionKeys []string
}

// ActionResource is one resource type that an action works on.
type ActionResource struct {
	// Type is the resource type.
	Type *ResourceType
	// Required reports that every call of the action has a resource of this type; the
	// reference marks these with an asterisk.
	Required bool
	// ConditionKeys are the keys that apply to the action when it has this resource.
	ConditionKeys []string
}

// ResourceType is one kind of thing that statements can name as a resource.
type ResourceType struct {
	// Name is the type's name in the reference, for example "bucket".
	Name string
	// ARN is the template of the type's ARNs, with variables such as ${Account}.
	ARN string
	// ConditionKeys are the keys that describe a resource of this type.
	ConditionKeys []string

	template template
}

// Source returns the version of the package that the table was made from and the day of
// its data, as yyyy-mm-dd.
func Source() (version, day string) {
	t := index()
	return t.version, t.updated
}

// Services returns all services, ascending by prefix.
func Services() []*Service { return slices.Clone(index().services) }

// Lookup returns the service with a prefix such as "iam"; case does not matter.
func Lookup(prefix string) (*Service, bool) {
	s, ok := index().byPrefix[strings.ToLower(prefix)]
	return s, ok
}

// RCPSupported reports whether resource control policies govern the actions of the
// service with this prefix. (Organizations user guide, "Resource control policies".)
func RCPSupported(prefix string) bool {
	s, ok := Lookup(prefix)
	return ok && s.RCPSupported
}

// LookupAction returns the action with a full name such as "iam:GetUser"; case does not
// matter.
func LookupAction(name string) (*Action, bool) {
	prefix, rest, _ := strings.Cut(name, ":")
	s, ok := Lookup(prefix)
	if !ok {
		return nil, false
	}
	return s.Action(rest)
}

// Action returns the action with this name (without the prefix); case does not matter.
func (s *Service) Action(name string) (*Action, bool) {
	actions := s.contents().actions
	i, ok := slices.BinarySearchFunc(actions, name, func(a Action, name string) int {
		return compareFold(a.Name, name)
	})
	if !ok {
		return nil, false
	}
	return &actions[i], true
}

// Actions returns the service's actions, ascending by name without regard to case.
func (s *Service) Actions() []Action { return s.contents().actions }

// ResourceTypes returns the service's resource types, ascending by name.
func (s *Service) ResourceTypes() []ResourceType { return s.contents().resources }

// ConditionKeys returns the condition keys that the service's page of the reference
// lists, ascending by name: its own and those it shares, such as aws:TagKeys.
func (s *Service) ConditionKeys() []Key { return s.contents().keys }

// contents unpacks the service at the first call.
func (s *Service) contents() *contents {
	s.once.Do(func() { s.read = s.mustUnpack() })
	return s.read
}

func (s *Service) mustUnpack() *contents {
	c, err := s.unpack()
	if err != nil {
		panic("serviceauth: embedded table: service " + s.Prefix + ": " + err.Error())
	}
	return c
}

// compareFold compares two names without regard to the case of ASCII letters, in the
// order in which the table holds actions.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
