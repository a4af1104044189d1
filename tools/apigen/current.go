package main

import (
	"fmt"
	"slices"
	"strings"
)

// applyCurrent lays what dump.mjs printed over the base tree: new operations, structures,
// members, enumeration values and errors, and what is required today. Where both know a
// member the base keeps its target, because only the base has constraints.
func applyCurrent(tree, dump *object) error {
	c := &current{
		query: text(tree.child("metadata"), "protocol") == "query",
		json:  text(tree.child("metadata"), "protocol") == "json",
		base:  tree.child("shapes"), dump: dump.child("shapes"),
	}
	c.enumerations(dump.child("enums"))
	for _, name := range c.dump.keys {
		if err := c.shape(name, c.dump.child(name)); err != nil {
			return fmt.Errorf("shape %s: %w", name, err)
		}
	}
	ops, now := tree.child("operations"), dump.child("operations")
	for _, name := range slices.Clone(ops.keys) {
		if now.child(name) == nil {
			ops.drop(name)
		}
	}
	for _, name := range now.keys {
		c.operation(ops, name, now.child(name))
	}
	return nil
}

// current holds the shapes of both layers.
type current struct {
	query, json bool
	base, dump  *object
}

// plain gives the shape of a target that has no name in the current layer.
var plain = map[string][2]string{
	"string":    {"PlainString", "string"},
	"number":    {"PlainInteger", "integer"},
	"long":      {"PlainLong", "long"},
	"boolean":   {"PlainBoolean", "boolean"},
	"blob":      {"PlainBlob", "blob"},
	"timestamp": {"PlainTimestamp", "timestamp"},
}

// ref returns the reference that the current layer gives, with a shape in any case.
func (c *current) ref(ref *object) (*object, error) {
	out := newObject()
	for _, key := range ref.keys {
		if key != "kind" && key != "of" {
			out.set(key, ref.values[key])
		}
	}
	if ref.get("shape") != nil {
		return out, nil
	}
	name, err := c.plainShape(ref)
	if err != nil {
		return nil, err
	}
	out.set("shape", name)
	return out, nil
}

// plainShape makes sure that the shape of a nameless target exists and returns its name.
func (c *current) plainShape(ref *object) (string, error) {
	kind := text(ref, "kind")
	if kind != "list" && kind != "map" {
		p, ok := plain[kind]
		if !ok {
			return "", fmt.Errorf("unknown kind %q", kind)
		}
		if c.base.get(p[0]) == nil {
			c.base.set(p[0], tree("type", p[1]))
		}
		return p[0], nil
	}
	element, err := c.plainShape(ref.child("of"))
	if err != nil {
		return "", err
	}
	name := element + exported(kind)
	if c.base.get(name) != nil {
		return name, nil
	}
	if kind == "list" {
		c.base.set(name, tree("type", kind, "member", tree("shape", element)))
		return name, nil
	}
	key, err := c.plainShape(tree("kind", "string"))
	if err != nil {
		return "", err
	}
	c.base.set(name, tree("type", kind, "key", tree("shape", key), "value", tree("shape", element)))
	return name, nil
}

// kind is the type that a reference of the current layer leads to.
func (c *current) kind(ref *object) string {
	if name := text(ref, "shape"); name != "" {
		return text(c.dump.child(name), "type")
	}
	return text(ref, "kind")
}

func (c *current) shape(name string, now *object) error {
	old := c.base.child(name)
	if old == nil {
		old = tree("type", now.get("type"))
		if text(now, "type") == "structure" {
			old.set("members", newObject())
		}
		c.base.set(name, old)
	}
	for _, key := range []string{"sensitive", "union", "fault", "exception", "flattened"} {
		if v := now.get(key); v != nil {
			old.set(key, v)
		}
	}
	switch text(now, "type") {
	case "structure":
		return c.structure(old, now)
	case "list":
		return c.refs(old, now, "member")
	case "map":
		return c.refs(old, now, "key", "value")
	case "number":
		if text(old, "type") == "number" {
			old.set("type", "integer")
		}
	}
	return nil
}

// refs sets the references of a list or map that the base does not have.
func (c *current) refs(old, now *object, keys ...string) error {
	for _, key := range keys {
		if old.get(key) != nil {
			continue
		}
		ref, err := c.ref(now.child(key))
		if err != nil {
			return err
		}
		old.set(key, ref)
	}
	return nil
}

func (c *current) structure(old, now *object) error {
	if now.get("payload") != nil {
		old.set("payload", now.get("payload"))
	}
	old.set("required", now.get("required"))
	members, nowMembers := old.child("members"), now.child("members")
	for _, name := range nowMembers.keys {
		ref := nowMembers.child(name)
		if member := members.child(name); member != nil {
			was, is := text(c.base.child(text(member, "shape")), "type"), c.kind(ref)
			if was != is && (is != "number" || !slices.Contains([]string{"integer", "long", "float", "double"}, was)) {
				return fmt.Errorf("member %s was a %s and is a %s", name, was, is)
			}
			continue
		}
		full, err := c.ref(ref)
		if err != nil {
			return fmt.Errorf("member %s: %w", name, err)
		}
		members.set(name, full)
	}
	c.errorTrait(old, now.child("error"))
	return nil
}

// errorTrait takes over code and status. Services that speak awsJson answer errors with
// 400 and faults with 500, as their API references and their real answers say, whatever
// status the current model carries for code generators.
func (c *current) errorTrait(old, now *object) {
	if now == nil || c.json {
		return
	}
	trait := old.child("error")
	if trait == nil {
		trait = newObject()
		old.set("error", trait)
	}
	if c.query && now.get("code") != nil {
		trait.set("code", now.get("code"))
	}
	trait.set("httpStatusCode", now.get("httpStatusCode"))
}

// enumerations adds values to the enumerations of the base, and new enumerations. Their
// names begin with a capital here, whatever the model says.
func (c *current) enumerations(enums *object) {
	for _, name := range enums.keys {
		shape := c.base.child(name)
		if shape == nil {
			shape = c.base.child(strings.ToLower(name[:1]) + name[1:])
		}
		if shape == nil {
			shape = tree("type", "string")
			c.base.set(name, shape)
		}
		values, _ := shape.get("enum").([]any)
		for _, v := range enums.values[name].([]any) {
			if !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
		shape.set("enum", values)
	}
}

func (c *current) operation(ops *object, name string, now *object) {
	old := ops.child(name)
	if old == nil {
		old = tree("name", name, "http", tree("method", "POST", "requestUri", "/"))
		if now.child("http") != nil {
			old.set("http", now.child("http"))
		}
		for _, key := range []string{"input", "output", "authtype"} {
			if v := now.get(key); v != nil {
				old.set(key, v)
			}
		}
		ops.set(name, old)
	}
	old.set("errors", now.get("errors"))
}

// tree makes an object of keys and values in turn.
func tree(pairs ...any) *object {
	o := newObject()
	for i := 0; i < len(pairs); i += 2 {
		o.set(pairs[i].(string), pairs[i+1])
	}
	return o
}
