package org

import (
	"fmt"
	"io"
)

// The alphabets and lengths of ids, after the patterns of the API reference. AWS's own ids
// have these lengths.
const (
	base36 = "0123456789abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"

	organizationIDLength = 10
	rootIDLength         = 4
	unitIDLength         = 8
	policyIDLength       = 8
	requestIDLength      = 32
	handshakeIDLength    = 32
	transferIDLength     = 32
)

// randomText returns n characters of the alphabet, each as likely as any other.
func randomText(r io.Reader, alphabet string, n int) (string, error) {
	// Bytes from fair on would make the first characters of the alphabet likelier.
	fair := 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	buf := make([]byte, 2*n)
	for len(out) < n {
		if _, err := io.ReadFull(r, buf); err != nil {
			return "", fmt.Errorf("org: no randomness: %w", err)
		}
		for _, b := range buf {
			if int(b) < fair && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out), nil
}

// unusedID returns the first id made by next that taken does not know.
func unusedID(next func() (string, error), taken func(id string) (bool, error)) (string, error) {
	const attempts = 20
	for range attempts {
		id, err := next()
		if err != nil {
			return "", err
		}
		used, err := taken(id)
		if err != nil {
			return "", err
		}
		if !used {
			return id, nil
		}
	}
	return "", fmt.Errorf("org: no unused id in %d attempts", attempts)
}

func prefixed(tx Clock, prefix, alphabet string, n int) func() (string, error) {
	return func() (string, error) {
		s, err := randomText(tx.Rand(), alphabet, n)
		return prefix + s, err
	}
}

func newOrganizationID(tx Tx) (string, error) {
	return unusedID(prefixed(tx, "o-", base36, organizationIDLength), func(id string) (bool, error) {
		_, found, err := tx.Organization(id)
		return found, err
	})
}

// newRootID needs no search: ids of nodes are unique in their organization only.
func newRootID(tx Tx) (string, error) { return prefixed(tx, "r-", base36, rootIDLength)() }

func newUnitID(tx Tx, o Organization) (string, error) {
	prefix := "ou-" + o.RootID[len("r-"):] + "-"
	return unusedID(prefixed(tx, prefix, base36, unitIDLength), func(id string) (bool, error) {
		_, found, err := tx.OrgUnit(o.ID, id)
		return found, err
	})
}

func newPolicyID(tx Tx, o Organization) (string, error) {
	return unusedID(prefixed(tx, "p-", base36, policyIDLength), func(id string) (bool, error) {
		_, found, err := tx.OrgPolicy(o.ID, id)
		return found, err
	})
}

func newRequestID(tx Tx) (string, error) { return prefixed(tx, "car-", base36, requestIDLength)() }

func newAccountID(tx Tx) (string, error) {
	next := prefixed(tx, "", digits, accountIDDigits)
	return unusedID(next, func(id string) (bool, error) {
		// A leading zero is lost as soon as a spreadsheet or a script takes the id for a number.
		if id[0] == '0' {
			return true, nil
		}
		_, found, err := tx.OrgAccount(id)
		return found, err
	})
}
