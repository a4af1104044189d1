package main

import (
	"strings"
	"testing"
)

func TestOverlay(t *testing.T) {
	src := sample()
	if err := overlay(src, []addition{{prefix: "x", key: "detachthing", name: "DetachThing", like: "attachthing"}}); err != nil {
		t.Fatal(err)
	}
	text, err := section(src.services[0])
	if err != nil {
		t.Fatal(err)
	}
	if want := "a\tDetachThing\tP\t0\t0*:1\n"; !strings.Contains(string(text), want) {
		t.Errorf("the section lacks %q:\n%s", want, text)
	}
	for name, a := range map[string]addition{
		"an unknown service":        {prefix: "y", key: "new", name: "New", like: "getthing"},
		"an unknown model":          {prefix: "x", key: "new", name: "New", like: "strange"},
		"an action that is there":   {prefix: "x", key: "getthing", name: "GetThing", like: "listthings"},
		"what was just put over it": {prefix: "x", key: "detachthing", name: "DetachThing", like: "attachthing"},
	} {
		if err := overlay(src, []addition{a}); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
