// Package iam is AWS Identity and Access Management at the wire: it implements the
// generated interface api/iam.Service over the domain package iam, one file per resource.
// A method unpacks its input, makes one call of the domain in one transaction, and packs
// the output. actions.go has what each operation must be allowed, errors.go how the
// domain's errors are named in the API.
//
// Neighbours: api/iam (shapes), iam (rules), store (transactions), credential (makes and
// seals access keys).
package iam
