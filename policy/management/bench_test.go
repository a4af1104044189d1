package management_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy/management"
)

// BenchmarkMerge merges seven levels of ten policies as large as they can be, none of whose
// keys are the same.
func BenchmarkMerge(b *testing.B) {
	typ, _ := management.Find(management.TagPolicy)
	levels := make([][]management.Attached, 7)
	for i := range levels {
		for j := range 10 {
			var keys []string
			for k := range 200 {
				keys = append(keys, fmt.Sprintf(`"k%d-%d-%d":{"tag_value":{"@@append":["a"]}}`, i, j, k))
			}
			d, err := typ.Parse(`{"tags":{` + strings.Join(keys, ",") + `}}`)
			if err != nil {
				b.Fatal(err)
			}
			levels[i] = append(levels[i], management.Attached{PolicyID: fmt.Sprint("p-", i, j), Document: d})
		}
	}
	for b.Loop() {
		if e := typ.Merge(levels); len(e.Validate()) > 0 || len(e.JSON()) < 1000 {
			b.Fatal(e.JSON())
		}
	}
}
