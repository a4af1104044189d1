package main

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// object is a JSON object that remembers the order of its keys: the order of a
// structure's members is part of a model.
type object struct {
	keys   []string
	values map[string]any
}

func newObject() *object { return &object{values: map[string]any{}} }

// get returns the value of key, or nil.
func (o *object) get(key string) any {
	if o == nil {
		return nil
	}
	return o.values[key]
}

// child returns the object at key, or nil.
func (o *object) child(key string) *object {
	c, _ := o.get(key).(*object)
	return c
}

// set puts value at key; a new key goes to the end.
func (o *object) set(key string, value any) {
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

// drop removes key.
func (o *object) drop(key string) {
	if _, ok := o.values[key]; !ok {
		return
	}
	delete(o.values, key)
	for i, k := range o.keys {
		if k == key {
			o.keys = append(o.keys[:i:i], o.keys[i+1:]...)
			return
		}
	}
}

// parseTree reads a JSON document: objects become *object, arrays []any, numbers
// json.Number.
func parseTree(text []byte) (*object, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	v, err := parseValue(dec)
	if err != nil {
		return nil, err
	}
	o, ok := v.(*object)
	if !ok {
		return nil, fmt.Errorf("the document is not an object")
	}
	return o, nil
}

func parseValue(dec *json.Decoder) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		o := newObject()
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := parseValue(dec)
			if err != nil {
				return nil, err
			}
			o.set(key.(string), v)
		}
		_, err = dec.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := parseValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = dec.Token()
		return list, err
	default:
		return tok, nil
	}
}

// overlay lays over upon base: objects are merged, null removes, everything else
// replaces. The base is changed and returned.
func overlay(base, over *object) *object {
	for _, key := range over.keys {
		switch v := over.values[key].(type) {
		case nil:
			base.drop(key)
		case *object:
			if b := base.child(key); b != nil {
				overlay(b, v)
			} else {
				base.set(key, overlay(newObject(), v))
			}
		default:
			base.set(key, v)
		}
	}
	return base
}
