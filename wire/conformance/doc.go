// Package conformance holds no code but tests: every operation, every member and every
// modeled error of every service in api/ goes through the real client of the AWS SDK for
// Go v2 once in each direction, whatever the service's protocol is. A new service is added
// to the table in sdk_test.go.
//
// Neighbours: the protocols in wire/, which have tests of their own for details and for
// malformed messages.
package conformance
