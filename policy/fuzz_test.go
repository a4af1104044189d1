package policy

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// naiveGlob is the textbook definition, exponential in the number of stars.
func naiveGlob(pattern, text []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(text) == 0
	case pattern[0] == '*':
		return naiveGlob(pattern[1:], text) || (len(text) > 0 && naiveGlob(pattern, text[1:]))
	case len(text) == 0:
		return false
	case pattern[0] == '?' || pattern[0] == text[0]:
		return naiveGlob(pattern[1:], text[1:])
	}
	return false
}

func compileGlob(text string) pattern {
	tokens, _ := tokenize(text, tokenOptions{wildcards: true})
	return newPattern(tokens)
}

func FuzzGlob(f *testing.F) {
	for _, s := range [][2]string{
		{"", ""},
		{"*", ""},
		{"a*b", "acb"},
		{"a*a*a*", "aaaa"},
		{"?é*", "xéy"},
		{"*a?", "banana"},
		{"**?", "x"},
		{"a?c*e", "abcde"},
		{"*?b?????????????c*", "aabxxxxxxxxxxxxxxcx"},
		{"*a?a?a?a?a?a?a?a?a?a*", "babababababababababababababab"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, p, text string) {
		if !utf8.ValidString(p) || !utf8.ValidString(text) || strings.Count(p, "*") > 3 || len(text) > 50 || len(p) > 50 {
			return
		}
		compiled := compileGlob(p)
		got, _ := compiled.match(text, &Request{})
		if want := naiveGlob([]rune(p), []rune(text)); got != want {
			t.Errorf("%q against %q: %v, want %v", p, text, got, want)
		}
	})
}

// FuzzLongPiece compares the two ways to find a piece.
func FuzzLongPiece(f *testing.F) {
	f.Add("a?b", "xxaxbyy")
	f.Add(strings.Repeat("a?", 40), strings.Repeat("aab", 50))
	f.Add("é?", "aéé")
	f.Fuzz(func(t *testing.T, p, text string) {
		if !utf8.ValidString(p) || !utf8.ValidString(text) || len(p) > 300 || len(text) > 600 {
			return
		}
		tokens, _ := tokenize(strings.ReplaceAll(p, "*", ""), tokenOptions{wildcards: true})
		if len(tokens) == 0 {
			return
		}
		end, ok := newShiftAnd(tokens).find(text)
		wantEnd, want := 0, false
		for at := range text {
			if n, matched := matchPiece(tokens, text[at:]); matched {
				wantEnd, want = at+n, true
				break
			}
		}
		if ok != want || (ok && end != wantEnd) {
			t.Errorf("%q in %q: %d, %v; want %d, %v", p, text, end, ok, wantEnd, want)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"k:a":["x",1,true]}}}]}`,
		`{"Statement":{"Effect":"Deny","Principal":{"AWS":["*"]},"NotAction":["s3:*"],"NotResource":"arn:aws:s3:::${aws:username, 'x'}"}}`,
		"{\"Statement\":\n[\n{\"Effect\":\"\\u0041llow\"}]}", `{`, `{"a":1e5,"b":[null]}`, `"\ud83d\ude00"`, `{"Version":"2012-10-17",}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse([]byte(text), ParseOptions{})
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 || syntax.Offset < 0 || syntax.Offset > len(text) {
				t.Errorf("%q: %#v", text, err)
			}
			return
		}
		for _, s := range d.Statements {
			if text[s.Span.Start.Offset] != '{' || text[s.Span.End.Offset-1] != '}' {
				t.Errorf("%q: statement at %+v", text, s.Span)
			}
		}
		p := Compile(d)
		for _, k := range []Kind{Identity, Resource, Trust, Boundary, Session, SCP, RCP, VPCEndpoint} {
			d.Validate(k, Limits{})
			a := Attached{Kind: k, Policy: p}
			req := &Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/x", Principal: Principal{Type: User, Account: "111122223333"}}
			Explain(req, &Sets{Identity: []Attached{a}, Resource: &a, SCP: []Level{{Policies: []Attached{a}}}})
		}
	})
}
