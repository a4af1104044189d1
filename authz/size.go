package authz

import (
	"math"
	"strings"
	"time"

	"github.com/maypok86/otter/v2/stats"
)

// idle is how long the caches keep what nobody asks for. Principals that are gone are among
// it: nobody ever asks for them again.
const idle = 10 * time.Minute

// Bounds of the caches of policies, in bytes of memory, about. How many policies and
// principals these are depends on how long their policies are: of documents with 400
// characters, 7,000; of AWS's managed policies alone, 50,000.
const (
	maxCompiledWeight   = 64 << 20
	maxPrincipalsWeight = 64 << 20
)

// A compiled policy takes about twenty times the memory of its text, and some more for what
// it remembers; a principal without policies takes a kilobyte.
const (
	bytesPerCharacter = 20
	policyWeight      = 1 << 10
	principalWeight   = 1 << 10
)

func compiledWeight(text string) uint32 {
	return uint32(min(policyWeight+bytesPerCharacter*len(text), math.MaxUint32))
}

// weigh adds the weight of a policy to that of a principal. AWS's own policies weigh nothing:
// all who have them share them.
func (p *principal) weigh(arn, text string) {
	if !strings.HasPrefix(arn, "arn:aws:iam::aws:policy/") {
		p.weight += compiledWeight(text)
	}
}

// Caches returns by name what tells a cache's entries, about, how often what was wanted was
// there and still right, and how often not: accounts with their organization's policies,
// principals with their own, and compiled policies, which are asked for mostly when one of the
// other two had to be read anew.
func (a *Authorizer) Caches() map[string]func() (entries int, hits, misses uint64) {
	return map[string]func() (entries int, hits, misses uint64){
		"accounts":   figures(a.accounts.EstimatedSize, a.accountUses),
		"principals": figures(a.principals.EstimatedSize, a.principalUses),
		"policies":   figures(a.policies.compiled.EstimatedSize, a.policies.uses),
	}
}

func figures(size func() int, uses *stats.Counter) func() (entries int, hits, misses uint64) {
	return func() (int, uint64, uint64) {
		s := uses.Snapshot()
		return size(), s.Hits, s.Misses
	}
}
