package smithy_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"pgregory.net/rapid"
)

type values = smithytest.Values

func pattern(expr string) *smithy.Pattern {
	return &smithy.Pattern{Source: expr, Expr: `^(?:` + expr + `)$`}
}

var (
	name = &smithy.Schema{
		Name: "Name", Kind: smithy.KindString, HasMin: true, Min: 1, HasMax: true, Max: 8, Pattern: pattern(`[\w+=,.@-]+`),
	}
	key   = &smithy.Schema{Name: "Key", Kind: smithy.KindString, HasMin: true, Min: 1, HasMax: true, Max: 4}
	color = &smithy.Schema{Name: "Color", Kind: smithy.KindString, Enum: []string{"RED", "GREEN"}}
	tag   = smithytest.Structure("Tag",
		smithy.Member{Name: "Key", Target: key, Required: true},
		smithy.Member{Name: "Value", Target: smithytest.String, Required: true},
	)
	tags     = bounded(smithytest.List("Tags", tag), 1, 2)
	names    = bounded(smithytest.List("Names", name), 1, 3)
	labels   = bounded(smithytest.Map("Labels", color), 0, 2)
	password = &smithy.Schema{Name: "Password", Kind: smithy.KindString, HasMin: true, Min: 8, Sensitive: true}
	choice   = union(smithytest.Structure("Choice",
		smithy.Member{Name: "A", Target: smithytest.String}, smithy.Member{Name: "B", Target: smithytest.String}))

	input = smithytest.Structure("Input",
		smithy.Member{Name: "UserName", WireName: "user", Target: name, Required: true},
		smithy.Member{Name: "MaxItems", Target: &smithy.Schema{Name: "Max", Kind: smithy.KindInteger, HasMin: true, Min: 1, HasMax: true, Max: 1000}},
		smithy.Member{Name: "Ratio", Target: &smithy.Schema{Name: "Ratio", Kind: smithy.KindDouble, HasMin: true, Min: 0.5}},
		smithy.Member{Name: "Color", Target: color},
		smithy.Member{Name: "Tags", Target: tags},
		smithy.Member{Name: "Names", Target: names},
		smithy.Member{Name: "Labels", Target: labels},
		smithy.Member{Name: "Password", Target: password},
		smithy.Member{Name: "SAMLDocument", Target: &smithy.Schema{Name: "Doc", Kind: smithy.KindBlob, HasMax: true, Max: 3}},
		smithy.Member{Name: "Choice", Target: choice},
		smithy.Member{Name: "Grid", Target: smithytest.List("Grid", smithytest.List("Row", color))},
		smithy.Member{Name: "TagsByName", Target: keyed(smithytest.Map("TagsByName", tag), key)},
		smithy.Member{Name: "Passwords", Target: smithytest.List("Passwords", password)},
		smithy.Member{Name: "When", Target: smithytest.Timestamp},
		smithy.Member{Name: "Flags", Target: bounded(smithytest.List("Flags", smithytest.Boolean), 2, 2)},
		smithy.Member{Name: "Last", Target: smithytest.Structure("Last",
			smithy.Member{Name: "First", Target: smithytest.String, Required: true},
			smithy.Member{Name: "Second", Target: smithytest.String, Required: true})},
	)
)

func bounded(s *smithy.Schema, low, high float64) *smithy.Schema {
	s.HasMin, s.Min, s.HasMax, s.Max = true, low, true, high
	return s
}

func union(s *smithy.Schema) *smithy.Schema {
	s.Union = true
	return s
}

func keyed(s *smithy.Schema, k *smithy.Schema) *smithy.Schema {
	s.Key.Target = k
	return s
}

func TestValidate(t *testing.T) {
	const failed = " failed to satisfy constraint: "
	const nameRules = "[Member must have length less than or equal to 8, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\\w+=,.@-]+]"
	tests := []struct {
		name string
		in   values
		want []string
	}{
		{"nothing wrong", values{
			"UserName": "bob", "MaxItems": int64(1000), "Ratio": 0.5, "Color": "RED",
			"Tags":  []any{values{"Key": "k", "Value": ""}},
			"Names": []any{"a", "b"}, "Labels": values{"x": "GREEN"}, "Password": "12345678", "SAMLDocument": []byte("abc"),
			"Choice": values{"B": ""}, "Grid": []any{[]any{"RED"}, []any{}}, "TagsByName": values{"k": values{"Key": "k", "Value": ""}},
			"When": time.Unix(0, 0), "Flags": []any{true, false}, "Last": values{"First": "", "Second": ""},
		}, nil},
		{"a missing member", values{}, []string{"Value null at 'userName'" + failed + "Member must not be null"}},
		{"a pattern", values{"UserName": "a b"}, []string{"Value 'a b' at 'userName'" + failed + `Member must satisfy regular expression pattern: [\w+=,.@-]+`}},
		{"too long", values{"UserName": "abcdefghi"}, []string{"Value 'abcdefghi' at 'userName'" + failed + "Member must have length less than or equal to 8"}},
		{"pattern and length", values{"UserName": ""}, []string{
			"Value '' at 'userName'" + failed + `Member must satisfy regular expression pattern: [\w+=,.@-]+`,
			"Value '' at 'userName'" + failed + "Member must have length greater than or equal to 1",
		}},
		{"length counts characters", values{"UserName": "bob", "TagsByName": values{"ééé😀": values{"Key": "ééé😀", "Value": ""}}}, nil},
		{"numbers", values{"UserName": "b", "MaxItems": int64(0), "Ratio": 0.25}, []string{
			"Value '0' at 'maxItems'" + failed + "Member must have value greater than or equal to 1",
			"Value '0.25' at 'ratio'" + failed + "Member must have value greater than or equal to 0.5",
		}},
		{"too large", values{"UserName": "b", "MaxItems": int64(1001)}, []string{"Value '1001' at 'maxItems'" + failed + "Member must have value less than or equal to 1000"}},
		{"an enumeration", values{"UserName": "b", "Color": "red"}, []string{"Value 'red' at 'color'" + failed + "Member must satisfy enum value set: [RED, GREEN]"}},
		{"members of structures in a list", values{"UserName": "b", "Tags": []any{values{"Key": "k", "Value": "v"}, values{"Key": ""}}}, []string{
			"Value '' at 'tags.2.member.key'" + failed + "Member must have length greater than or equal to 1",
			"Value null at 'tags.2.member.value'" + failed + "Member must not be null",
		}},
		{"too many structures", values{"UserName": "b", "Tags": []any{values{"Key": "a", "Value": ""}, values{"Key": "b", "Value": ""}, values{"Key": "c", "Value": ""}}}, []string{
			"Value at 'tags'" + failed + "Member must have length less than or equal to 2",
		}},
		{"too few structures", values{"UserName": "b", "Tags": []any{}}, []string{"Value '[]' at 'tags'" + failed + "Member must have length greater than or equal to 1"}},
		{"scalars in a list", values{"UserName": "b", "Names": []any{"ok", "a b", ""}}, []string{
			"Value '[ok, a b, ]' at 'names'" + failed + "Member must satisfy constraint: " + nameRules,
		}},
		{"too many scalars, one of them wrong", values{"UserName": "b", "Names": []any{"a", "b", "c", "d e"}}, []string{
			"Value '[a, b, c, d e]' at 'names'" + failed + "Member must have length less than or equal to 3",
			"Value '[a, b, c, d e]' at 'names'" + failed + "Member must satisfy constraint: " + nameRules,
		}},
		{"values of a map", values{"UserName": "b", "Labels": values{"x": "RED", "y": "BLUE"}}, []string{
			"Value '{x=RED, y=BLUE}' at 'labels'" + failed + "Map value must satisfy constraint: [Member must satisfy enum value set: [RED, GREEN]]",
		}},
		{"too many entries", values{"UserName": "b", "Labels": values{"x": "RED", "y": "RED", "z": "RED"}}, []string{
			"Value '{x=RED, y=RED, z=RED}' at 'labels'" + failed + "Member must have length less than or equal to 2",
		}},
		{"keys and structures of a map", values{"UserName": "b", "TagsByName": values{"key-5": values{"Key": "k"}}}, []string{
			"Value null at 'tagsByName.key-5.member.value'" + failed + "Member must not be null",
			"Value at 'tagsByName'" + failed + "Map keys must satisfy constraint: [Member must have length less than or equal to 4, Member must have length greater than or equal to 1]",
		}},
		{"sensitive values are not repeated", values{"UserName": "b", "Password": "1234567"}, []string{"Value at 'password'" + failed + "Member must have length greater than or equal to 8"}},
		{"sensitive values in a list", values{"UserName": "b", "Passwords": []any{"1234567"}}, []string{"Value at 'passwords'" + failed + "Member must satisfy constraint: [Member must have length greater than or equal to 8]"}},
		{"only the first letter is lowered", values{"UserName": "b", "SAMLDocument": []byte("abcd")}, []string{"Value at 'sAMLDocument'" + failed + "Member must have length less than or equal to 3"}},
		{"an empty union", values{"UserName": "b", "Choice": values{}}, []string{"Value at 'choice'" + failed + "Exactly one member of the union must be set"}},
		{"two members of a union", values{"UserName": "b", "Choice": values{"A": "", "B": ""}}, []string{"Value at 'choice'" + failed + "Exactly one member of the union must be set"}},
		{"lists in a list", values{"UserName": "b", "Grid": []any{[]any{"RED"}, []any{"RED", "BLUE"}}}, []string{
			"Value '[RED, BLUE]' at 'grid.2.member'" + failed + "Member must satisfy constraint: [Member must satisfy enum value set: [RED, GREEN]]",
		}},
		{"booleans in a list", values{"UserName": "b", "Flags": []any{true}}, []string{"Value '[true]' at 'flags'" + failed + "Member must have length greater than or equal to 2"}},
		{"a nested structure", values{"UserName": "b", "Last": values{"Second": ""}}, []string{"Value null at 'last.first'" + failed + "Member must not be null"}},
		{"an empty nested structure", values{"UserName": "b", "Last": values{}}, []string{
			"Value null at 'last.first'" + failed + "Member must not be null", "Value null at 'last.second'" + failed + "Member must not be null",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, v := range smithy.Validate(&smithytest.Record{Of: input, Values: tt.in}) {
				got = append(got, v.String())
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestMessage(t *testing.T) {
	one := smithy.Validate(&smithytest.Record{Of: input, Values: values{"UserName": "a b"}})
	want := `1 validation error detected: Value 'a b' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`
	if got := smithy.Message(one); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	two := smithy.Validate(&smithytest.Record{Of: input, Values: values{"MaxItems": int64(0)}})
	want = `2 validation errors detected: Value null at 'userName' failed to satisfy constraint: Member must not be null; ` +
		`Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1`
	if got := smithy.Message(two); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestValidateBoundsWhatItSays(t *testing.T) {
	var many []any
	for range 5000 {
		many = append(many, values{})
	}
	vs := smithy.Validate(&smithytest.Record{Of: input, Values: values{"UserName": strings.Repeat("é ", 100000), "Tags": many}})
	if len(vs) != 100 {
		t.Errorf("%d violations, want 100", len(vs))
	}
	if m := smithy.Message(vs); len(m) > 20000 || strings.ToValidUTF8(m, "?") != m {
		t.Errorf("a message of %d bytes", len(m))
	}
	vs = smithy.Validate(&smithytest.Record{Of: input, Values: values{"UserName": "b", "Names": []any{strings.Repeat("x", 100000), "b"}}})
	if m := smithy.Message(vs); len(m) > 2000 {
		t.Errorf("a message of %d bytes", len(m))
	}
}

// TestValidateKeepsWithinLimits checks random names against the constraints said directly.
func TestValidateKeepsWithinLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("ab_- é")), 0, 12, -1).Draw(t, "name")
		n := len([]rune(s))
		wrong := 0
		if n == 0 || strings.ContainsAny(s, " é") {
			wrong++
		}
		if n < 1 || n > 8 {
			wrong++
		}
		if got := smithy.Validate(&smithytest.Record{Of: input, Values: values{"UserName": s}}); len(got) != wrong {
			t.Fatalf("%q: %v, want %d violations", s, got, wrong)
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	in := &smithytest.Record{Of: input, Values: values{
		"UserName": "bob", "MaxItems": int64(1000), "Color": "RED", "Tags": []any{values{"Key": "k", "Value": ""}}, "Names": []any{"a", "b"},
	}}
	b.ReportAllocs()
	for b.Loop() {
		if smithy.Validate(in) != nil {
			b.Fatal("violations")
		}
	}
}
