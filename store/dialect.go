package store

import "strings"

// dialect is all that the shared code must know of an engine's SQL.
type dialect struct {
	// name is "sqlite" or "postgres", for messages.
	name string
	// placeholders rewrites the $n of a statement to what the engine numbers the same way.
	placeholders func(sql string) string
	// schema rewrites one statement of a migration.
	schema func(statement string) string
	// classify gives an engine's error its meaning (errors.go); it returns others as they
	// are.
	classify func(err error) error
}

// numberedPlaceholders turns $1 into +?1 outside of quotes. The plus does nothing to a value,
// but it hides the parameter from SQLite's planner, which otherwise looks at what is bound to
// the parameters of joins and limits in case it is a small number, and compiles those
// statements again at every call: the driver clears what was bound before.
func numberedPlaceholders(sql string) string {
	var b strings.Builder
	for _, t := range tokens(sql) {
		text := sql[t.from:t.to]
		if t.kind == tokenCode && text[0] == '$' {
			b.WriteString("+?")
			text = text[1:]
		}
		b.WriteString(text)
	}
	return b.String()
}

// rewriteWords replaces words of the code (not of strings, names in quotes or comments).
func rewriteWords(sql string, words map[string]string) string {
	var b strings.Builder
	for _, t := range tokens(sql) {
		word := sql[t.from:t.to]
		if t.kind == tokenCode {
			if instead, ok := words[strings.ToLower(word)]; ok {
				word = instead
			}
		}
		b.WriteString(word)
	}
	return b.String()
}

// statements splits a migration at its semicolons and drops comments and empty statements.
func statements(sql string) []string {
	var (
		out  []string
		next strings.Builder
	)
	flush := func() {
		if s := strings.TrimSpace(next.String()); s != "" {
			out = append(out, s)
		}
		next.Reset()
	}
	for _, t := range tokens(sql) {
		switch {
		case t.kind == tokenComment:
			next.WriteByte(' ')
		case t.kind == tokenCode && sql[t.from:t.to] == ";":
			flush()
		default:
			next.WriteString(sql[t.from:t.to])
		}
	}
	flush()
	return out
}

type tokenKind int

const (
	// tokenCode is a word, a placeholder or one other character.
	tokenCode tokenKind = iota
	tokenSpace
	tokenQuoted
	tokenComment
)

type token struct {
	kind     tokenKind
	from, to int
}

// tokens cuts the portable subset of SQL into words, spaces, quoted parts and comments;
// together they are the whole text.
func tokens(sql string) []token {
	var out []token
	for i := 0; i < len(sql); {
		t := token{from: i}
		switch c := sql[i]; {
		case c == '\'' || c == '"':
			t.kind, t.to = tokenQuoted, quotedEnd(sql, i)
		case strings.HasPrefix(sql[i:], "--"):
			t.kind, t.to = tokenComment, len(sql)
			if n := strings.IndexByte(sql[i:], '\n'); n >= 0 {
				t.to = i + n
			}
		case isSpace(c):
			t.kind, t.to = tokenSpace, span(sql, i, isSpace)
		case isWord(c):
			t.to = span(sql, i, isWord)
		case c == '$':
			t.to = span(sql, i+1, isWord)
		default:
			t.to = i + 1
		}
		out = append(out, t)
		i = t.to
	}
	return out
}

// quotedEnd returns the index after the quoted part that starts at i; a doubled quote is
// two quoted parts side by side, which comes to the same.
func quotedEnd(sql string, i int) int {
	if n := strings.IndexByte(sql[i+1:], sql[i]); n >= 0 {
		return i + n + 2
	}
	return len(sql)
}

func span(sql string, i int, in func(byte) bool) int {
	for i < len(sql) && in(sql[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
