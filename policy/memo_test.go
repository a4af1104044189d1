package policy_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
)

// TestConcurrentEvaluation lets many callers ask one policy for more actions than it
// remembers; run with -race.
func TestConcurrentEvaluation(t *testing.T) {
	sets := &policy.Sets{Identity: []policy.Attached{attached(t, policy.Identity,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s:*5","Resource":"*"},{"Effect":"Deny","Action":["s:1*","s:2?5"],"Resource":"*"}]}`)}}
	var group sync.WaitGroup
	for caller := range 8 {
		group.Go(func() {
			for i := range 2000 {
				n := (i*7 + caller*13) % 400
				d := policy.Evaluate(&policy.Request{Principal: zoe, Action: fmt.Sprintf("s:%d", n), Resource: "*"}, sets)
				text := fmt.Sprint(n)
				denied := text[0] == '1' || len(text) == 3 && text[0] == '2' && text[2] == '5'
				if want := n%10 == 5 && !denied; d.Allowed != want {
					t.Errorf("s:%d: allowed = %v, want %v", n, d.Allowed, want)
				}
			}
		})
	}
	group.Wait()
}
