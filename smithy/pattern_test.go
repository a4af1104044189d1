package smithy_test

import (
	"regexp"
	"testing"

	"github.com/bailiwick/bailiwick/smithy"
	"pgregory.net/rapid"
)

// TestPatternIsTheRegularExpression holds every form that the models' patterns have against
// package regexp, with texts that match, nearly match, and are no UTF-8.
func TestPatternIsTheRegularExpression(t *testing.T) {
	for _, expr := range []string{
		`^(?:[\s\S]*)$`, `^(?:[\w+=,.@-]+)$`, `^(?:[\x{0009}\x{000A}\x{000D}\x{0020}-\x{00FF}]+)$`, `^(?:^[a-zA-Z0-9._/\-:]+$)$`,
		`^(?:.*)$`, `^(?:.+)$`, `^(?:(?s).*)$`, `^(?:^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$)$`, `^(?:\d{12})$`, `^(?:[\w+=,.@-]{1,64})$`,
		`^(?:[ab]{2,})$`, `^(?:[ab]{0,3})$`, `^(?:[a-f])$`, `^(?:(?i)[a-k]+)$`, `^(?:[^a]+)$`, `^(?:[\x{0020}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}\t]*)$`,
		`^(?:^[ -~\n]*$)$`, `^(?:^p-[0-9a-zA-Z_]{8,128}$)$`, `^(?:^(\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$)$`, `^(?:\x{002F}[\x{0021}-\x{007F}]*)$`,
		`^(?:)$`, `^(?:a*)$`, `^(?:(?:[ab]+)*)$`, `^(?:[ab]*?)$`, `^(?:[ab]+\z)$`, `^(?:[ab]+\b)$`, `^(?:(?m)^[ab\n]+$)$`, `^(?:^([0-9]+)*$)$`, `[ab]+`, `^[ab]+`, `[ab]+$`,
	} {
		t.Run(expr, func(t *testing.T) {
			p, re := &smithy.Pattern{Expr: expr}, regexp.MustCompile(expr)
			near := rapid.StringMatching(expr)
			odd := rapid.StringOf(rapid.RuneFrom([]rune("abpé/-09_ \n\t\r\x00\x7f\u0085\u00a0ÿĀ\ufffd\ufffe\U00010000K")))
			spoiled := rapid.Custom(func(t *rapid.T) string {
				s := []byte(near.Draw(t, "near"))
				if len(s) > 0 {
					s[rapid.IntRange(0, len(s)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
				}
				return string(s)
			})
			rapid.Check(t, func(t *rapid.T) {
				s := rapid.OneOf(near, odd, spoiled).Draw(t, "text")
				if got, want := p.Match(s), re.MatchString(s); got != want {
					t.Fatalf("%q: %v, want %v", s, got, want)
				}
			})
		})
	}
}

func BenchmarkPattern(b *testing.B) {
	document := make([]byte, 4000)
	for i := range document {
		document[i] = "{\"Version\": "[i%12]
	}
	p := &smithy.Pattern{Expr: `^(?:[\x{0009}\x{000A}\x{000D}\x{0020}-\x{00FF}]+)$`}
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		if !p.Match(string(document)) {
			b.Fatal("no match")
		}
	}
}
