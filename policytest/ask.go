package policytest

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/bailiwick/bailiwick/policy"
)

// Query is one question put together from policies without a test file. Policies are given as
// files, or as names or ARNs of AWS managed policies.
type Query struct {
	// Principal is what ParsePrincipal takes.
	Principal string
	Action    string
	// Resource is an ARN; empty means "*".
	Resource string
	// ResourceAccount is the id of the account that owns the resource; empty means the one in
	// its ARN, or the principal's.
	ResourceAccount string

	Identity, Session []string
	// Boundary, ResourcePolicy, Trust and Endpoint are single policies or empty.
	Boundary, ResourcePolicy, Trust, Endpoint string
	// SCP and RCP hold "FILE" or "LEVEL=FILE" for each policy, levels from the organization
	// root down in order of appearance; the level that is not named is "root". Each level has
	// FullAWSAccess (or RCPFullAWSAccess) besides, unless BareSCP.
	SCP, RCP []string
	BareSCP  bool

	// Context holds "key=value"; a key that appears more than once has all the values.
	Context []string
}

// Ask puts together the case of a query, to be run. It expects nothing in particular. The
// error is an *Error.
func Ask(q *Query, o Options) (*Case, error) {
	l := newLoader(&source{name: "."}, o)
	a := asker{loader: l}
	p, err := ParsePrincipal(q.Principal)
	if err != nil {
		a.fail(a.node(""), "%v", err)
	}
	who := &identity{name: q.Principal, principal: p}
	if p.Account != "" {
		who.account = l.world.accountOf(p.Account)
	}
	who.policies = a.policies(q.Identity, policy.Identity)
	if len(q.Session) > 0 {
		who.session = a.policies(q.Session, policy.Session)
	}
	who.boundary = a.single(q.Boundary, policy.Boundary)
	on := &resource{arn: q.Resource, account: q.ResourceAccount}
	if on.arn == "" {
		on.arn = "*"
	}
	if on.account == "" {
		on.account = accountInARN(on.arn)
	}
	if on.policy = a.single(q.ResourcePolicy, policy.Resource); on.policy == nil {
		on.policy = a.single(q.Trust, policy.Trust)
	}
	on.required = isKMSKey(on.arn) && on.policy != nil
	r := rawCase{
		at: a.node(""), endpointPolicy: a.single(q.Endpoint, policy.VPCEndpoint), context: a.context(q.Context),
	}
	action := l.actionRef(a.node(q.Action))
	c := l.build(&r, who, action, on)
	c.Place, c.Who = Place{}, q.Principal
	c.limit(a.levels(q.SCP, policy.SCP, !q.BareSCP), a.levels(q.RCP, policy.RCP, true))
	if len(l.problems) > 0 {
		return nil, &Error{Problems: l.problems}
	}
	for _, w := range l.warnings {
		c.Notes = append(c.Notes, w.Message)
	}
	return &c, nil
}

// asker reads the parts of a query as if they stood in a file.
type asker struct{ *loader }

func (a *asker) node(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

// find reads one policy. A name that is not an AWS managed policy's is a file, whatever its
// ending.
func (a *asker) find(text string, kind policy.Kind, level string) (policy.Attached, bool) {
	ds := a.loader.documents
	n := a.node(text)
	var doc *document
	if _, err := a.documents.read(text); err == nil || strings.ContainsAny(text, "./") && !strings.HasPrefix(text, managedPrefix) {
		doc = ds.file(n, text)
		if doc != nil && doc.parsed != nil {
			ds.check(n, doc, kind)
		}
	} else {
		doc = ds.reference(n, kind, text)
	}
	if doc == nil || doc.policy == nil {
		return policy.Attached{}, false
	}
	a.remember(doc)
	return doc.attached(kind, level), true
}

func (a *asker) policies(names []string, kind policy.Kind) []policy.Attached {
	list := []policy.Attached{}
	for _, name := range names {
		if p, ok := a.find(name, kind, ""); ok {
			list = append(list, p)
		}
	}
	return list
}

func (a *asker) single(name string, kind policy.Kind) *policy.Attached {
	if name == "" {
		return nil
	}
	p, ok := a.find(name, kind, "")
	if !ok {
		return nil
	}
	return &p
}

// levels reads "LEVEL=FILE". It returns nil if there are none: then the policies of an
// organization do not matter.
func (a *asker) levels(list []string, kind policy.Kind, full bool) []policy.Level {
	var levels []policy.Level
	index := map[string]int{}
	for _, text := range list {
		name, file, ok := strings.Cut(text, "=")
		if !ok {
			name, file = "root", text
		}
		i, ok := index[name]
		if !ok {
			i = len(levels)
			index[name] = i
			level := policy.Level{Name: name}
			switch {
			case kind == policy.RCP:
				level.Policies = []policy.Attached{a.fullRCP.attached(kind, name)}
			case full:
				level.Policies = []policy.Attached{a.fullSCP.attached(kind, name)}
			}
			levels = append(levels, level)
		}
		if p, ok := a.find(file, kind, name); ok {
			levels[i].Policies = append(levels[i].Policies, p)
		}
	}
	return levels
}

// context reads "key=value".
func (a *asker) context(list []string) []contextEntry {
	var entries []contextEntry
	index := map[string]int{}
	for _, text := range list {
		key, value, ok := strings.Cut(text, "=")
		if !ok || !strings.Contains(key, ":") {
			a.fail(a.node(""), "%q is no condition key with a value: it takes key=value, like aws:SourceIp=203.0.113.7", text)
			continue
		}
		lower := strings.ToLower(key)
		i, ok := index[lower]
		if !ok {
			i = len(entries)
			index[lower] = i
			entries = append(entries, contextEntry{key: key})
		}
		entries[i].values = append(entries[i].values, value)
	}
	return entries
}
