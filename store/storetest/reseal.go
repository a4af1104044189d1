package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/account"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// Reseal is the suite of the walk through all sealed secrets.
func Reseal(t *testing.T, e Engine) {
	t.Run("walk", func(t *testing.T) { testReseal(t, e.Open(t)) })
	t.Run("fails as a whole", func(t *testing.T) { testResealFails(t, e.Open(t)) })
}

// plantSealed makes sealed secrets of every kind, several of each; a secret is the text "old"
// and its owner.
func plantSealed(t *testing.T, db *store.DB) (owners []string) {
	t.Helper()
	sealed := func(owner string) []byte {
		owners = append(owners, owner)
		return []byte("old " + owner)
	}
	update(t, db, func(tx *store.Tx) error {
		owners = nil
		var errs []error
		for i := range 5 {
			id := func(kind string) string { return fmt.Sprintf("%s-%d", kind, i) }
			errs = append(errs,
				tx.IAMInsertKey(iam.AccessKey{ID: id("key"), AccountID: iamAccount, Status: iam.KeyActive, SealedSecret: sealed(id("key")), CreatedAt: iamTime}),
				tx.IAMInsertMFADevice(iam.MFADevice{Serial: id("device"), AccountID: iamAccount, SealedSeed: sealed(id("device")), CreatedAt: iamTime}),
				tx.IAMInsertServerCertificate(iam.ServerCertificate{ID: id("certificate"), AccountID: iamAccount, Name: id("certificate"), SealedKey: sealed(id("certificate"))}),
				tx.IAMInsertSAMLKey(iam.SAMLKey{ID: id("saml"), ProviderARN: "provider", Sealed: sealed(id("saml")), AddedAt: iamTime}),
				tx.IAMInsertOutboundKey(iam.OutboundKey{ID: id("outbound"), AccountID: iamAccount, Algorithm: iam.AlgorithmES384, Public: []byte{1}, Sealed: sealed(id("outbound")), CreatedAt: iamTime}),
			)
			for _, kind := range []string{account.KindEmail, account.KindPhone} {
				c := account.OneTimeCode{AccountID: id("account"), Kind: kind, SentAt: orgTime}
				c.Sealed = sealed(account.CodeOwner(c.AccountID, kind))
				errs = append(errs, tx.PutAccountCode(c))
			}
		}
		// A code that has been used has nothing to seal.
		errs = append(errs, tx.PutAccountCode(account.OneTimeCode{AccountID: "used", Kind: account.KindEmail, SentAt: orgTime, UsedAt: &orgTime}))
		return errors.Join(errs...)
	})
	return owners
}

func testReseal(t *testing.T, db *store.DB) {
	owners := plantSealed(t, db)
	seen := map[string]int{}
	reseal := func(owner string, sealed []byte) ([]byte, bool, error) {
		seen[owner]++
		if string(sealed) == "new "+owner {
			return sealed, false, nil
		}
		if string(sealed) != "old "+owner {
			return nil, false, fmt.Errorf("%s holds %q", owner, sealed)
		}
		return []byte("new " + owner), true, nil
	}
	walk := func() (total int) {
		t.Helper()
		for place := (store.SealedPlace{}); !place.Done(); {
			var changed int
			var next store.SealedPlace
			update(t, db, func(tx *store.Tx) (err error) {
				changed, next, err = tx.Reseal(place, 2, reseal)
				return err
			})
			place, total = next, total+changed
		}
		return total
	}
	equal(t, "sealed anew", walk(), len(owners))
	equal(t, "sealed anew in the second walk", walk(), 0)
	for _, owner := range owners {
		equal(t, owner+" seen", seen[owner], 2)
	}
	found := 0
	view(t, db, func(tx *store.Tx) (err error) {
		for place := (store.SealedPlace{}); !place.Done(); {
			place, err = tx.Sealed(place, 3, func(sealed []byte) {
				if strings.HasPrefix(string(sealed), "new ") {
					found++
				}
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	equal(t, "found", found, len(owners))
}

// One secret that does not open leaves all of the batch as they were.
func testResealFails(t *testing.T, db *store.DB) {
	plantSealed(t, db)
	damaged := errors.New("it does not open")
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		_, _, err := tx.Reseal(store.SealedPlace{}, 100, func(owner string, _ []byte) ([]byte, bool, error) {
			if owner == "key-3" {
				return nil, false, damaged
			}
			return []byte("new"), true, nil
		})
		return err
	})
	if !errors.Is(err, damaged) || !strings.Contains(err.Error(), "key-3") {
		t.Errorf("error = %v", err)
	}
	view(t, db, func(tx *store.Tx) error {
		_, err := tx.Sealed(store.SealedPlace{}, 100, func(sealed []byte) {
			if string(sealed) == "new" {
				t.Error("half of the batch was written")
			}
		})
		return err
	})
}
