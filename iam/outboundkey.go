package iam

import "github.com/bailiwick/bailiwick/credential"

// Seal seals a secret for an owner; credential.Vault.Seal is one.
type Seal func(owner string, secret []byte) ([]byte, error)

// NewOutboundKeys makes a key pair for each of the algorithms. It takes a while and belongs
// outside of a transaction; [AddOutboundKeys] stores what it returns.
func NewOutboundKeys(algorithms []string, seal Seal) ([]OutboundKey, error) {
	keys := make([]OutboundKey, 0, len(algorithms))
	for _, algorithm := range algorithms {
		made, err := credential.NewTokenKey(algorithm)
		if err != nil {
			return nil, err
		}
		sealed, err := seal(made.ID, made.Private)
		if err != nil {
			return nil, err
		}
		keys = append(keys, OutboundKey{ID: made.ID, Algorithm: algorithm, Public: made.Public, Sealed: sealed})
	}
	return keys, nil
}
