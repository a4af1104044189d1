package management

import (
	"slices"
	"strconv"
)

// Attached is a policy at a level of an account's path.
type Attached struct {
	PolicyID string
	Document *Document
}

// Effective is what the policies that an account inherits come to.
type Effective struct {
	typ  *Type
	root *entry
}

// entry is a key of an effective policy.
type entry struct {
	// key is in lower case.
	key      string
	children []*entry
	// byKey finds children while policies are merged.
	byKey map[string]*entry
	// allowed is what policies of the levels below may do here.
	allowed operators
	// set is true if the key is a setting that has a value; emptied if @@remove has taken the
	// last one.
	set, emptied bool
	value        value
	// from are the ids of the policies that the value comes from, in ascending order.
	from []string
}

// part is what one policy says of an entry.
type part struct {
	policyID string
	node     *node
}

// Merge computes an effective policy: levels go from the root down to the account, the
// policies of each in the order in which they were attached.
func (t *Type) Merge(levels [][]Attached) *Effective {
	e := &Effective{typ: t, root: &entry{allowed: allOperators}}
	for _, level := range levels {
		parts := make([]part, 0, len(level))
		for _, a := range level {
			parts = append(parts, part{a.PolicyID, a.Document.root})
		}
		e.root.merge(parts)
	}
	return e
}

// merge applies what the policies of one level say.
func (e *entry) merge(parts []part) {
	e.setValue(parts)
	e.addKeys(parts)
	for _, p := range parts {
		if p.node.controls {
			e.allowed &= p.node.allowed
		}
	}
}

// setValue applies the value-setting operators: the first assignment, then all additions,
// then all removals.
func (e *entry) setValue(parts []part) {
	may := func(p part, op operators) bool { return p.node.set.has(op) && e.allowed.has(op) }
	if i := slices.IndexFunc(parts, func(p part) bool { return may(p, assigning) }); i >= 0 {
		e.set, e.emptied, e.from = true, false, nil
		e.value = value{list: parts[i].node.assigned.list, items: distinct(parts[i].node.assigned.items)}
		e.contribute(parts[i].policyID)
	}
	for _, p := range parts {
		if may(p, appending) && (!e.set || e.value.list) {
			e.set, e.emptied, e.value.list = true, false, true
			e.value.items = distinct(append(e.value.items[:len(e.value.items):len(e.value.items)], p.node.added.items...))
			e.contribute(p.policyID)
		}
	}
	for _, p := range parts {
		if may(p, removing) && e.set && e.value.list {
			e.take(p)
		}
	}
}

// take removes values from a list.
func (e *entry) take(p part) {
	left := make([]scalar, 0, len(e.value.items))
	for _, item := range e.value.items {
		if !slices.Contains(p.node.remove.items, item) {
			left = append(left, item)
		}
	}
	if len(left) == len(e.value.items) {
		return
	}
	e.value.items, e.emptied = left, len(left) == 0
	e.contribute(p.policyID)
}

// distinct drops repetitions.
func distinct(items []scalar) []scalar {
	out := make([]scalar, 0, len(items))
	seen := make(map[scalar]bool, len(items))
	for _, item := range items {
		if !seen[item] {
			out = append(out, item)
			seen[item] = true
		}
	}
	return out
}

func (e *entry) contribute(policyID string) {
	if i, found := slices.BinarySearch(e.from, policyID); !found {
		e.from = slices.Insert(e.from, i, policyID)
	}
}

// addKeys applies what stands below the key. New keys need permission from the levels above.
func (e *entry) addKeys(parts []part) {
	below := make(map[string][]part)
	for _, p := range parts {
		for _, n := range p.node.children {
			if below[n.key] == nil && e.child(n.key) == nil {
				if !e.allowed.adds() {
					continue
				}
				e.add(&entry{key: n.key, allowed: allOperators})
			}
			below[n.key] = append(below[n.key], part{p.policyID, n})
		}
	}
	for _, c := range e.children {
		if found := below[c.key]; found != nil {
			c.merge(found)
		}
	}
}

func (e *entry) add(c *entry) {
	if e.byKey == nil {
		e.byKey = make(map[string]*entry)
	}
	e.children, e.byKey[c.key] = append(e.children, c), c
}

// child returns the entry of a key; it can be asked of nil.
func (e *entry) child(key string) *entry {
	if e == nil {
		return nil
	}
	if e.byKey != nil {
		return e.byKey[key]
	}
	i := slices.IndexFunc(e.children, func(c *entry) bool { return c.key == key })
	if i < 0 {
		return nil
	}
	return e.children[i]
}

// text is the value of a single-valued setting, empty if there is none.
func (e *entry) text() string {
	if e == nil || !e.set || e.value.list || len(e.value.items) == 0 {
		return ""
	}
	return e.value.items[0].text
}

// number is the value of a single-valued setting that is a number.
func (e *entry) number() (int, bool) {
	n, err := strconv.Atoi(e.text())
	return n, err == nil
}

// policies are the ids of all policies that the entry and what is below it come from, in
// ascending order.
func (e *entry) policies() []string {
	all := slices.Clone(e.from)
	for _, c := range e.children {
		all = append(all, c.policies()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
