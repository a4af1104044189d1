package policy

import "strings"

// tokenOptions says what is special in a text.
type tokenOptions struct {
	wildcards bool // * and ? stand for characters
	variables bool // ${key} stands for a value
}

// tokenize cuts a text into literals, wildcards and variables. A "${" that begins no
// well-formed variable is literal text, as AWS takes it; bad reports that there was one.
func tokenize(text string, o tokenOptions) (tokens []token, bad bool) {
	plain := 0
	flush := func(end int) {
		if end > plain {
			tokens = append(tokens, token{kind: literal, text: text[plain:end]})
		}
	}
	for i := 0; i < len(text); {
		switch {
		case o.wildcards && text[i] == '*':
			flush(i)
			tokens = append(tokens, token{kind: many})
			i++
			plain = i
		case o.wildcards && text[i] == '?':
			flush(i)
			tokens = append(tokens, token{kind: one})
			i++
			plain = i
		case o.variables && strings.HasPrefix(text[i:], "${"):
			t, n, ok := parseVariable(text[i:])
			if !ok {
				bad = true
				i += len("${")
				continue
			}
			flush(i)
			tokens = append(tokens, t)
			i += n
			plain = i
		default:
			i++
		}
	}
	flush(len(text))
	return tokens, bad
}

// maxVariableName bounds the name of a variable, in bytes: the longest condition keys are
// those of tags, whose keys have 128 characters. Without a bound, a text full of "${" would
// be searched from each of them to its end.
const maxVariableName = 640

// parseVariable reads one variable at the start of the text and returns its length:
// ${key}, ${key, 'default'}, or one of the escapes ${*}, ${?}, ${$} (IAM user guide,
// topic "IAM policy elements: Variables and tags").
func parseVariable(text string) (t token, n int, ok bool) {
	end := strings.IndexAny(text[:min(len(text), maxVariableName)], ",}")
	if end < 0 {
		return token{}, 0, false
	}
	key := strings.TrimSpace(text[len("${"):end])
	if text[end] == '}' {
		switch key {
		case "":
			return token{}, 0, false
		case "*", "?", "$":
			return token{kind: literal, text: key}, end + 1, true
		}
		return token{kind: variable, text: strings.ToLower(key)}, end + 1, true
	}
	rest := strings.TrimLeft(text[end+1:], " ")
	if key == "" || !strings.HasPrefix(rest, "'") {
		return token{}, 0, false
	}
	value, rest, closed := strings.Cut(rest[1:], "'")
	rest = strings.TrimLeft(rest, " ")
	if !closed || !strings.HasPrefix(rest, "}") {
		return token{}, 0, false
	}
	n = len(text) - len(rest) + 1
	return token{kind: variable, text: strings.ToLower(key), fallback: value, hasFallback: true}, n, true
}
