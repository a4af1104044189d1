package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
)

// scpSize is the largest SCP that AWS takes, in characters.
const scpSize = 10240

// hostile are the parts of SCPs that are made to be slow: of each the largest SCP is filled
// with members that never match, but nearly.
var hostile = map[string]struct {
	head, tail string
	member     func(i int) string
}{
	"ShortActions": {`{"Effect":"Deny","Action":[`, `],"Resource":"*"}`, func(i int) string {
		return fmt.Sprintf(`"s3:*t%c%c"`, 'a'+i%26, 'a'+i/26%26)
	}},
	"LongActions": {`{"Effect":"Deny","Action":[`, `],"Resource":"*"}`, func(i int) string {
		return `"s3:` + strings.Repeat("*", i%2) + strings.Repeat("?*e?*b", 8) + `z*"`
	}},
	"ShortResources": {`{"Effect":"Deny","Action":"s3:*","Resource":[`, `]}`, func(i int) string {
		return fmt.Sprintf(`"arn:aws:s3:::*a%c%c"`, 'b'+i%20, 'a'+i/20%26)
	}},
	"StarResources": {`{"Effect":"Deny","Action":"s3:*","Resource":[`, `]}`, func(i int) string {
		return `"arn:aws:s3:::` + strings.Repeat("a*", 200) + `b"`
	}},
	"QuestionResources": {`{"Effect":"Deny","Action":"s3:*","Resource":[`, `]}`, func(i int) string {
		return `"arn:aws:s3:::*` + strings.Repeat("?a", 200) + `b*"`
	}},
	"LiteralResources": {`{"Effect":"Deny","Action":"s3:*","Resource":[`, `]}`, func(i int) string {
		return `"arn:aws:s3:::*?` + strings.Repeat("a", 400) + `b*"`
	}},
	"ConditionValues": {`{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"aws:UserAgent":[`, `]}}}`, func(i int) string {
		return fmt.Sprintf(`"*a%c%c"`, 'b'+i%20, 'a'+i/20%26)
	}},
	"ExactValues": {`{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:UserAgent":[`, `]}}}`, func(i int) string {
		return fmt.Sprintf(`"a%d"`, i)
	}},
	"Statements": {``, ``, func(i int) string {
		return `{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Null":{"k:a":"false"}}}`
	}},
}

// hostileSets is six levels with ten of the largest SCPs each, one of them FullAWSAccess.
func hostileSets(t testing.TB, kind string) (*policy.Request, *policy.Sets) {
	h := hostile[kind]
	const head, tail = `{"Version":"2012-10-17","Statement":[`, `]}`
	var members []string
	size := len(head + h.head + h.tail + tail)
	for i := 0; ; i++ {
		m := h.member(i)
		if size += len(m) + 1; size > scpSize {
			break
		}
		members = append(members, m)
	}
	text := head + h.head + strings.Join(members, ",") + h.tail + tail
	sets := &policy.Sets{Identity: []policy.Attached{attached(t, policy.Identity, fullAccess)}}
	for i := range 6 {
		l := policy.Level{Name: fmt.Sprint("level ", i), Policies: []policy.Attached{attached(t, policy.SCP, fullAccess)}}
		for range 9 {
			l.Policies = append(l.Policies, attached(t, policy.SCP, text))
		}
		sets.SCP = append(sets.SCP, l)
	}
	keys := policy.Keys{}
	keys.Set("aws:UserAgent", strings.Repeat("a", 200))
	return &policy.Request{
		Principal: benchPrincipal, Action: "s3:GetObjectVersionForReplicationAttributesThatDoNotExistBecauseTheNameIsTooLong",
		Resource: "arn:aws:s3:::" + strings.Repeat("a", 1024), Context: keys,
	}, sets
}

// BenchmarkHostileUnfiltered has a resource that holds every byte that the patterns ask for,
// so that each pattern is tried: the most that matching costs.
func BenchmarkHostileUnfiltered(b *testing.B) {
	for _, kind := range []string{"StarResources", "QuestionResources", "LiteralResources", "ShortResources"} {
		b.Run(kind, func(b *testing.B) {
			req, sets := hostileSets(b, kind)
			req.Resource = "arn:aws:s3:::" + strings.Repeat("bcdefghijklmnopqrstuvwxyz", 2) + strings.Repeat("a", 974)
			for b.Loop() {
				policy.Evaluate(req, sets)
			}
		})
	}
}

func BenchmarkHostile(b *testing.B) {
	for kind := range hostile {
		b.Run(kind, func(b *testing.B) {
			req, sets := hostileSets(b, kind)
			if d := policy.Evaluate(req, sets); !d.Allowed {
				b.Fatalf("not allowed: %v", d.Reason)
			}
			b.ReportAllocs()
			for b.Loop() {
				policy.Evaluate(req, sets)
			}
		})
	}
}
