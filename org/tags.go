package org

// Tag is a tag of a node or a policy. Keys and values keep their case and are told apart by
// it.
type Tag struct {
	Key, Value string
}
