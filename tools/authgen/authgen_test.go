package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func sample() *source {
	act := func(name, level string) action { return action{Name: name, AccessLevel: level} }
	attach := act("AttachThing", "Permissions management, Write")
	attach.ConditionKeys = []string{"x:Kind"}
	attach.ResourceTypes = []actionResource{{Name: "thing", Required: true, ConditionKeys: []string{"x:ResourceTag/tag-key"}}}
	return &source{version: "1.2.3", updated: "2026-01-02", services: []service{{
		prefix: "x", name: "Service X", rcp: true,
		keys: map[string]conditionKey{
			"x:kind":                {Key: "x:Kind", Type: "ArrayOfString"},
			"x:resourcetag/tag-key": {Key: "x:ResourceTag/tag-key", Type: "String"},
		},
		resources: map[string]resourceType{"thing": {Key: "thing", ARN: "arn:${Partition}:x:::thing/${Id}"}},
		actions: map[string]action{
			"attachthing":     attach,
			"describething":   act("DescribeThing", "Read"),
			"describeaccount": act("DescribeAccount", "List"),
			"getthing":        act("GetThing", "Read"),
			"getthingtoken":   act("GetThingToken", "Read"),
			"getthingpolicy":  act("GetThingPolicy", "Read"),
			"invokething":     act("InvokeThing", "Read"),
			"listthings":      act("ListThings", "List"),
			"tagthing":        act("TagThing", "Tagging, Write"),
		},
	}}}
}

func TestSection(t *testing.T) {
	text, err := section(sample().services[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"k\tS\tx:Kind", "k\ts\tx:ResourceTag/${TagKey}", "r\tthing\tarn:${Partition}:x:::thing/${Id}\t",
		"a\tAttachThing\tP\t0\t0*:1", "a\tTagThing\tT\t", "a\tListThings\tL\t",
	} {
		if !strings.Contains(string(text), line+"\n") {
			t.Errorf("the section lacks %q:\n%s", line, text)
		}
	}
}

func TestUnknownFactsAreRefused(t *testing.T) {
	for name, damage := range map[string]func(*service){
		"access level": func(s *service) { s.actions["new"] = action{Name: "New", AccessLevel: "Strange"} },
		"key type":     func(s *service) { s.keys["x:new"] = conditionKey{Key: "x:New", Type: "Strange"} },
		"resource type": func(s *service) {
			s.actions["new"] = action{Name: "New", AccessLevel: "Read", ResourceTypes: []actionResource{{Name: "strange"}}}
		},
		"condition key": func(s *service) {
			s.actions["new"] = action{Name: "New", AccessLevel: "Read", ConditionKeys: []string{"x:Strange"}}
		},
	} {
		src := sample()
		damage(&src.services[0])
		if _, err := encode(src); err == nil {
			t.Errorf("an unknown %s was accepted", name)
		}
	}
}

func TestOutputIsTheSameEveryTime(t *testing.T) {
	first, err := encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := encode(sample())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, again) || !bytes.Equal(builtText(sample()), builtText(sample())) {
			t.Fatal("two runs differ")
		}
	}
}

func TestSelections(t *testing.T) {
	s := sample().services[0]
	for _, tt := range []struct {
		name string
		has  func(string, action) bool
		want []string
	}{
		{"view", viewable, []string{"Describe*", "ListThings"}},
		{"audit", auditable, []string{"Describe*", "GetThingPolicy", "ListThings"}},
		{"read", readable, []string{"Describe*", "GetThing", "GetThingPolicy", "ListThings"}},
	} {
		if got := patterns(s, tt.has); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestVerb(t *testing.T) {
	for name, want := range map[string]string{
		"GetObject": "Get", "BatchGetItem": "Get", "AdminListUsers": "List", "Scan": "Scan", "GET": "GET", "": "", "Batch": "Batch",
	} {
		if got := verb(name); got != want {
			t.Errorf("verb(%q) = %q, want %q", name, got, want)
		}
	}
}
