// Package smithytest holds a shape made of plain values, so that tests can give a protocol
// any schema they like without generated code: [Record], and [Everything], a schema with a
// member of every kind.
//
// It is imported by tests only. Neighbours: smithy, and the protocols in wire/ that use it.
package smithytest
