package iam

import (
	"encoding/json"
	"testing"
)

// Whatever document the parser takes, replacing touches the principals and nothing else.
func FuzzReplacePrincipals(f *testing.F) {
	for _, doc := range []string{
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["a","b\"\\"],"Service":"a"},"Action":"sts:AssumeRole"}}`,
		`{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":"\u0061"},"Action":"a:b","Condition":{"StringEquals":{"Principal":"a"}}}]}`,
		"{\n \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"a:*\"}]\n}",
	} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		refs, err := principalsOf(doc)
		if err != nil {
			return
		}
		if same, err := replacePrincipals(doc, nil); err != nil || same != doc {
			t.Fatalf("nothing to replace: got %q, %v", same, err)
		}
		names := map[string]string{}
		for _, r := range refs {
			names[r.Text] = "AIDAREPLACED"
		}
		got, err := replacePrincipals(doc, names)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid([]byte(got)) {
			t.Fatalf("%q became %q", doc, got)
		}
		after, err := principalsOf(got)
		if err != nil || len(after) != len(refs) {
			t.Fatalf("%d principals became %d (%v): %q", len(refs), len(after), err, got)
		}
		for i := range after {
			want := refs[i].Text
			if refs[i].Class == "AWS" {
				want = "AIDAREPLACED"
			}
			if after[i].Text != want {
				t.Errorf("principal %d became %q: %q", i, after[i].Text, got)
			}
		}
	})
}
