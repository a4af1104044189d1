package iam

import (
	"encoding/base64"
	"unicode/utf8"
)

// DefaultPageSize is how many entries a list has when the caller does not say; see the
// parameter MaxItems of the IAM API.
const DefaultPageSize = 100

// Page asks for one page of a list.
type Page struct {
	// Marker is the marker that the page before came with, or empty for the first page.
	Marker string
	// Size is the most entries to return; zero means DefaultPageSize.
	Size int
}

// after returns the key of the last entry of the page before.
func (p Page) after() (string, error) {
	if p.Marker == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(p.Marker)
	if err != nil || len(b) == 0 || !utf8.Valid(b) {
		return "", fail(InvalidRequest, "Invalid Marker.")
	}
	return string(b), nil
}

func (p Page) size() int {
	if p.Size <= 0 {
		return DefaultPageSize
	}
	return p.Size
}

// marker makes the opaque marker that continues after key.
func marker(key string) string { return base64.RawURLEncoding.EncodeToString([]byte(key)) }

// page reads one entry more than the page holds, to know whether there is another page.
func page[T any](p Page, list func(Range) ([]T, error), key func(T) string) ([]T, string, error) {
	after, err := p.after()
	if err != nil {
		return nil, "", err
	}
	items, err := list(Range{After: after, Limit: p.size() + 1})
	if err != nil {
		return nil, "", err
	}
	return cut(items, p.size(), key)
}

// slicePage pages a list that is short enough to be read whole, and is in order of key.
func slicePage[T any](all []T, p Page, key func(T) string) ([]T, string, error) {
	after, err := p.after()
	if err != nil {
		return nil, "", err
	}
	for after != "" && len(all) > 0 && key(all[0]) <= after {
		all = all[1:]
	}
	return cut(all, p.size(), key)
}

func cut[T any](items []T, size int, key func(T) string) ([]T, string, error) {
	if len(items) <= size {
		return items, "", nil
	}
	return items[:size], marker(key(items[size-1])), nil
}
