package authz

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bailiwick/bailiwick/policy"
)

// Long policies push others out sooner than short ones: what counts is memory.
func TestCompilerIsBoundedByMemory(t *testing.T) {
	for _, length := range []int{200, 6_000} {
		c, err := NewCompiler()
		if err != nil {
			t.Fatal(err)
		}
		bound := maxCompiledWeight / int(compiledWeight(strings.Repeat("x", length)))
		for n := range bound + bound/4 {
			text := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::%05d`, n)
			text += strings.Repeat("x", length-len(text)-len(`"}]}`)) + `"}]}`
			if c.Compile(text, policy.Identity) == nil {
				t.Fatal("not compiled")
			}
		}
		c.compiled.CleanUp()
		if got := c.compiled.EstimatedSize(); got > bound || got < bound/2 {
			t.Errorf("%d policies of %d characters are kept, want at most %d", got, length, bound)
		}
	}
}

func TestWeightOfPrincipals(t *testing.T) {
	var shared, own principal
	shared.weigh("arn:aws:iam::aws:policy/AdministratorAccess", strings.Repeat("x", 5_000))
	own.weigh("arn:aws:iam::111122223333:policy/Own", strings.Repeat("x", 5_000))
	if shared.weight != 0 || own.weight < 100_000 {
		t.Errorf("weights are %d and %d", shared.weight, own.weight)
	}
}

// What nobody asks for goes: principals and policies that were deleted are never asked for
// again, and would stay until newer ones push them out.
func TestIdleEntriesGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := NewCompiler()
		if err != nil {
			t.Fatal(err)
		}
		defer c.compiled.StopAllGoroutines()
		texts := [2]string{}
		for i := range texts {
			texts[i] = fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::%d"}]}`, i)
			c.Compile(texts[i], policy.Identity)
		}
		kept := c.Compile(texts[0], policy.Identity)
		for range 4 {
			time.Sleep(idle / 2)
			if c.Compile(texts[0], policy.Identity) != kept {
				t.Error("a policy that is in use was compiled again")
			}
		}
		c.compiled.CleanUp()
		if n := c.compiled.EstimatedSize(); n != 1 {
			t.Errorf("%d policies are kept, want the one in use", n)
		}
	})
}
