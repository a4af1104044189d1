package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// IAMOutbound is the suite of outbound federation and of the settings of accounts.
func IAMOutbound(t *testing.T, e Engine) {
	t.Run("issuers", func(t *testing.T) { testOutboundIssuers(t, e.Open(t)) })
	t.Run("keys", func(t *testing.T) { testOutboundKeys(t, e.Open(t)) })
	t.Run("aged keys", func(t *testing.T) { testOutboundAged(t, e.Open(t)) })
	t.Run("settings", func(t *testing.T) { testAccountSettings(t, e.Open(t)) })
}

func testOutboundIssuers(t *testing.T, db *store.DB) {
	first := iam.OutboundIssuer{AccountID: iamAccount, ID: "one", Enabled: true}
	update(t, db, func(tx *store.Tx) error { return tx.IAMPutOutboundIssuer(first) })
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		return tx.IAMPutOutboundIssuer(iam.OutboundIssuer{AccountID: "444455556666", ID: "one"})
	})
	if !errors.Is(err, iam.ErrDuplicate) {
		t.Errorf("an id twice: %v", err)
	}
	first.Enabled = false
	update(t, db, func(tx *store.Tx) error { return tx.IAMPutOutboundIssuer(first) })
	view(t, db, func(tx *store.Tx) error {
		byAccount, ok, err := tx.IAMOutboundIssuer(iamAccount)
		equal(t, "found", ok, true)
		equal(t, "issuer", byAccount, first)
		byID, ok, err2 := tx.IAMOutboundIssuerByID("one")
		equal(t, "found", ok, true)
		equal(t, "issuer", byID, first)
		_, ok, err3 := tx.IAMOutboundIssuerByID("two")
		equal(t, "found", ok, false)
		_, ok, err4 := tx.IAMOutboundIssuer("444455556666")
		equal(t, "found", ok, false)
		return errors.Join(err, err2, err3, err4)
	})
}

func testOutboundKeys(t *testing.T, db *store.DB) {
	key := func(id string, at time.Duration) iam.OutboundKey {
		return iam.OutboundKey{
			ID: id, AccountID: iamAccount, Algorithm: iam.AlgorithmES384, Public: []byte{0, 1}, Sealed: []byte{255, 0},
			CreatedAt: iamTime.Add(at),
		}
	}
	c, a, b := key("c", 0), key("a", time.Second), key("b", time.Second)
	other := key("d", 0)
	other.AccountID = "444455556666"
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMInsertOutboundKey(b), tx.IAMInsertOutboundKey(c), tx.IAMInsertOutboundKey(a), tx.IAMInsertOutboundKey(other))
	})
	if err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.IAMInsertOutboundKey(a) }); !errors.Is(err, iam.ErrDuplicate) {
		t.Errorf("a key twice: %v", err)
	}
	keys := func(accountID string) (list []iam.OutboundKey) {
		view(t, db, func(tx *store.Tx) (err error) {
			list, err = tx.IAMOutboundKeys(accountID)
			return err
		})
		return list
	}
	equal(t, "keys", keys(iamAccount), []iam.OutboundKey{c, a, b})
	update(t, db, func(tx *store.Tx) error { return tx.IAMDropOutboundKeys(iamAccount, []string{"c", "b", "d"}) })
	equal(t, "left", keys(iamAccount), []iam.OutboundKey{a})
	equal(t, "another account's", keys("444455556666"), []iam.OutboundKey{other})
}

// testOutboundAged tells accounts whose keys have a successor, or need one, from others.
func testOutboundAged(t *testing.T, db *store.DB) {
	const replaced, old, disabled, young, waiting = "111111111111", "222222222222", "333333333333", "444444444444", "555555555555"
	day := 24 * time.Hour
	update(t, db, func(tx *store.Tx) error {
		var errs []error
		for i, k := range []struct {
			account string
			at      time.Duration
		}{{replaced, 0}, {replaced, 10 * day}, {old, 0}, {disabled, 0}, {young, 91 * day}, {waiting, 0}, {waiting, 100 * day}} {
			errs = append(errs, tx.IAMInsertOutboundKey(iam.OutboundKey{
				ID: string(rune('a' + i)), AccountID: k.account, Algorithm: iam.AlgorithmES384, Public: []byte{1}, Sealed: []byte{1}, CreatedAt: iamTime.Add(k.at),
			}))
		}
		for _, id := range []string{old, disabled, young, waiting} {
			errs = append(errs, tx.IAMPutOutboundIssuer(iam.OutboundIssuer{AccountID: id, ID: "i" + id, Enabled: id != disabled}))
		}
		return errors.Join(errs...)
	})
	view(t, db, func(tx *store.Tx) error {
		got, err := tx.IAMOutboundKeysAged(iamTime.Add(10*day), iamTime.Add(98*day), 10)
		equal(t, "accounts", got, []string{replaced, old})
		one, err2 := tx.IAMOutboundKeysAged(iamTime.Add(10*day), iamTime.Add(98*day), 1)
		equal(t, "at most", len(one), 1)
		return errors.Join(err, err2)
	})
}

func testAccountSettings(t *testing.T, db *store.DB) {
	settings := func() (s iam.AccountSettings) {
		view(t, db, func(tx *store.Tx) (err error) {
			s, err = tx.IAMAccountSettings(iamAccount)
			return err
		})
		return s
	}
	equal(t, "at first", settings(), iam.AccountSettings{})
	for _, s := range []iam.AccountSettings{
		{GlobalTokenVersion: 2, RoleManager: true, RootProfileAt: iamTime},
		{GlobalTokenVersion: 1},
	} {
		update(t, db, func(tx *store.Tx) error { return tx.IAMPutAccountSettings(iamAccount, s) })
		equal(t, "settings", settings(), s)
	}
}
