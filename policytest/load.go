package policytest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/bailiwick/bailiwick/policy"
)

// Options say where Load finds what a test file refers to.
type Options struct {
	// Read returns the text of a file whose name is joined to the folder of the test file.
	Read func(name string) ([]byte, error)
	// Managed returns the text of an AWS managed policy; nil knows none but FullAWSAccess.
	Managed func(arn string) (text string, ok bool)
	// At dates the limits of policies; the zero value means those of longest ago.
	At time.Time
}

// Suite is one test file, ready to run.
type Suite struct {
	// Name is the file's name as it was given to Load.
	Name        string
	Description string
	Cases       []Case
	// Warnings are what may be a mistake, but does not keep the cases from being run:
	// actions that AWS does not have, for example.
	Warnings []Problem
}

// Load reads a test file. The error is an *Error with everything that is wrong with the file
// and the policies that it names, or what Read returned for the file itself.
func Load(name string, o Options) (*Suite, error) {
	text, err := o.Read(name)
	if err != nil {
		return nil, err
	}
	l := newLoader(&source{name: name, text: string(text)}, o)
	s := &Suite{Name: name}
	root := l.parse()
	if root == nil {
		if len(l.problems) == 0 {
			l.problems = append(l.problems, l.src.problem(0, 0, "the file is empty; it needs at least cases"))
		}
		return nil, &Error{Problems: l.problems}
	}
	l.readFile(s, root)
	if len(l.problems) > 0 {
		return nil, &Error{Problems: inOrder(name, l.problems)}
	}
	s.Warnings = l.warnings
	return s, nil
}

// inOrder puts the problems of the test file first, in the order of its lines, and then those
// of policies.
func inOrder(name string, problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		switch {
		case a.File == b.File:
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		case a.File == name:
			return -1
		case b.File == name:
			return 1
		default:
			return strings.Compare(a.File, b.File)
		}
	})
	return problems
}

// world is what a test file describes.
type world struct {
	org        *organization
	standalone map[string]*account
	identities map[string]*identity
	resources  map[string]*resource
	context    []contextEntry
}

// account finds an account of the organization by name or id; nil if there is none.
func (w *world) account(ref string) *account {
	if w.org == nil {
		return nil
	}
	for _, a := range w.org.accounts {
		if a.name == ref || a.id == ref {
			return a
		}
	}
	return nil
}

// accountOf returns the account with an id; one that is not in the organization stands
// alone.
func (w *world) accountOf(id string) *account {
	if a := w.account(id); a != nil {
		return a
	}
	if w.standalone[id] == nil {
		w.standalone[id] = &account{name: id, id: id}
	}
	return w.standalone[id]
}

// loader reads one test file.
type loader struct {
	*decoder
	documents        *documents
	world            *world
	fullSCP, fullRCP *document
	sources          map[*policy.Policy]*document
	warnings         []Problem
}

func newLoader(src *source, o Options) *loader {
	d := &decoder{src: src}
	l := &loader{
		decoder: d,
		documents: &documents{
			decoder: d, read: o.Read, managed: o.Managed, at: o.At,
			named: map[string]*document{}, files: map[string]*document{},
		},
		world:   &world{standalone: map[string]*account{}, identities: map[string]*identity{}, resources: map[string]*resource{}},
		fullSCP: builtin(fullSCPName, fullSCPARN, fullSCPText),
		fullRCP: builtin(fullRCPName, fullRCPARN, fullRCPText),
		sources: map[*policy.Policy]*document{},
	}
	return l
}

// remember keeps where a policy came from, so that its statements can be shown.
func (l *loader) remember(doc *document) {
	if doc.policy != nil && doc.arn == "" {
		l.sources[doc.policy] = doc
	}
}

// readFile reads the sections in the order in which they refer to each other, whatever their
// order in the file.
func (l *loader) readFile(s *Suite, root *yaml.Node) {
	var policies, org, identities, resources, cases *yaml.Node
	ok := l.object(root, "the file", fields{
		"description":  l.into(&s.Description, "the description"),
		"policies":     pick(&policies),
		"organization": pick(&org),
		"identities":   pick(&identities),
		"resources":    pick(&resources),
		"context":      func(n *yaml.Node) { l.world.context = l.readContext(n) },
		"cases":        pick(&cases),
	})
	if !ok {
		return
	}
	for _, section := range []struct {
		node *yaml.Node
		read func(*yaml.Node)
	}{
		{policies, l.readPolicies}, {org, l.readOrganization}, {identities, l.readIdentities}, {resources, l.readResources},
	} {
		if section.node != nil {
			section.read(section.node)
		}
	}
	if cases == nil || len(l.list(cases)) == 0 {
		l.fail(root, "the file has no cases")
		return
	}
	for _, c := range l.list(cases) {
		s.Cases = append(s.Cases, l.readCase(c)...)
	}
	names := map[string]bool{}
	for _, c := range s.Cases {
		if names[c.Name] {
			l.problems = append(l.problems, l.src.problem(c.Place.Line, c.Place.Column, "there are two cases with the name %q", c.Name))
		}
		names[c.Name] = true
	}
}

// readPolicies reads the section "policies": names for files and documents.
func (l *loader) readPolicies(n *yaml.Node) {
	l.each(n, "the policies", func(key, value *yaml.Node) {
		doc := l.documents.find(value, key.Value)
		if doc == nil {
			return
		}
		named := *doc
		named.name = key.Value
		l.documents.named[key.Value] = &named
	})
}
