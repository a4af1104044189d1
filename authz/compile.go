package authz

import (
	"github.com/maypok86/otter/v2"

	"github.com/bailiwick/bailiwick/policy"
)

// Compiler compiles policy texts, each once while it is in use. It is safe for concurrent
// use.
type Compiler struct {
	compiled *otter.Cache[compileKey, *policy.Policy]
}

type compileKey struct {
	kind policy.Kind
	text string
}

// NewCompiler returns a compiler with an empty cache.
func NewCompiler() (*Compiler, error) {
	cache, err := otter.New(&otter.Options[compileKey, *policy.Policy]{
		MaximumWeight: maxCompiledWeight,
		Weigher:       func(k compileKey, _ *policy.Policy) uint32 { return compiledWeight(k.text) },
	})
	if err != nil {
		return nil, err
	}
	return &Compiler{compiled: cache}, nil
}

// Compile returns the policy of a text for its place. A text that is not understood gives
// nil, which package policy takes as a deny of everything.
func (c *Compiler) Compile(text string, kind policy.Kind) *policy.Policy {
	key := compileKey{kind, text}
	if have, ok := c.compiled.GetIfPresent(key); ok {
		return have
	}
	doc, err := policy.Parse([]byte(text), policy.ParseOptions{})
	if err != nil {
		return nil
	}
	p := policy.Compile(doc)
	c.compiled.Set(key, p)
	return p
}
