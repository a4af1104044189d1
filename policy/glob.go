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
	return p
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
	if first := &p.tokens[0]; first.kind == literal && !strings.HasPrefix(text, first.text) {
		return false, true // whatever the variables stand for
	}
	if !p.vars {
		return matchTokens(p.tokens, text), true
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

// matchTokens matches literals, ? and * against the whole text. The pattern is cut at its
// stars; each piece is put at its first possible place, which never needs to be taken
// back, so that no pattern takes exponential time.
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
		n, ok = findPiece(piece, text)
		if !ok {
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
func findPiece(piece []token, text string) (end int, ok bool) {
	switch {
	case len(piece) == 0:
		return 0, true
	case len(piece) == 1 && piece[0].kind == literal:
		i := strings.Index(text, piece[0].text)
		return i + len(piece[0].text), i >= 0
	case len(piece) > maxPlainPiece:
		return findLongPiece(piece, text)
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

// maxPlainPiece is the number of tokens up to which a piece with ? is tried at each place
// of the text in turn.
const maxPlainPiece = 16

// findLongPiece is findPiece for pieces with many ?. It follows all possible places at
// once, one bit for each (the Shift-And algorithm), because trying them in turn would
// cost the product of both lengths.
func findLongPiece(piece []token, text string) (end int, ok bool) {
	var chars []rune // utf8.MaxRune+1 stands for ?
	for i := range piece {
		if piece[i].kind == one {
			chars = append(chars, utf8.MaxRune+1)
		} else {
			chars = append(chars, []rune(piece[i].text)...)
		}
	}
	words := (len(chars) + 63) / 64
	masks := map[rune][]uint64{}
	wild := make([]uint64, words)
	for i, c := range chars {
		if c > utf8.MaxRune {
			wild[i/64] |= 1 << (i % 64)
		} else if masks[c] == nil {
			masks[c] = make([]uint64, words)
		}
	}
	for i, c := range chars {
		if c <= utf8.MaxRune {
			masks[c][i/64] |= 1 << (i % 64)
		}
	}
	state := make([]uint64, words)
	last := len(chars) - 1
	for at, c := range text {
		mask, carry := masks[c], uint64(1)
		for w := range state {
			next := state[w] >> 63
			state[w] = state[w]<<1 | carry
			if mask == nil {
				state[w] &= wild[w]
			} else {
				state[w] &= wild[w] | mask[w]
			}
			carry = next
		}
		if state[last/64]&(1<<(last%64)) != 0 {
			return at + charLen(text[at:]), true
		}
	}
	return 0, false
}

// matchTail matches a piece at the very end of the text.
func matchTail(piece []token, text string) bool {
	bytes, chars := 0, 0
	for i := range piece {
		if piece[i].kind == one {
			chars++
		} else {
			bytes += len(piece[i].text)
		}
	}
	if chars == 0 {
		if len(piece) == 0 {
			return true
		}
		if bytes > len(text) {
			return false
		}
		n, ok := matchPiece(piece, text[len(text)-bytes:])
		return ok && n == bytes
	}
	// The characters that ? stands for have one to four bytes: try each possible start.
	for at := max(0, len(text)-bytes-chars*utf8.UTFMax); at <= len(text); at++ {
		if !startsChar(text, at) {
			continue
		}
		if n, ok := matchPiece(piece, text[at:]); ok && at+n == len(text) {
			return true
		}
	}
	return false
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

// startsChar reports whether a character can start at the given byte.
func startsChar(text string, at int) bool {
	return at == len(text) || utf8.RuneStart(text[at])
}

// matchFold matches a lower-case pattern of bytes, * and ? against a text, ignoring the
// case of ASCII letters. Action names are short and ASCII; two pointers suffice.
func matchFold(pattern, text string) bool {
	p, t := 0, 0
	star, mark := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == lower(text[t])):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// lower returns the ASCII lower case of a byte.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
