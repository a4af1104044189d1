package policy

// shelfSize is how many patterns a list has at least for it to be sorted onto shelves.
const shelfSize = 8

// shelves sort the patterns of a long list, so that a text is compared only with those that
// it can match: by what the text has to be, to end with, or to begin with. The cost of a
// list of patterns that do not match then hardly grows with its length.
type shelves struct {
	exact  map[string][]uint16 // by the whole text
	tails  map[uint16]shelf    // by the last two bytes
	heads  map[uint16]shelf    // by the first two bytes
	others shelf
}

// shelf holds numbers of patterns, each with what every text that it matches has.
type shelf struct {
	numbers []uint16
	needs   []need
}

// need is what a text must have to be matched by a pattern.
type need struct {
	length int    // at least so many bytes
	bytes  uint64 // these bytes, each as a bit of a small hash
}

// byteBit returns the bit that stands for a byte in a need.
func byteBit(c byte) uint64 { return 1 << (c & 63) }

// needOf tells what a text must have to be compared with patterns.
func needOf(text string) need {
	n := need{length: len(text)}
	for i := range len(text) {
		n.bytes |= byteBit(text[i])
	}
	return n
}

// metBy reports whether a text has what is needed.
func (n *need) metBy(text *need) bool {
	return n.length <= text.length && n.bytes&^text.bytes == 0
}

// newShelves sorts patterns; nil for a list that is too short or too long for it.
func newShelves(n int, at func(i int) *pattern) *shelves {
	if n < shelfSize || n > maxStatements {
		return nil
	}
	s := &shelves{exact: map[string][]uint16{}, tails: map[uint16]shelf{}, heads: map[uint16]shelf{}}
	for i := range n {
		p, number := at(i), uint16(i)
		head, tail, needs := p.ends()
		switch {
		case p.shape == exact:
			s.exact[p.text] = append(s.exact[p.text], number)
		case len(tail) >= 2:
			key := pair(tail[len(tail)-2:])
			s.tails[key] = s.tails[key].with(number, needs)
		case len(head) >= 2:
			key := pair(head)
			s.heads[key] = s.heads[key].with(number, needs)
		default:
			s.others = s.others.with(number, needs)
		}
	}
	return s
}

func (s shelf) with(number uint16, n need) shelf {
	return shelf{numbers: append(s.numbers, number), needs: append(s.needs, n)}
}

// pair makes a key of two bytes.
func pair(text string) uint16 { return uint16(text[0])<<8 | uint16(text[1]) }

// ends returns the literal text that a pattern begins and ends with, and what it needs.
func (p *pattern) ends() (head, tail string, n need) {
	switch p.shape {
	case exact:
		return p.text, p.text, needOf(p.text)
	case prefix:
		return p.text, "", needOf(p.text)
	case suffix:
		return "", p.text, needOf(p.text)
	}
	for _, t := range p.tokens {
		switch t.kind {
		case literal:
			n.length += len(t.text)
			for i := range len(t.text) {
				n.bytes |= byteBit(t.text[i])
			}
		case one:
			n.length++
		}
	}
	if first := p.tokens; len(first) > 0 && first[0].kind == literal {
		head = first[0].text
	}
	if last := len(p.tokens) - 1; last >= 0 && p.tokens[last].kind == literal {
		tail = p.tokens[last].text
	}
	return head, tail, n
}

// each calls a function with the numbers of the patterns that may match a text, until it
// returns false.
func (s *shelves) each(text string, do func(number int) bool) {
	for _, n := range s.exact[text] {
		if !do(int(n)) {
			return
		}
	}
	has := needOf(text)
	if len(text) >= 2 {
		tail, head := s.tails[pair(text[len(text)-2:])], s.heads[pair(text)]
		if !tail.each(&has, do) || !head.each(&has, do) {
			return
		}
	}
	s.others.each(&has, do)
}

func (s *shelf) each(has *need, do func(number int) bool) bool {
	for i := range s.needs {
		if s.needs[i].metBy(has) && !do(int(s.numbers[i])) {
			return false
		}
	}
	return true
}
