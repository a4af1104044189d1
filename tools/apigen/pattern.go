package main

import (
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf16"
)

// unicodeEscape is how the models write a character by number: one UTF-16 unit, or the
// two surrogates of a character beyond U+FFFF.
var unicodeEscape = regexp.MustCompile(`\\u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})`)

// goPattern translates a pattern of the model to Go's syntax, anchored at both ends: AWS
// matches the whole value. It fails for what Go's regexp cannot say.
func goPattern(source string) (string, error) {
	expr := "^(?:" + unicodeEscape.ReplaceAllStringFunc(source, goEscape) + ")$"
	if _, err := regexp.Compile(expr); err != nil {
		return "", fmt.Errorf("pattern needs goPattern in the overlay: %w", err)
	}
	return expr, nil
}

// goEscape writes one match of unicodeEscape as Go does.
func goEscape(escape string) string {
	groups := unicodeEscape.FindStringSubmatch(escape)
	if groups[3] != "" {
		return `\x{` + groups[3] + `}`
	}
	return fmt.Sprintf(`\x{%X}`, utf16.DecodeRune(unit(groups[1]), unit(groups[2])))
}

// unit reads four hexadecimal digits, which the expression has checked.
func unit(digits string) rune {
	n, _ := strconv.ParseUint(digits, 16, 16)
	return rune(n)
}
