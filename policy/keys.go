package policy

import "slices"

// ContextKeys returns the condition keys that a policy asks for, in its conditions and in
// policy variables, in lower case, sorted, each once. It serves the operations
// GetContextKeysForCustomPolicy and GetContextKeysForPrincipalPolicy of IAM.
func (p *Policy) ContextKeys() []string {
	var keys []string
	fromPattern := func(pt *pattern) {
		for i := range pt.tokens {
			if pt.tokens[i].kind == variable {
				keys = append(keys, pt.tokens[i].text)
			}
		}
	}
	fromARN := func(a *arnPattern) {
		for i := range a.fields {
			fromPattern(&a.fields[i])
		}
	}
	for i := range p.statements {
		s := &p.statements[i]
		for j := range s.resources {
			fromARN(&s.resources[j])
		}
		for j := range s.conditions {
			c := &s.conditions[j]
			keys = append(keys, c.key)
			for k := range c.values {
				fromPattern(&c.values[k].text)
				fromARN(&c.values[k].arn)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
