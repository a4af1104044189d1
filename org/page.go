package org

// Page is a piece of a list that the caller asks for.
type Page struct {
	// After is the cursor that the piece before ended with; empty for the first piece.
	After string
	// Limit is the most items of the piece, at least 1.
	Limit int
}

// cut returns at most p.Limit of the items and the cursor of the next piece, which is empty
// at the end. The items were asked for with one more than the limit.
func cut[T any](items []T, p Page, id func(T) string) ([]T, string) {
	if len(items) <= p.Limit {
		return items, ""
	}
	items = items[:p.Limit]
	return items, id(items[len(items)-1])
}
