package store_test

import (
	"testing"

	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestStore(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			t.Run("core", func(t *testing.T) { storetest.Run(t, e) })
			t.Run("org", func(t *testing.T) { storetest.Org(t, e) })
			t.Run("handshakes", func(t *testing.T) { storetest.Handshakes(t, e) })
			t.Run("transfers", func(t *testing.T) { storetest.Transfers(t, e) })
			t.Run("iam", func(t *testing.T) { storetest.IAM(t, e) })
			t.Run("iam extra", func(t *testing.T) { storetest.IAMExtra(t, e) })
			t.Run("iam delegation", func(t *testing.T) { storetest.IAMDelegation(t, e) })
			t.Run("iam access", func(t *testing.T) { storetest.IAMAccess(t, e) })
			t.Run("iam outbound", func(t *testing.T) { storetest.IAMOutbound(t, e) })
			t.Run("reseal", func(t *testing.T) { storetest.Reseal(t, e) })
			t.Run("account", func(t *testing.T) { storetest.Account(t, e) })
			t.Run("audit", func(t *testing.T) { storetest.Audit(t, e) })
			t.Run("resources", func(t *testing.T) { storetest.Resources(t, e) })
		})
	}
}
