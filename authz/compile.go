package authz

import (
	"slices"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"github.com/bailiwick/bailiwick/policy"
)

// Compiler compiles policy texts, each once while it is in use. It is safe for concurrent
// use.
type Compiler struct {
	compiled *otter.Cache[compileKey, *policy.Policy]
	uses     *stats.Counter
}

type compileKey struct {
	kind policy.Kind
	text string
	// denies leaves out the statements that allow.
	denies bool
}

// NewCompiler returns a compiler with an empty cache.
func NewCompiler() (*Compiler, error) {
	cache, err := otter.New(&otter.Options[compileKey, *policy.Policy]{
		MaximumWeight: maxCompiledWeight,
		Weigher:       func(k compileKey, _ *policy.Policy) uint32 { return compiledWeight(k.text) },

		ExpiryCalculator: otter.ExpiryAccessing[compileKey, *policy.Policy](idle),
	})
	if err != nil {
		return nil, err
	}
	return &Compiler{compiled: cache, uses: stats.NewCounter()}, nil
}

// Compile returns the policy of a text for its place. A text that is not understood gives
// nil, which package policy takes as a deny of everything.
func (c *Compiler) Compile(text string, kind policy.Kind) *policy.Policy {
	return c.compile(compileKey{kind: kind, text: text})
}

// CompileDenies is Compile without the statements that allow: for callers who need no
// allowance of the policy and gain none by it.
func (c *Compiler) CompileDenies(text string, kind policy.Kind) *policy.Policy {
	return c.compile(compileKey{kind: kind, text: text, denies: true})
}

func (c *Compiler) compile(key compileKey) *policy.Policy {
	if have, ok := c.compiled.GetIfPresent(key); ok {
		c.uses.RecordHits(1)
		return have
	}
	c.uses.RecordMisses(1)
	doc, err := policy.Parse([]byte(key.text), policy.ParseOptions{})
	if err != nil {
		return nil
	}
	if key.denies {
		doc.Statements = slices.DeleteFunc(doc.Statements, func(s policy.Statement) bool { return s.Effect != policy.Deny })
	}
	p := policy.Compile(doc)
	c.compiled.Set(key, p)
	return p
}
