package serviceauth

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestReadIndexRefusesDamage(t *testing.T) {
	for name, b := range map[string][]byte{
		"empty":       nil,
		"other magic": append([]byte("BWSA\x02"), data[5:]...),
		"cut off":     data[:len(data)-1],
		"longer":      append(bytes.Clone(data), 0),
		"head only":   data[:20],
	} {
		if _, err := readIndex(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestUnpackRefusesDamage(t *testing.T) {
	table, err := readIndex(data)
	if err != nil {
		t.Fatal(err)
	}
	s := table.byPrefix["iam"]
	s.packed = s.packed[:len(s.packed)/2]
	if _, err := s.unpack(); err == nil {
		t.Error("half a section was accepted")
	}
}

func FuzzReadIndex(f *testing.F) {
	f.Add(data[:4000])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := readIndex(b)
		if err != nil {
			return
		}
		for _, s := range table.services {
			if s.size < 1<<16 {
				_, _ = s.unpack() // must not panic
			}
		}
	})
}

func FuzzWildcard(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if got, want := MatchWildcard(pattern, text), slowWildcard(pattern, text); got != want {
			t.Errorf("MatchWildcard(%q, %q) = %v, want %v", pattern, text, got, want)
		}
	})
}

// slowWildcard is the definition of a match, too slow for use (and bounded for the test).
func slowWildcard(pattern, text string) bool {
	if len(pattern) > 12 || len(text) > 24 {
		return MatchWildcard(pattern, text)
	}
	if pattern == "" {
		return text == ""
	}
	if pattern[0] == '*' {
		return slowWildcard(pattern[1:], text) || text != "" && slowWildcard(pattern, text[1:])
	}
	return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && slowWildcard(pattern[1:], text[1:])
}

func BenchmarkIndex(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readIndex(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	table := mustReadIndex(data)
	for _, prefix := range []string{"sts", "organizations", "iam", "ec2"} {
		b.Run(prefix, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := table.byPrefix[prefix].unpack(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAction(b *testing.B) {
	s, _ := Lookup("iam")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := s.Action("GetRolePolicy"); !ok {
			b.Fatal("not found")
		}
	}
}

// Two patterns overlap if there is a text that both match; short texts of few letters are
// enough to find one, or to find that there is none.
func TestOverlap(t *testing.T) {
	var texts []string
	for length := range 6 {
		for n := range 1 << length {
			text := make([]byte, length)
			for i := range text {
				text[i] = "ab"[n>>i&1]
			}
			texts = append(texts, string(text))
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		a := rapid.StringMatching(`[ab*?]{0,3}`).Draw(rt, "a")
		b := rapid.StringMatching(`[ab*?]{0,3}`).Draw(rt, "b")
		want := slices.ContainsFunc(texts, func(text string) bool { return slowWildcard(a, text) && slowWildcard(b, text) })
		if got := Overlap(a, b); got != want {
			rt.Errorf("Overlap(%q, %q) = %v", a, b, got)
		}
	})
}
