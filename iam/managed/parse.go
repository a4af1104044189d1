package managed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The files policies/*.txt hold a block for each policy, blocks divided by an empty line.
// A line that begins with a tab continues the one before; one that begins with # is a
// comment. The first line of a block is the header:
//
//	path-and-name default-version created updated id
//
// where the id is "-" when AWS's is not known to us. Each further line is a statement:
//
//	allow|deny [except] ACTION... on [except] RESOURCE... [if OPERATOR KEY VALUE...]...
//
// "except" makes NotAction or NotResource of what follows. A word that holds a space, or
// that could be taken for one of these, stands in quotes. The statement "built RULE"
// allows instead the patterns that built.txt has for the rule. A first line "ours" says that
// the statements follow the documented purpose of the policy, not its published text.
//
// The file built.txt, written by tools/authgen, holds for each rule its name on a line,
// then lines that begin with a tab: a service's prefix and the patterns of its actions.

func readCatalog(files fs.FS) (*catalog, error) {
	c := &catalog{byARN: map[string]*Policy{}}
	names, err := fs.Glob(files, "policies/*.txt")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		if err := c.addFile(string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	slices.SortFunc(c.policies, func(a, b *Policy) int { return strings.Compare(a.Name, b.Name) })
	return c, nil
}

func (c *catalog) addFile(text string) error {
	for block := range strings.SplitSeq(text, "\n\n") {
		block = withoutComments(block)
		if block == "" {
			continue
		}
		header, body, _ := strings.Cut(block, "\n")
		p, err := readHeader(header)
		if err != nil {
			return err
		}
		if c.byARN[p.ARN] != nil {
			return fmt.Errorf("%s appears twice", p.ARN)
		}
		p.body, p.Built = strings.CutPrefix(body, "ours\n")
		p.Built = p.Built || strings.HasPrefix(body, "built ")
		c.byARN[p.ARN] = p
		c.policies = append(c.policies, p)
	}
	return nil
}

func withoutComments(block string) string {
	block = strings.Trim(block, "\n")
	for strings.HasPrefix(block, "#") {
		_, block, _ = strings.Cut(block, "\n")
	}
	return block
}

func readHeader(line string) (*Policy, error) {
	f := strings.Fields(line)
	if len(f) != 5 || !strings.HasPrefix(f[0], "/") {
		return nil, fmt.Errorf("%q is not the header of a policy", line)
	}
	p := newPolicy(f[0])
	p.DefaultVersionID = f[1]
	var err error
	if p.CreateDate, err = time.Parse(time.RFC3339, f[2]); err != nil {
		return nil, err
	}
	if p.UpdateDate, err = time.Parse(time.RFC3339, f[3]); err != nil {
		return nil, err
	}
	if p.ID = f[4]; p.ID == "-" {
		p.ID = derivedID(p.ARN)
	}
	return p, nil
}

func readRules(text string) map[string][]string {
	rules := map[string][]string{}
	rule := ""
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || f[0] == "#":
		case line[0] != '\t':
			rule = f[0]
		default:
			for _, pattern := range f[1:] {
				rules[rule] = append(rules[rule], f[0]+":"+pattern)
			}
		}
	}
	return rules
}

// statement has the members in the order in which documents show them.
type statement struct {
	Effect      string
	Action      words                       `json:",omitempty"`
	NotAction   words                       `json:",omitempty"`
	Resource    words                       `json:",omitempty"`
	NotResource words                       `json:",omitempty"`
	Condition   map[string]map[string]words `json:",omitempty"`
}

// words is a list that is a plain string in JSON when it has one element.
type words []string

// MarshalJSON writes a string or an array of strings.
func (w words) MarshalJSON() ([]byte, error) {
	if len(w) == 1 {
		return plainJSON(w[0])
	}
	return plainJSON([]string(w))
}

// plainJSON encodes without the escapes that only HTML needs.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// render makes the JSON text of a policy's statements; rules gives the patterns of
// those that are built.
func render(body string, rules func() map[string][]string) (string, error) {
	document := struct {
		Version   string
		Statement []statement
	}{Version: "2012-10-17"}
	body = strings.ReplaceAll(strings.TrimRight(body, "\n"), "\n\t", " ")
	for line := range strings.SplitSeq(body, "\n") {
		s, err := readStatement(line, rules)
		if err != nil {
			return "", fmt.Errorf("%w in %q", err, line)
		}
		document.Statement = append(document.Statement, s)
	}
	b, err := plainJSON(document)
	return string(b), err
}

func readStatement(line string, rules func() map[string][]string) (statement, error) {
	tokens, err := tokenize(line)
	if err != nil {
		return statement{}, err
	}
	r := tokenReader{tokens}
	effect := r.next()
	if effect == "built" {
		patterns := rules()[r.next()]
		if len(patterns) == 0 || len(r.rest) > 0 {
			return statement{}, fmt.Errorf("unknown rule")
		}
		return statement{Effect: "Allow", Action: patterns, Resource: words{"*"}}, nil
	}
	var s statement
	switch effect {
	case "allow":
		s.Effect = "Allow"
	case "deny":
		s.Effect = "Deny"
	default:
		return s, fmt.Errorf("unknown effect")
	}
	into := &s.Action
	if r.skip("except") {
		into = &s.NotAction
	}
	*into = r.until("on")
	if !r.skip("on") {
		return s, fmt.Errorf("no resource")
	}
	from := &s.Resource
	if r.skip("except") {
		from = &s.NotResource
	}
	*from = r.until("if")
	if len(*into) == 0 || len(*from) == 0 {
		return s, fmt.Errorf("no action or no resource")
	}
	for r.skip("if") {
		operator, key := r.next(), r.next()
		values := r.until("if")
		if len(values) == 0 {
			return s, fmt.Errorf("condition without a value")
		}
		if s.Condition == nil {
			s.Condition = map[string]map[string]words{}
		}
		if s.Condition[operator] == nil {
			s.Condition[operator] = map[string]words{}
		}
		s.Condition[operator][key] = values
	}
	return s, nil
}

// token is a word of a statement; a quoted one is never a keyword.
type token struct {
	text   string
	quoted bool
}

func tokenize(line string) ([]token, error) {
	var tokens []token
	for {
		line = strings.TrimLeft(line, " ")
		if line == "" {
			return tokens, nil
		}
		if line[0] != '"' {
			var word string
			word, line, _ = strings.Cut(line, " ")
			tokens = append(tokens, token{text: word})
			continue
		}
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			return nil, err
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, token{text: word, quoted: true})
		line = line[len(quoted):]
	}
}

type tokenReader struct{ rest []token }

func (r *tokenReader) next() string {
	if len(r.rest) == 0 {
		return ""
	}
	t := r.rest[0]
	r.rest = r.rest[1:]
	return t.text
}

func (r *tokenReader) skip(keyword string) bool {
	if len(r.rest) == 0 || r.rest[0].quoted || r.rest[0].text != keyword {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// until takes the words before a keyword, or all when it does not come.
func (r *tokenReader) until(keyword string) words {
	var w words
	for len(r.rest) > 0 && (r.rest[0].quoted || r.rest[0].text != keyword) {
		w = append(w, r.next())
	}
	return w
}
