package policytest

import (
	"encoding/json"
	"fmt"
	"path"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/bailiwick/bailiwick/policy"
)

// document is a policy as it was found. A policy that stands in a test file is padded with
// white space, so that its lines have the numbers of the file's lines; marks lead back to
// the exact places.
type document struct {
	name   string
	arn    string // of AWS managed policies only
	src    *source
	text   []byte
	size   int // of the text without padding; 0 if there is none
	parsed *policy.Document
	policy *policy.Policy
	marks  []mark // ascending by offset; none when the text is the file
	// checked are the kinds of policy for which faults have been reported.
	checked map[policy.Kind]bool
}

// mark says where the text from an offset on, up to the next mark, stands in the file.
type mark struct{ offset, line, column int }

// place finds where a position of the document stands in its file.
func (doc *document) place(pos policy.Position) (line, column int) {
	if len(doc.marks) == 0 {
		return max(pos.Line, 1), max(pos.Column, 1)
	}
	i := sort.Search(len(doc.marks), func(i int) bool { return doc.marks[i].offset > pos.Offset })
	m := doc.marks[max(i-1, 0)]
	return m.line, m.column
}

// fullAccess are the policies that AWS attaches everywhere when a policy type is enabled
// (AWS Organizations user guide, topics "SCP evaluation" and "RCP evaluation").
const (
	fullSCPName = "FullAWSAccess"
	fullRCPName = "RCPFullAWSAccess"
	fullSCPARN  = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
	fullRCPARN  = "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess"
	fullSCPText = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	fullRCPText = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`
)

const managedPrefix = "arn:aws:iam::aws:policy/"

// builtin makes a document of a text that is in no file.
func builtin(name, arn, text string) *document {
	parsed, err := policy.Parse([]byte(text), policy.ParseOptions{})
	if err != nil {
		return nil
	}
	return &document{
		name: name, arn: arn, src: &source{name: arn}, text: []byte(text), parsed: parsed, policy: policy.Compile(parsed),
		checked: map[policy.Kind]bool{},
	}
}

// documents finds and keeps the policies of a file.
type documents struct {
	*decoder
	read    func(name string) ([]byte, error)
	managed func(arn string) (text string, ok bool)
	at      time.Time
	named   map[string]*document
	files   map[string]*document
}

// reference reads one policy of a list: a name from the section "policies", an ARN of an AWS
// managed policy, a file, or the document itself. owner names policies that have no name.
func (ds *documents) reference(n *yaml.Node, kind policy.Kind, owner string) *document {
	doc := ds.find(n, owner)
	if doc == nil {
		return nil
	}
	ds.check(n, doc, kind)
	return doc
}

func (ds *documents) find(n *yaml.Node, owner string) *document {
	if n.Kind == yaml.MappingNode {
		return ds.mapping(n, owner)
	}
	text := ds.text(n, "a policy")
	switch {
	case text == "":
		return nil
	case strings.HasPrefix(strings.TrimSpace(text), "{"):
		return ds.literal(n, owner)
	case ds.named[text] != nil:
		return ds.named[text]
	case strings.HasPrefix(text, managedPrefix), !strings.ContainsAny(text, "./"):
		return ds.awsManaged(n, text)
	default:
		return ds.file(n, text)
	}
}

// mapping reads a policy given as a mapping: the document itself, or {name, document},
// {name, file}.
func (ds *documents) mapping(n *yaml.Node, owner string) *document {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i].Value; k == "Statement" || k == "Version" {
			return ds.inline(n, owner)
		}
	}
	name := owner
	var body *yaml.Node
	keep := func(v *yaml.Node) { body = v }
	ds.object(n, "a policy", fields{"name": ds.into(&name, "a policy's name"), "file": keep, "document": keep})
	if body == nil {
		ds.fail(n, "a policy is a file, a name from the section \"policies\", an AWS managed policy, or a document with Version and Statement")
		return nil
	}
	doc := ds.find(body, name)
	if doc == nil {
		return nil
	}
	renamed := *doc
	renamed.name = name
	return &renamed
}

// awsManaged finds an AWS managed policy by its ARN or its name.
func (ds *documents) awsManaged(n *yaml.Node, text string) *document {
	arn := text
	if !strings.HasPrefix(arn, managedPrefix) {
		arn = managedPrefix + text
	}
	if text == fullSCPName {
		return ds.keep(n, text, builtin(fullSCPName, fullSCPARN, fullSCPText))
	}
	if ds.managed != nil {
		for _, candidate := range []string{arn, managedPrefix + "job-function/" + text, managedPrefix + "service-role/" + text} {
			if body, ok := ds.managed(candidate); ok {
				return ds.keep(n, text, builtin(path.Base(candidate), candidate, body))
			}
		}
	}
	names := make([]string, 0, len(ds.named))
	for name := range ds.named {
		names = append(names, name)
	}
	sort.Strings(names)
	ds.fail(n, "there is no policy %q: it is neither in the section \"policies\" nor an AWS managed policy (files are given with their ending, like %s.json)%s",
		text, path.Base(text), didYouMean(text, names))
	return nil
}

func (ds *documents) keep(n *yaml.Node, name string, doc *document) *document {
	if doc == nil {
		ds.fail(n, "the AWS managed policy %q cannot be read", name)
		return nil
	}
	ds.named[name] = doc
	return doc
}

// file reads a policy from a file beside the test file.
func (ds *documents) file(n *yaml.Node, name string) *document {
	full := name
	if !path.IsAbs(name) {
		full = path.Join(path.Dir(ds.src.name), name)
	}
	if doc, ok := ds.files[full]; ok {
		return doc
	}
	text, err := ds.read(full)
	if err != nil {
		ds.fail(n, "cannot read the policy: %v", err)
		return nil
	}
	base := path.Base(name)
	doc := &document{
		name: strings.TrimSuffix(base, path.Ext(base)), src: &source{name: full, text: string(text)}, text: text,
		checked: map[policy.Kind]bool{},
	}
	ds.parseDocument(doc)
	ds.files[full] = doc
	return doc
}

// literal reads a policy whose JSON stands in the test file as a text.
func (ds *documents) literal(n *yaml.Node, owner string) *document {
	doc := &document{name: owner, src: ds.src, text: []byte(n.Value), size: len(n.Value), checked: map[policy.Kind]bool{}}
	if n.Style&yaml.LiteralStyle != 0 {
		first := ds.src.line(n.Line + 1)
		indent := first[:len(first)-len(strings.TrimLeft(first, " "))]
		padded := strings.Repeat("\n", n.Line) + indent + strings.ReplaceAll(strings.TrimRight(n.Value, "\n"), "\n", "\n"+indent)
		doc.text = []byte(padded)
	} else {
		doc.marks = []mark{{line: n.Line, column: n.Column}}
	}
	ds.parseDocument(doc)
	return doc
}

// inline reads a policy that is written as YAML.
func (ds *documents) inline(n *yaml.Node, owner string) *document {
	w := jsonWriter{limit: policy.DefaultMaxBytes, line: 1, column: 1}
	w.node(n, 0)
	doc := &document{name: owner, src: ds.src, text: w.out, size: len(w.out) - w.padding, marks: w.marks, checked: map[policy.Kind]bool{}}
	if w.tooBig {
		ds.fail(n, "the policy is too long or too deep")
		return nil
	}
	ds.parseDocument(doc)
	return doc
}

// parseDocument reads the text and reports every fault in it. A document with faults is not
// run, since its file is not.
func (ds *documents) parseDocument(doc *document) {
	if !utf8.Valid(doc.text) {
		ds.problems = append(ds.problems, doc.src.problem(1, 1, "the policy is not UTF-8 text"))
		return
	}
	o := policy.ParseOptions{MaxBytes: policy.DefaultMaxBytes}
	if doc.size > 0 {
		o.MaxBytes += len(doc.text) - doc.size // padding does not count
	}
	parsed, faults := policy.Inspect(doc.text, o)
	for _, f := range faults {
		line, column := doc.place(policy.Position{Offset: f.Offset, Line: f.Line, Column: f.Column})
		ds.problems = append(ds.problems, doc.src.problem(line, column, "%s", inPath(f.Message, f.Path)))
	}
	if len(faults) == 0 {
		doc.parsed, doc.policy = parsed, policy.Compile(parsed)
	}
}

// KindWithArticle names a kind of policy as sentences do: "an identity-based policy".
func KindWithArticle(k policy.Kind) string {
	if k == policy.Identity {
		return "an " + k.String()
	}
	return "a " + k.String()
}

func inPath(message, path string) string {
	if path == "" {
		return message
	}
	return message + " (" + path + ")"
}

// check reports what AWS would refuse the document for where it is used.
func (ds *documents) check(n *yaml.Node, doc *document, kind policy.Kind) {
	if doc.parsed == nil || doc.arn != "" || doc.checked[kind] {
		return
	}
	doc.checked[kind] = true
	limits := policy.LimitsAt(kind, ds.at)
	if doc.size > 0 && limits.MaxSize > 0 {
		if doc.size > limits.MaxSize {
			ds.fail(n, "AWS would refuse it as %s: it has %d characters, of at most %d", KindWithArticle(kind), doc.size, limits.MaxSize)
		}
		limits = policy.Limits{}
	}
	for _, f := range doc.parsed.Validate(kind, limits) {
		if f.Severity != policy.SeverityError {
			continue
		}
		line, column := doc.place(f.Pos)
		used := ""
		if doc.src != ds.src {
			used = fmt.Sprintf("; used in line %d of %s", n.Line, ds.src.name)
		}
		ds.problems = append(ds.problems, doc.src.problem(line, column, "AWS would refuse it as %s: %s%s", KindWithArticle(kind), inPath(f.Message, f.Path), used))
	}
}

// jsonWriter writes YAML nodes as JSON in the same lines, and remembers where each stood.
type jsonWriter struct {
	out          []byte
	marks        []mark
	line, column int // where the next byte goes
	padding      int
	limit        int
	tooBig       bool
}

// maxDepth is above the depth of every policy; anchors could otherwise nest without end.
const maxDepth = 24

func (w *jsonWriter) write(text string) {
	w.out = append(w.out, text...)
	w.column += len(text)
}

// pad goes to the node's line, and near its column.
func (w *jsonWriter) pad(n *yaml.Node) {
	column := n.Column
	if n.Kind == yaml.MappingNode {
		column-- // leave room for the brace
	}
	before := len(w.out)
	for ; w.line < n.Line; w.line++ {
		w.out = append(w.out, '\n')
		w.column = 1
	}
	for ; w.line == n.Line && w.column < column; w.column++ {
		w.out = append(w.out, ' ')
	}
	w.padding += len(w.out) - before
	w.marks = append(w.marks, mark{offset: len(w.out), line: n.Line, column: n.Column})
}

func (w *jsonWriter) node(n *yaml.Node, depth int) {
	n = resolve(n)
	if depth > maxDepth || len(w.out)-w.padding > w.limit {
		w.tooBig = true
		return
	}
	w.pad(n)
	switch n.Kind {
	case yaml.MappingNode:
		w.write("{")
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				w.write(",")
			}
			w.node(n.Content[i], depth+1)
			w.write(":")
			w.node(n.Content[i+1], depth+1)
		}
		w.write("}")
	case yaml.SequenceNode:
		w.write("[")
		for i, m := range n.Content {
			if i > 0 {
				w.write(",")
			}
			w.node(m, depth+1)
		}
		w.write("]")
	default:
		w.scalar(n)
	}
}

// scalar writes every value but null as a string: the policy language takes numbers and
// booleans in quotes, and account ids and versions must keep their form.
func (w *jsonWriter) scalar(n *yaml.Node) {
	if isNull(n) {
		w.write("null")
		return
	}
	quoted, err := json.Marshal(n.Value)
	if err != nil {
		w.tooBig = true
		return
	}
	w.write(string(quoted))
}
