package management_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bailiwick/bailiwick/policy/management"
)

// drawPolicy draws a document with few keys, so that policies meet at the same settings.
func drawPolicy(t *rapid.T, label string, keys []string) string {
	policy := map[string]any{}
	for _, key := range keys {
		if rapid.Bool().Draw(t, label+" has "+key) {
			policy[key] = drawKey(t, label+"/"+key)
		}
	}
	if rapid.IntRange(0, 3).Draw(t, label+" controls") == 0 {
		policy["@@operators_allowed_for_child_policies"] = drawControl(t, label)
	}
	text, err := json.Marshal(map[string]any{"tags": policy})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func drawKey(t *rapid.T, label string) map[string]any {
	values := rapid.SliceOfN(rapid.SampledFrom([]string{"u", "v", "w", "x"}), 0, 3)
	setting := map[string]any{}
	for _, op := range []string{"@@assign", "@@append", "@@remove"} {
		if rapid.IntRange(0, 2).Draw(t, label+" "+op) == 0 {
			setting[op] = values.Draw(t, label+" values of "+op)
		}
	}
	if len(setting) == 0 || rapid.Bool().Draw(t, label+" locks") {
		setting["@@operators_allowed_for_child_policies"] = drawControl(t, label)
	}
	return map[string]any{"tag_value": setting}
}

func drawControl(t *rapid.T, label string) []string {
	return rapid.SampledFrom([][]string{{"@@all"}, {"@@none"}, {"@@assign"}, {"@@append"}, {"@@append", "@@remove"}}).Draw(t, label+" control")
}

// tree is the texts of the policies of each level.
type tree [][]string

func drawTree(t *rapid.T, keys ...string) tree {
	levels := make(tree, rapid.IntRange(1, 4).Draw(t, "levels"))
	for i := range levels {
		for j := range rapid.IntRange(0, 3).Draw(t, fmt.Sprint("policies at ", i)) {
			levels[i] = append(levels[i], drawPolicy(t, fmt.Sprint("p-", i, j), keys))
		}
	}
	return levels
}

// merge returns the effective policy of a tree as a map of keys to values.
func (tr tree) merge(t *rapid.T) (text string, tags map[string]any) {
	typ, _ := management.Find(management.TagPolicy)
	levels := make([][]management.Attached, len(tr))
	for i, level := range tr {
		for j, policy := range level {
			d, err := typ.Parse(policy)
			if err != nil {
				t.Fatalf("%v: %s", err, policy)
			}
			levels[i] = append(levels[i], management.Attached{PolicyID: fmt.Sprint("p-", i, j), Document: d})
		}
	}
	e := typ.Merge(levels)
	if problems := e.Validate(); len(problems) > 0 {
		t.Fatalf("problems %v", problems)
	}
	text = e.JSON()
	var out struct{ Tags map[string]any }
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return text, out.Tags
}

// clone copies a tree so that levels can be added to.
func (tr tree) clone() tree {
	out := make(tree, len(tr))
	for i, level := range tr {
		out[i] = append([]string(nil), level...)
	}
	return out
}

func TestMergingIsDeterministicAndShowsNoOperators(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTree(t, "a", "b", "c")
		first, _ := tr.merge(t)
		second, _ := tr.merge(t)
		if first != second {
			t.Fatalf("%s, then %s", first, second)
		}
		if strings.Contains(first, "@@") {
			t.Fatalf("operators in %s", first)
		}
	})
}

// A policy that speaks of other keys changes nothing, wherever it is attached.
func TestUnrelatedPoliciesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTree(t, "a", "b")
		_, before := tr.merge(t)
		with := tr.clone()
		level := rapid.IntRange(0, len(tr)-1).Draw(t, "level of the other")
		other := fmt.Sprintf(`{"tags":{"z":%s}}`, mustJSON(t, drawKey(t, "other")))
		at := rapid.IntRange(0, len(tr[level])).Draw(t, "place of the other")
		with[level] = append(with[level][:at:at], append([]string{other}, with[level][at:]...)...)
		_, after := with.merge(t)
		delete(after, "z")
		if !reflect.DeepEqual(before, after) {
			t.Fatalf("before %v, after %v", before, after)
		}
	})
}

// What a level has locked stays as it is, whatever the levels below say.
func TestLockedKeysStay(t *testing.T) {
	const lock = `{"tags":{"a":{"tag_value":{"@@operators_allowed_for_child_policies":["@@none"]}}}}`
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTree(t, "a", "b")
		level := rapid.IntRange(0, len(tr)-1).Draw(t, "level of the lock")
		above := tr[:level+1].clone()
		_, want := above.merge(t)
		locked := tr.clone()
		locked[level] = append(locked[level], lock)
		// The lock adds its key only where adding is allowed; nothing was there to change then.
		_, got := locked.merge(t)
		if _, there := want["a"]; !there {
			if _, appeared := got["a"]; appeared && !addable(above) {
				t.Fatalf("a appeared below a locked table: %v", got)
			}
			if addable(above) && got["a"] != nil {
				t.Fatalf("a locked key got a value: %v", got)
			}
			return
		}
		if !reflect.DeepEqual(got["a"], want["a"]) {
			t.Fatalf("locked at %v, became %v", want["a"], got["a"])
		}
	})
}

// addable reports whether the levels above the last allow new keys there.
func addable(tr tree) bool {
	for _, level := range tr[:len(tr)-1] {
		for _, policy := range level {
			var p struct {
				Tags struct {
					Control []string `json:"@@operators_allowed_for_child_policies"`
				}
			}
			if json.Unmarshal([]byte(policy), &p) == nil && len(p.Tags.Control) == 1 && p.Tags.Control[0] == "@@none" {
				return false
			}
		}
	}
	return true
}

// Allowing everything allows no more than was allowed before.
func TestLimitsNeverWiden(t *testing.T) {
	const all = `["@@all"]`
	open := fmt.Sprintf(`{"tags":{"@@operators_allowed_for_child_policies":%s,"a":{"tag_value":{"@@operators_allowed_for_child_policies":%[1]s}}}}`, all)
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTree(t, "a", "b")
		_, before := tr.merge(t)
		with := tr.clone()
		level := rapid.IntRange(0, len(tr)-1).Draw(t, "level")
		with[level] = append(with[level], open)
		_, after := with.merge(t)
		// The policy brings the key itself, below which a locked table would not let others.
		if _, there := before["a"]; !there {
			delete(after, "a")
		}
		if !reflect.DeepEqual(before, after) {
			t.Fatalf("before %v, after %v", before, after)
		}
	})
}

func mustJSON(t *rapid.T, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Parsing never panics, and what a type accepts can be read, merged and checked again.
func FuzzParse(f *testing.F) {
	names := management.Names()
	for i, name := range names {
		for _, text := range accepted[name] {
			f.Add(uint8(i), text, `{"tags":{"a":{"tag_key":{"@@assign":"a"}}}}`)
			f.Add(uint8(i), text, text)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, text, below string) {
		typ, _ := management.Find(names[int(which)%len(names)])
		if _, err := typ.Parse(text); err == nil {
			if _, err := management.Read(text); err != nil {
				t.Fatalf("accepted, but cannot be read: %v", err)
			}
		}
		first, err := management.Read(text)
		second, err2 := management.Read(below)
		if err != nil || err2 != nil {
			return
		}
		e := typ.Merge([][]management.Attached{{{PolicyID: "p-1", Document: first}}, {{PolicyID: "p-2", Document: second}}})
		e.Validate()
		if !json.Valid([]byte(e.JSON())) {
			t.Fatalf("not JSON: %s", e.JSON())
		}
	})
}
