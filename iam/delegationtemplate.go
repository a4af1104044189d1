package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/bailiwick/bailiwick/policy"
)

// Policy templates: a policy with parameters in its values, "@{name}", and statements that
// are there or not by the value of a parameter, "@Enabled". See the IAM user guide, "Policy
// templates" of temporary delegation.

// TemplateParameter gives a parameter of a policy template its values.
type TemplateParameter struct {
	Name   string
	Values []string
	// Type is "string", for exactly one value, or "stringList".
	Type string
}

// The types of parameters; see PolicyParameter in the IAM API Reference.
const (
	StringParameter     = "string"
	StringListParameter = "stringList"
)

// parameters are those of one request, by name.
type parameters struct {
	values map[string][]string
	used   map[string]bool
	// sample gives every parameter a value, to look at a template by itself.
	sample bool
}

func newParameters(list []TemplateParameter) (*parameters, error) {
	p := &parameters{values: map[string][]string{}, used: map[string]bool{}}
	for _, t := range list {
		switch {
		case t.Name == "" || t.Type == "":
			return nil, fail(InvalidInput, "Each parameter must have a name and a type.")
		case p.values[t.Name] != nil:
			return nil, fail(InvalidInput, "The parameter %s is given twice.", t.Name)
		case len(t.Values) == 0:
			return nil, fail(InvalidInput, "The parameter %s has no values.", t.Name)
		case t.Type == StringParameter && len(t.Values) != 1:
			return nil, fail(InvalidInput, "The parameter %s of type string must have exactly one value.", t.Name)
		}
		p.values[t.Name] = t.Values
	}
	return p, nil
}

func (p *parameters) get(name string) ([]string, error) {
	p.used[name] = true
	if p.sample {
		return []string{"111122223333"}, nil
	}
	values, ok := p.values[name]
	if !ok {
		return nil, fail(InvalidInput, "The policy template needs the parameter %s.", name)
	}
	return values, nil
}

// RenderTemplate puts parameters into a policy template. Each parameter of the template must
// be given, and no other.
func RenderTemplate(tx Tx, template string, list []TemplateParameter) (string, error) {
	p, err := newParameters(list)
	if err != nil {
		return "", err
	}
	out, err := p.render(template)
	if err != nil {
		return "", err
	}
	for _, t := range list {
		if !p.used[t.Name] {
			return "", fail(InvalidInput, "The policy template has no parameter %s.", t.Name)
		}
	}
	if limit := QuotaValue(DelegatedPolicySize, tx.Now()); len([]rune(out)) > limit {
		return "", fail(LimitExceeded, "Cannot exceed quota for %s: %d", DelegatedPolicySize, limit)
	}
	err = checkDocument(policy.Identity, out)
	if err == nil {
		err = checkDelegated(out)
	}
	if err != nil {
		return "", fail(InvalidInput, "The policy template cannot be rendered with these parameters: %s", err)
	}
	return out, nil
}

// sampleOf renders a template with some value for each parameter and with all its
// statements.
func sampleOf(template string) (string, error) {
	p := &parameters{used: map[string]bool{}, sample: true}
	return p.render(template)
}

func (p *parameters) render(template string) (string, error) {
	d := json.NewDecoder(strings.NewReader(template))
	d.UseNumber()
	var out bytes.Buffer
	if _, err := p.value(d, &out); err != nil {
		return "", templateError(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", fail(MalformedPolicyDocument, "The policy template is not one JSON object.")
	}
	return out.String(), nil
}

func templateError(err error) error {
	if isRule(err) {
		return err
	}
	return fail(MalformedPolicyDocument, "Syntax errors in policy template. %s", err)
}

// value copies one value from d to out with parameters put in. dropped says that it is a
// statement which is not enabled.
func (p *parameters) value(d *json.Decoder, out *bytes.Buffer) (dropped bool, err error) {
	token, err := d.Token()
	if err != nil {
		return false, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return p.object(d, out)
		}
		return false, p.array(d, out)
	case string:
		texts, err := p.expand(t)
		if err != nil {
			return false, err
		}
		if len(texts) == 1 {
			return false, writeJSON(out, texts[0])
		}
		return false, writeJSON(out, texts)
	default:
		return false, writeJSON(out, token)
	}
}

func writeJSON(out *bytes.Buffer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the encoder's newline
	return nil
}

// enabledKey says in a statement of a template whether the statement is there.
const enabledKey = "@Enabled"

func (p *parameters) object(d *json.Decoder, out *bytes.Buffer) (dropped bool, err error) {
	out.WriteByte('{')
	members := 0
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return false, err
		}
		if key == enabledKey {
			off, err := p.disabled(d)
			if err != nil {
				return false, err
			}
			dropped = dropped || off
			continue
		}
		var value bytes.Buffer
		off, err := p.value(d, &value)
		if err != nil {
			return false, err
		}
		if off {
			// The one statement of a policy.
			value.Reset()
			value.WriteString("[]")
		}
		if members > 0 {
			out.WriteByte(',')
		}
		members++
		if err := writeJSON(out, key); err != nil {
			return false, err
		}
		out.WriteByte(':')
		out.Write(value.Bytes())
	}
	out.WriteByte('}')
	_, err = d.Token()
	return dropped, err
}

// disabled reads the value of @Enabled: the name of a parameter that must be "True" or,
// after "!", must not be.
func (p *parameters) disabled(d *json.Decoder) (bool, error) {
	token, err := d.Token()
	if err != nil {
		return false, err
	}
	text, ok := token.(string)
	name, not := strings.CutPrefix(text, "!")
	if !ok || name == "" {
		return false, fail(MalformedPolicyDocument, "%s must name a parameter.", enabledKey)
	}
	values, err := p.get(name)
	if err != nil || p.sample {
		return false, err
	}
	return slices.Equal(values, []string{"True"}) == not, nil
}

// array copies a list. A string that stands for several becomes several elements.
func (p *parameters) array(d *json.Decoder, out *bytes.Buffer) error {
	out.WriteByte('[')
	elements := 0
	for d.More() {
		var value bytes.Buffer
		dropped, err := p.value(d, &value)
		if err != nil {
			return err
		}
		if dropped {
			continue
		}
		text := value.Bytes()
		if text[0] == '[' {
			if text = text[1 : len(text)-1]; len(text) == 0 {
				continue
			}
		}
		if elements > 0 {
			out.WriteByte(',')
		}
		elements++
		out.Write(text)
	}
	out.WriteByte(']')
	_, err := d.Token()
	return err
}

// What one string can become at most: so many strings, since a policy of 2,048 characters has no
// room for more, of so many bytes together.
const (
	maxExpansion      = 2048
	maxExpansionBytes = 64 << 10
)

// expand puts parameters into a string: one result for each combination of the values of
// its lists.
func (p *parameters) expand(text string) ([]string, error) {
	done := []string{""}
	for {
		before, rest, found := strings.Cut(text, "@{")
		name, after, closed := strings.Cut(rest, "}")
		values := []string{""}
		if found {
			if !closed || name == "" {
				return nil, fail(MalformedPolicyDocument, "The parameter in %q has no end or no name.", text)
			}
			var err error
			if values, err = p.get(name); err != nil {
				return nil, err
			}
		}
		if len(done)*len(values) > maxExpansion {
			return nil, fail(LimitExceeded, "Cannot exceed quota for %s: %d", DelegatedPolicySize, maxExpansion)
		}
		next, size := make([]string, 0, len(done)*len(values)), 0
		for _, head := range done {
			for _, v := range values {
				if size += len(head) + len(before) + len(v); size > maxExpansionBytes {
					return nil, fail(LimitExceeded, "Cannot exceed quota for %s: %d", DelegatedPolicySize, maxExpansion)
				}
				next = append(next, head+before+v)
			}
		}
		if done = next; !found {
			return done, nil
		}
		text = after
	}
}
