package authz

import (
	"math"
	"strings"
	"time"
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

// CacheSizes returns how many entries the caches hold, about: accounts with their
// organization's policies, principals with their own, and compiled policies.
func (a *Authorizer) CacheSizes() (accounts, principals, compiled int) {
	return a.accounts.EstimatedSize(), a.principals.EstimatedSize(), a.policies.compiled.EstimatedSize()
}
