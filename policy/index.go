package policy

import "strings"

// maxActionLen is the length of an action up to which it is looked up without memory
// being allocated.
const maxActionLen = 128

// actionKey is the action of a request in lower case, with the hashes by which the index
// of every policy is asked.
type actionKey struct {
	buf     [maxActionLen]byte
	long    string // in place of buf, for actions that do not fit
	length  int
	colon   int // length of the service
	exact   uint32
	initial uint32 // of the service and the first letter of the name
	service uint32
}

// The parameters of the FNV-1a hash.
const (
	hashStart = 2166136261
	hashPrime = 16777619
)

// set prepares the key of an action.
func (k *actionKey) set(action string) {
	if len(action) > maxActionLen {
		k.long = lowerText(action)
	}
	k.length, k.colon = len(action), len(action)
	h := uint32(hashStart)
	for i := range len(action) {
		c := lower(action[i])
		if len(action) <= maxActionLen {
			k.buf[i] = c
		}
		if c == ':' && k.colon == len(action) {
			k.colon, k.service = i, h
		}
		h = (h ^ uint32(c)) * hashPrime
		if i == k.colon+1 {
			k.initial = h
		}
	}
	k.exact = h
}

// equals reports whether the first n bytes of the action are the given text.
func (k *actionKey) equals(text string, n int) bool {
	if n > k.length {
		return false
	}
	if k.long != "" {
		return k.long[:n] == text
	}
	return string(k.buf[:n]) == text
}

// hash hashes a text as actionKey does.
func hash(text string) uint32 {
	h := uint32(hashStart)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * hashPrime
	}
	return h
}

// actionIndex finds the statements that may match an action without looking at the
// others.
type actionIndex struct {
	// exact: statements that name the full action.
	exact hashTable
	// initial: statements with a pattern whose service and first letter are plain.
	initial hashTable
	// service: statements with a pattern whose service is plain.
	service hashTable
	// rest: statements with NotAction, or with a wildcard in the service.
	rest []uint16
}

func buildIndex(statements []statement, d *Document) actionIndex {
	exact, initial, service := map[string][]uint16{}, map[string][]uint16{}, map[string][]uint16{}
	var rest []uint16
	for i := range statements {
		s, n := &statements[i], uint16(i)
		if s.notAction || s.opaque {
			rest = appendNew(rest, n)
			continue
		}
		for _, v := range d.Statements[i].Action {
			a := lowerText(v.Text)
			vendor, name, found := strings.Cut(a, ":")
			switch {
			case !found || strings.ContainsAny(vendor, "*?"):
				rest = appendNew(rest, n)
			case !strings.ContainsAny(name, "*?"):
				exact[a] = appendNew(exact[a], n)
			case name[0] != '*' && name[0] != '?':
				key := a[:len(vendor)+2]
				initial[key] = appendNew(initial[key], n)
			default:
				service[vendor] = appendNew(service[vendor], n)
			}
		}
	}
	return actionIndex{exact: newHashTable(exact), initial: newHashTable(initial), service: newHashTable(service), rest: rest}
}

// appendNew appends a number unless it is the last one already.
func appendNew(list []uint16, n uint16) []uint16 {
	if l := len(list); l > 0 && list[l-1] == n {
		return list
	}
	return append(list, n)
}

// find returns the lists of statements that may match the action. A statement can be in
// more than one of them.
func (x *actionIndex) find(k *actionKey) [4][]uint16 {
	return [4][]uint16{
		x.exact.get(k.exact, k, k.length),
		x.initial.get(k.initial, k, k.colon+2),
		x.service.get(k.service, k, k.colon),
		x.rest,
	}
}

// hashTable is a small open-addressed table with hashes made by the asker, so that one
// request hashes its action once for all policies.
type hashTable struct {
	slots []hashSlot // a power of two, never full
}

type hashSlot struct {
	key  string // empty: free
	list []uint16
}

func newHashTable(m map[string][]uint16) hashTable {
	if len(m) == 0 {
		return hashTable{}
	}
	size := 2
	for size < 2*len(m) {
		size *= 2
	}
	t := hashTable{slots: make([]hashSlot, size)}
	for key, list := range m {
		i := hash(key) & uint32(size-1)
		for t.slots[i].list != nil {
			i = (i + 1) & uint32(size-1)
		}
		t.slots[i] = hashSlot{key: key, list: list}
	}
	return t
}

// get returns the list of the first n bytes of the action.
func (t *hashTable) get(h uint32, k *actionKey, n int) []uint16 {
	if len(t.slots) == 0 {
		return nil
	}
	mask := uint32(len(t.slots) - 1)
	for i := h & mask; t.slots[i].list != nil; i = (i + 1) & mask {
		if len(t.slots[i].key) == n && k.equals(t.slots[i].key, n) {
			return t.slots[i].list
		}
	}
	return nil
}
