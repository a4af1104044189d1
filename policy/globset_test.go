package policy

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestShelvesMissNothing compares a long list on its shelves with trying each pattern.
func TestShelvesMissNothing(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "b", "ab", "ba", "é", "*", "?", "**", "abc", "${k:v}", "${k:none}", "z"})
	rapid.Check(t, func(rt *rapid.T) {
		var patterns []pattern
		var texts []string
		for range rapid.IntRange(shelfSize, 40).Draw(rt, "patterns") {
			text := strings.Join(rapid.SliceOfN(piece, 0, 5).Draw(rt, "pieces"), "")
			tokens, _ := tokenize(text, tokenOptions{wildcards: true, variables: true})
			patterns = append(patterns, newPattern(tokens))
			texts = append(texts, text)
		}
		keys := Keys{}
		keys.Set("k:v", "ab")
		req := &Request{Context: keys}
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ab", "é", "c"}), 0, 8).Draw(rt, "text"), "")
		type result struct{ matched, known bool }
		none := result{false, true}
		want, got := map[int]result{}, map[int]result{}
		for i := range patterns {
			if m, k := patterns[i].match(text, req); (result{m, k}) != none {
				want[i] = result{m, k}
			}
		}
		s := newShelves(len(patterns), func(i int) *pattern { return &patterns[i] })
		s.each(text, func(i int) bool {
			if m, k := patterns[i].match(text, req); (result{m, k}) != none {
				got[i] = result{m, k}
			}
			return true
		})
		for i, w := range want {
			if got[i] != w {
				rt.Fatalf("%q against %q: %+v is not found", texts[i], text, w)
			}
		}
	})
}

// TestMemoForgetsNothing asks for more actions than a policy remembers, twice.
func TestMemoForgetsNothing(t *testing.T) {
	d, err := Parse([]byte(`{"Statement":[{"Effect":"Allow","Action":["s:A*","s:*9"],"Resource":"*"},{"Effect":"Deny","NotAction":"s:*0","Resource":"*"}]}`), ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := Compile(d)
	for range 2 {
		for i := range 50 * memoSlots {
			action := "S:" + strings.Repeat("b", i/100) + string(rune('a'+i%26)) + string(rune('0'+i%10))
			var want []uint16
			for n := range p.statements {
				if p.statements[n].matchesAction(action) {
					want = append(want, uint16(n))
				}
			}
			var k actionKey
			k.set(action)
			if got := p.about(&k, action); !slices.Equal(got, want) {
				t.Fatalf("%s: statements %v, want %v", action, got, want)
			}
		}
	}
}

// TestPiecesStaySmall compiles a piece of as many different characters as an SCP can hold.
func TestPiecesStaySmall(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		b.WriteRune(rune(0x4e00 + i))
		b.WriteByte('?')
	}
	p := compileGlob("*" + b.String() + "*")
	if s := p.pieces[1].find; s != nil && len(s.rows) > maxRowWords {
		t.Errorf("%d words for one piece", len(s.rows))
	}
	if ok, _ := p.match("x"+strings.ReplaceAll(b.String(), "?", "é")+"y", &Request{}); !ok {
		t.Error("the piece is not found")
	}
	ascii := compileGlob("*" + strings.Repeat("abcdefghij?", 930) + "*")
	if s := ascii.pieces[1].find; s == nil || len(s.rows) > maxRowWords {
		t.Error("a long piece of ASCII characters is not prepared")
	}
}
