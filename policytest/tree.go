package policytest

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/bailiwick/bailiwick/policy"
)

// The ids of an organization that names none.
const (
	defaultOrganizationID = "o-exampleorgid"
	defaultRootID         = "r-examplerootid111"
)

// maxOUDepth is how deep OUs nest below the root (AWS Organizations user guide, topic
// "Quotas and service limits").
const maxOUDepth = 5

// organization is the tree.
type organization struct {
	id, management string
	root           *treeNode
	accounts       []*account
}

// treeNode is the root, an OU or an account.
type treeNode struct {
	parent *treeNode
	id     string
	level  string // "root", "ou Workloads/Prod", "account shop"
	path   string // "Workloads/Prod"; of an account, its name
	scps   []policy.Attached
	rcps   []policy.Attached
}

// account is an account of the organization, or one that stands alone (then node is nil).
type account struct {
	name, id string
	node     *treeNode
	org      *organization
}

// levels returns the policies from the root down to the account; nil where they do not
// apply: outside of the organization, and to the management account.
func (a *account) levels(kind policy.Kind) []policy.Level {
	if a == nil || a.org == nil || a.id == a.org.management {
		return nil
	}
	var levels []policy.Level
	for n := a.node; n != nil; n = n.parent {
		attached := n.scps
		if kind == policy.RCP {
			attached = n.rcps
		}
		levels = append(levels, policy.Level{Name: n.level, Policies: attached})
	}
	slices.Reverse(levels)
	return levels
}

// orgPath is the account's value of aws:PrincipalOrgPaths.
func (a *account) orgPath() string {
	path := ""
	for n := a.node.parent; n != nil; n = n.parent {
		path = n.id + "/" + path
	}
	return a.org.id + "/" + path
}

// readOrganization reads the section "organization".
func (l *loader) readOrganization(n *yaml.Node) {
	o := &organization{id: defaultOrganizationID}
	l.world.org = o
	var root *yaml.Node
	rootID := defaultRootID
	l.object(n, "the organization", fields{
		"id":                 l.into(&o.id, "the organization's id"),
		"root-id":            l.into(&rootID, "the root's id"),
		"management-account": func(n *yaml.Node) { o.management = l.accountID(n) },
		"root":               func(n *yaml.Node) { root = n },
	})
	o.root = &treeNode{id: rootID, level: "root"}
	if root != nil {
		l.readNode(root, o.root, 0)
	} else {
		l.attach(o.root, nil, nil, nil)
	}
	if o.management != "" && l.world.account(o.management) == nil {
		l.addAccount(n, o.root, "management", o.management).scps = nil
	}
}

// readNode reads the root or an OU, and what is below it.
func (l *loader) readNode(n *yaml.Node, t *treeNode, depth int) {
	if depth > maxOUDepth {
		l.fail(n, "OUs nest at most %d levels deep", maxOUDepth)
		return
	}
	var scps, rcps, detach, ous, accounts *yaml.Node
	what := "the root"
	f := fields{
		"scps": pick(&scps), "rcps": pick(&rcps), "detach": pick(&detach), "ous": pick(&ous), "accounts": pick(&accounts),
	}
	if depth > 0 {
		what = "the OU " + t.path
		f["id"] = l.into(&t.id, "the OU's id")
	}
	l.object(n, what, f)
	l.attach(t, scps, rcps, detach)
	if ous != nil {
		l.each(ous, "the OUs", func(key, value *yaml.Node) {
			path := strings.TrimPrefix(t.path+"/"+key.Value, "/")
			child := &treeNode{parent: t, path: path, level: "ou " + path, id: derivedOUID(path)}
			l.readNode(value, child, depth+1)
		})
	}
	if accounts != nil {
		l.each(accounts, "the accounts", func(key, value *yaml.Node) { l.readAccount(key, value, t) })
	}
}

func pick(target **yaml.Node) func(*yaml.Node) {
	return func(n *yaml.Node) { *target = n }
}

// derivedOUID makes an id in the form of AWS's from an OU's path, for aws:PrincipalOrgPaths.
func derivedOUID(path string) string {
	id := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(path))
	for len(id) < 8 {
		id += "0"
	}
	return "ou-exam-" + id[:min(len(id), 32)]
}

// readAccount reads "name: id" or "name: {id, scps, rcps, detach}".
func (l *loader) readAccount(key, n *yaml.Node, parent *treeNode) {
	var id string
	var scps, rcps, detach *yaml.Node
	if n.Kind == yaml.ScalarNode {
		id = l.accountID(n)
	} else {
		l.object(n, "the account "+key.Value, fields{
			"id": func(n *yaml.Node) { id = l.accountID(n) }, "scps": pick(&scps), "rcps": pick(&rcps), "detach": pick(&detach),
		})
		if id == "" {
			l.fail(key, "the account %s needs an id of 12 digits", key.Value)
			return
		}
	}
	if id == "" {
		return
	}
	t := l.addAccount(key, parent, key.Value, id)
	l.attach(t, scps, rcps, detach)
}

func (l *loader) addAccount(at *yaml.Node, parent *treeNode, name, id string) *treeNode {
	if l.world.account(name) != nil || l.world.account(id) != nil {
		l.fail(at, "there are two accounts with the name %s or the id %s", name, id)
	}
	t := &treeNode{parent: parent, id: id, level: "account " + name, path: name}
	o := l.world.org
	o.accounts = append(o.accounts, &account{name: name, id: id, node: t, org: o})
	return t
}

func (l *loader) accountID(n *yaml.Node) string {
	id := l.text(n, "an account id")
	if id != "" && !isAccountID(id) {
		l.fail(n, "an account id has 12 digits; %q has not (in quotes, leading zeros stay)", id)
		return ""
	}
	return id
}

func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// attach puts policies on a node, besides FullAWSAccess and RCPFullAWSAccess, which AWS
// attaches everywhere. Only the former can be detached.
func (l *loader) attach(t *treeNode, scps, rcps, detach *yaml.Node) {
	full := true
	if detach != nil {
		for _, m := range l.list(detach) {
			if name := l.text(m, "a policy to detach"); name != fullSCPName {
				l.fail(m, "only %s can be detached: everything else is attached by this file", fullSCPName)
				continue
			}
			full = false
		}
	}
	if full {
		t.scps = append(t.scps, l.fullSCP.attached(policy.SCP, t.level))
	}
	t.rcps = append(t.rcps, l.fullRCP.attached(policy.RCP, t.level))
	t.scps = append(t.scps, l.policies(scps, policy.SCP, t.level)...)
	t.rcps = append(t.rcps, l.policies(rcps, policy.RCP, t.level)...)
}

// attached puts a document in its place.
func (doc *document) attached(kind policy.Kind, level string) policy.Attached {
	return policy.Attached{ARN: doc.arn, Name: doc.name, Kind: kind, Level: level, Policy: doc.policy}
}

// policies reads a list of policies that hang at one place. The list is nil if the member is
// not there, and empty but not nil if it is there without members.
func (l *loader) policies(n *yaml.Node, kind policy.Kind, level string) []policy.Attached {
	if n == nil {
		return nil
	}
	list := []policy.Attached{}
	members := l.list(n)
	for i, m := range members {
		owner := "inline policy"
		if len(members) > 1 {
			owner = fmt.Sprintf("inline policy %d", i+1)
		}
		if doc := l.documents.reference(m, kind, owner); doc != nil {
			l.remember(doc)
			list = append(list, doc.attached(kind, level))
		}
	}
	return list
}
