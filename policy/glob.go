package policy

import (
	"strings"
	"unicode/utf8"
)

// tokenKind is the kind of one piece of a pattern.
type tokenKind uint8

const (
	literal  tokenKind = iota // the text itself
	many                      // *: any characters, also none
	one                       // ?: exactly one character
	variable                  // ${key}: the value of a condition key, taken literally
)

// token is one piece of a pattern. For a variable, text is the lower-case condition key
// and fallback the default value, if hasFallback.
type token struct {
	kind        tokenKind
	hasFallback bool
	text        string
	fallback    string
}

// pattern is a compiled text with wildcards and variables. The shape picks the fast way;
// general patterns go token by token.
type pattern struct {
	shape  shape
	text   string  // literal text of shapes exact, prefix and suffix
	tokens []token // shape general
	vars   bool    // tokens hold variables
	// pieces are what stands before, between and behind the stars of a pattern without
	// variables.
	pieces []piece
	// min is the least number of bytes of a text that the pattern matches.
	min int
}

type shape uint8

const (
	exact shape = iota
	anything
	prefix
	suffix
	general
)

// maxInlineTokens is how many tokens a pattern with variables may have without memory
// being allocated when it is matched.
const maxInlineTokens = 16

// newPattern classifies tokens.
func newPattern(tokens []token) pattern {
	tokens = joinTokens(tokens)
	switch {
	case len(tokens) == 0:
		return pattern{shape: exact}
	case len(tokens) == 1 && tokens[0].kind == literal:
		return pattern{shape: exact, text: tokens[0].text}
	case len(tokens) == 1 && tokens[0].kind == many:
		return pattern{shape: anything}
	case len(tokens) == 2 && tokens[0].kind == literal && tokens[1].kind == many:
		return pattern{shape: prefix, text: tokens[0].text}
	case len(tokens) == 2 && tokens[0].kind == many && tokens[1].kind == literal:
		return pattern{shape: suffix, text: tokens[1].text}
	}
	p := pattern{shape: general, tokens: tokens}
	for _, t := range tokens {
		p.vars = p.vars || t.kind == variable
	}
	_, _, n := p.ends()
	p.min = n.length
	if !p.vars {
		p.pieces = cutPieces(tokens)
	}
	return p
}

// piece is a part of a pattern without stars. find is nil for a piece that is found by
// trying each place.
type piece struct {
	tokens []token
	find   *shiftAnd
}

// cutPieces cuts a pattern at its stars.
func cutPieces(tokens []token) []piece {
	var list []piece
	for rest, star := tokens, true; star; {
		var p piece
		p.tokens, rest, star = cutStar(rest)
		if needsShiftAnd(p.tokens) {
			p.find = newShiftAnd(p.tokens)
		}
		list = append(list, p)
	}
	return list
}

// joinTokens merges neighbouring literals and stars; empty literals vanish.
func joinTokens(in []token) []token {
	var out []token
	for _, t := range in {
		last := len(out) - 1
		switch {
		case t.kind == literal && t.text == "":
		case t.kind == literal && last >= 0 && out[last].kind == literal:
			out[last].text += t.text
		case t.kind == many && last >= 0 && out[last].kind == many:
		default:
			out = append(out, t)
		}
	}
	return out
}

// match compares the pattern with a text. known is false when it cannot be told, because
// a variable of the pattern has no single value in the request; nothing is matched then.
func (p *pattern) match(text string, r *Request) (matched, known bool) {
	switch p.shape {
	case exact:
		return text == p.text, true
	case anything:
		return true, true
	case prefix:
		return strings.HasPrefix(text, p.text), true
	case suffix:
		return strings.HasSuffix(text, p.text), true
	}
	if len(text) < p.min {
		return false, true
	}
	if first := &p.tokens[0]; first.kind == literal && !strings.HasPrefix(text, first.text) {
		return false, true // whatever the variables stand for
	}
	if !p.vars {
		return matchPieces(p.pieces, text), true
	}
	var inline [maxInlineTokens]token
	resolved, open := inline[:0], false
	for _, t := range p.tokens {
		if t.kind == variable {
			if v, ok := t.value(r); ok {
				t = token{kind: literal, text: v}
			} else {
				t, open = token{kind: many}, true
			}
		}
		resolved = append(resolved, t)
	}
	matched = matchTokens(resolved, text)
	if open {
		// Without the variable's value a text is ruled out only if no value would do.
		return false, !matched
	}
	return matched, true
}

// value returns what a variable stands for. A variable needs a key with exactly one
// value, or a default (IAM user guide, topic "IAM policy elements: Variables and tags").
func (t *token) value(r *Request) (string, bool) {
	if values, ok := r.lookup(t.text); ok && len(values) > 0 {
		if len(values) == 1 {
			return values[0], true
		}
		return "", false
	}
	return t.fallback, t.hasFallback
}

// matchPieces matches the pieces of a pattern against the whole text. Each is put at its
// first possible place, which never needs to be taken back. So no pattern takes
// exponential time: a piece without ? takes a search for a text, one with ? at most the
// text's length times a 64th of its own.
func matchPieces(pieces []piece, text string) bool {
	n, ok := matchPiece(pieces[0].tokens, text)
	if !ok {
		return false
	}
	text = text[n:]
	last := len(pieces) - 1
	if last == 0 {
		return text == ""
	}
	for i := 1; i < last; i++ {
		if n, ok = findPiece(pieces[i].tokens, pieces[i].find, text); !ok {
			return false
		}
		text = text[n:]
	}
	return matchTail(pieces[last].tokens, text)
}

// matchTokens is matchPieces for a pattern that is known only now.
func matchTokens(tokens []token, text string) bool {
	piece, rest, star := cutStar(tokens)
	n, ok := matchPiece(piece, text)
	if !ok {
		return false
	}
	text = text[n:]
	if !star {
		return text == ""
	}
	for {
		piece, rest, star = cutStar(rest)
		if !star {
			return matchTail(piece, text)
		}
		if n, ok = findPiece(piece, nil, text); !ok {
			return false
		}
		text = text[n:]
	}
}

// cutStar returns what stands before and after the first star.
func cutStar(tokens []token) (piece, rest []token, found bool) {
	for i := range tokens {
		if tokens[i].kind == many {
			return tokens[:i], tokens[i+1:], true
		}
	}
	return tokens, nil, false
}

// matchPiece matches a piece without stars at the start of the text and returns the
// number of bytes it covers.
func matchPiece(piece []token, text string) (int, bool) {
	n := 0
	for i := range piece {
		if piece[i].kind == one {
			if n == len(text) {
				return 0, false
			}
			n += charLen(text[n:])
			continue
		}
		if !strings.HasPrefix(text[n:], piece[i].text) {
			return 0, false
		}
		n += len(piece[i].text)
	}
	return n, true
}

// findPiece finds the first place of a piece in the text and returns where it ends.
// prepared may be nil.
func findPiece(piece []token, prepared *shiftAnd, text string) (end int, ok bool) {
	switch {
	case len(piece) == 0:
		return 0, true
	case len(piece) == 1 && piece[0].kind == literal:
		i := strings.Index(text, piece[0].text)
		return i + len(piece[0].text), i >= 0
	case prepared != nil:
		return prepared.find(text)
	case needsShiftAnd(piece):
		return newShiftAnd(piece).find(text)
	}
	for at := 0; ; {
		if n, ok := matchPiece(piece, text[at:]); ok {
			return at + n, true
		}
		if at == len(text) {
			return 0, false
		}
		at += charLen(text[at:])
	}
}

// matchTail matches a piece at the very end of the text, from its end.
func matchTail(piece []token, text string) bool {
	for i := len(piece) - 1; i >= 0; i-- {
		if piece[i].kind == literal {
			rest, ok := strings.CutSuffix(text, piece[i].text)
			if !ok {
				return false
			}
			text = rest
			continue
		}
		if text == "" {
			return false
		}
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return true
}

// charLen returns the number of bytes of the first character of a text that is not
// empty; a byte that is not UTF-8 counts as a character.
func charLen(text string) int {
	if text[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(text)
	return n
}

// lower returns the ASCII lower case of a byte.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// lowerText is lower for a text.
func lowerText(text string) string {
	for i := range len(text) {
		if lower(text[i]) != text[i] {
			b := []byte(text)
			for j := i; j < len(b); j++ {
				b[j] = lower(b[j])
			}
			return string(b)
		}
	}
	return text
}
