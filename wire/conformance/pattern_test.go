package conformance

import (
	"testing"

	"github.com/bailiwick/bailiwick/smithy"
)

// TestEveryPattern compiles the pattern of every shape: a pattern that is no regular
// expression would panic at the first request that meets it.
func TestEveryPattern(t *testing.T) {
	for _, s := range services {
		seen := map[*smithy.Schema]bool{}
		patterns := 0
		var walk func(s *smithy.Schema)
		walk = func(s *smithy.Schema) {
			if s == nil || seen[s] {
				return
			}
			seen[s] = true
			if s.Pattern != nil {
				patterns++
				s.Pattern.Match("")
			}
			for i := range s.Members {
				walk(s.Members[i].Target)
			}
			if s.Element != nil {
				walk(s.Element.Target)
			}
			if s.Key != nil {
				walk(s.Key.Target)
			}
		}
		for i := range s.svc.Operations {
			op := &s.svc.Operations[i]
			walk(op.Input)
			walk(op.Output)
			for _, e := range op.Errors {
				walk(e)
			}
		}
		if patterns == 0 {
			t.Errorf("%s: no patterns were found", s.svc.ID)
		}
	}
}
