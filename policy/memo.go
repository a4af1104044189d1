package policy

import (
	"slices"
	"sync/atomic"
)

// memoSlots is how many actions a policy remembers; a power of two.
const memoSlots = 64

// actionMemo remembers which statements of a policy are about an action. Requests ask for
// few actions again and again, so that even a policy full of wildcards is searched once
// for each. It is bounded: an action that falls on the slot of another replaces it.
type actionMemo struct {
	slots atomic.Pointer[[memoSlots]atomic.Pointer[memoEntry]]
}

// memoEntry is immutable.
type memoEntry struct {
	action     string // lower case
	statements []uint16
}

// about returns the numbers of the statements whose Action or NotAction element matches,
// and of those that are opaque, ascending. The caller must not change them.
func (p *Policy) about(k *actionKey, action string) []uint16 {
	slots := p.memo.slots.Load()
	if slots == nil {
		p.memo.slots.CompareAndSwap(nil, new([memoSlots]atomic.Pointer[memoEntry]))
		slots = p.memo.slots.Load()
	}
	slot := &slots[k.exact%memoSlots]
	if e := slot.Load(); e != nil && len(e.action) == k.length && k.equals(e.action, k.length) {
		return e.statements
	}
	e := &memoEntry{action: lowerText(action)}
	for _, list := range p.index.find(k) {
		for _, n := range list {
			if s := &p.statements[n]; s.opaque || s.matchesAction(e.action) {
				e.statements = append(e.statements, n)
			}
		}
	}
	slices.Sort(e.statements)
	e.statements = slices.Compact(e.statements)
	slot.Store(e)
	return e.statements
}
