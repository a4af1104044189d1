package policy

import (
	"strings"
	"unicode/utf8"
)

// maxPlainPiece is the number of characters up to which a piece with ? is tried at each
// place of the text in turn.
const maxPlainPiece = 16

// maxRowWords bounds the memory of a shiftAnd, in words: enough for a piece as long as the
// longest SCP of ASCII characters. Pieces of so many different other characters that they
// need more are tried at each place, where they mostly fail at once.
const maxRowWords = 1 << 14

// needsShiftAnd reports whether a piece has ? and is so long that trying it at each place
// would cost the product of both lengths.
func needsShiftAnd(piece []token) bool {
	chars, question := 0, false
	for i := range piece {
		if piece[i].kind == one {
			chars++
			question = true
		} else {
			chars += utf8.RuneCountInString(piece[i].text)
		}
	}
	if !question || chars <= maxPlainPiece {
		return false
	}
	seen := map[rune]bool{}
	for i := range piece {
		for _, c := range piece[i].text {
			seen[c] = true
		}
	}
	return (len(seen)+1)*((chars+63)/64) <= maxRowWords
}

// shiftAnd finds a piece with ? by following all its possible places at once, one bit for
// each: the Shift-And algorithm. A text of T characters costs T times a 64th of the
// piece's length, whatever either holds.
type shiftAnd struct {
	words int
	last  int // number of the last character
	// ascii and others give the row of a character; row 0 is that of all characters which
	// the piece does not name.
	ascii  [utf8.RuneSelf]uint16
	others map[rune]uint16
	rows   []uint64
	// run is the longest literal of the piece, or its end, which a text has to hold anyhow;
	// it stands at most reach bytes behind the piece's start.
	run   string
	reach int
}

// maxInlineWords is how long, in words, a piece may be to be found without memory being
// allocated.
const maxInlineWords = 16

// maxRun is the longest run, in bytes: longer ones are slower to search for.
const maxRun = 32

func newShiftAnd(piece []token) *shiftAnd {
	const any rune = utf8.MaxRune + 1
	var chars []rune
	s := &shiftAnd{}
	bytes := 0 // that the piece so far covers at most
	for i := range piece {
		text := piece[i].text
		if piece[i].kind == one {
			chars = append(chars, any)
			bytes += utf8.UTFMax
			continue
		}
		chars = append(chars, []rune(text)...)
		if cut := max(0, len(text)-maxRun); len(text)-cut > len(s.run) {
			s.run, s.reach = text[cut:], bytes+cut
		}
		bytes += len(text)
	}
	s.words, s.last = (len(chars)+63)/64, len(chars)-1
	s.rows = make([]uint64, s.words)
	for i, c := range chars {
		if c == any {
			s.rows[i/64] |= 1 << (i % 64)
		}
	}
	for i, c := range chars {
		if c == any {
			continue
		}
		row := s.row(c)
		if row == 0 {
			row = uint16(len(s.rows) / s.words)
			s.rows = append(s.rows, s.rows[:s.words]...)
			if c < utf8.RuneSelf {
				s.ascii[c] = row
			} else {
				if s.others == nil {
					s.others = map[rune]uint16{}
				}
				s.others[c] = row
			}
		}
		s.rows[int(row)*s.words+i/64] |= 1 << (i % 64)
	}
	return s
}

func (s *shiftAnd) row(c rune) uint16 {
	if c < utf8.RuneSelf {
		return s.ascii[c]
	}
	return s.others[c]
}

// find returns where the first place of the piece ends.
func (s *shiftAnd) find(text string) (end int, ok bool) {
	from := strings.Index(text, s.run) - s.reach
	if from < -s.reach {
		return 0, false
	}
	for from = max(0, from); from < len(text) && !utf8.RuneStart(text[from]); {
		from++
	}
	end, ok = s.scan(text[from:])
	return from + end, ok
}

// scan is find without a look ahead.
func (s *shiftAnd) scan(text string) (end int, ok bool) {
	var inline [maxInlineWords]uint64
	state := inline[:]
	if s.words > maxInlineWords {
		state = make([]uint64, s.words)
	}
	state = state[:s.words]
	word, bit := s.last/64, uint64(1)<<(s.last%64)
	for at, c := range text {
		from := int(s.row(c)) * s.words
		row, carry := s.rows[from:from+s.words], uint64(1)
		for w := range state {
			next := state[w] >> 63
			state[w] = (state[w]<<1 | carry) & row[w]
			carry = next
		}
		if state[word]&bit != 0 {
			return at + charLen(text[at:]), true
		}
	}
	return 0, false
}
