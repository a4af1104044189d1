package main

import (
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v4"
)

// jsonOfFile returns the JSON of a JSON or YAML text. YAML takes numbers, times and dates for
// themselves where JSON has text (the version of a policy, an account id), so that only what
// has to be a number or a boolean stays one.
func jsonOfFile(text []byte) ([]byte, error) {
	if json.Valid(text) {
		return text, nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, fmt.Errorf("the file is empty")
	}
	value, err := jsonOfNode(doc.Content[0], "", 0)
	if err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

// maxFileDepth bounds how deep a file is nested.
const maxFileDepth = 64

// member is one member of an object: JSON objects of policies keep their order.
type member struct {
	name  string
	value any
}

type object []member

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// jsonOfNode turns a node into what JSON has; name is that of the member it is the value of.
func jsonOfNode(n *yaml.Node, name string, depth int) (any, error) {
	if depth > maxFileDepth {
		return nil, fmt.Errorf("line %d: nested too deep", n.Line)
	}
	switch n.Kind {
	case yaml.MappingNode:
		out := object{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			value, err := jsonOfNode(n.Content[i+1], n.Content[i].Value, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, member{n.Content[i].Value, value})
		}
		return out, nil
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			value, err := jsonOfNode(item, name, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, value)
		}
		return out, nil
	case yaml.ScalarNode:
		return jsonOfScalar(n, name), nil
	default:
		return nil, fmt.Errorf("line %d: aliases are not understood here", n.Line)
	}
}

func jsonOfScalar(n *yaml.Node, name string) any {
	switch tag := n.ShortTag(); {
	case tag == "!!null":
		return nil
	case tag == "!!bool" && (name == "prune" || name == "dryRun"):
		return n.Value == "true"
	case tag == "!!int" && name == "version":
		return json.Number(n.Value)
	default:
		return n.Value
	}
}
