package operator_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/operator"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestQuotas(t *testing.T) {
	const id, token = "111111111111", "operator-secret"
	db := storetest.Memory().Open(t)
	var o org.Organization
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := org.CreateStandaloneAccount(t.Context(), tx, id, "Name", "boss@example.com")
		if err == nil {
			o, err = org.CreateOrganization(t.Context(), tx, id, "")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h := operator.New(operator.Config{DB: db, Token: token, Logger: slog.New(slog.DiscardHandler), Settings: org.Settings{AccountLimit: 7}})
	call := func(method, path, token, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, operator.Prefix+"organizations/"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct {
		name, method, path, token, body string
		status, value                   int
	}{
		{"without token", http.MethodPut, o.ID + "/quotas/accounts", "", `{"Value":20}`, http.StatusUnauthorized, 0},
		{"list", http.MethodGet, o.ID + "/quotas", token, "", http.StatusOK, 7},
		{"list by account", http.MethodGet, id + "/quotas", token, "", http.StatusOK, 7},
		{"raise", http.MethodPut, o.ID + "/quotas/accounts", token, `{"Value":20}`, http.StatusOK, 20},
		{"stays", http.MethodGet, o.ID + "/quotas", token, "", http.StatusOK, 20},
		{"no organization", http.MethodGet, "o-0000000000/quotas", token, "", http.StatusNotFound, 0},
		{"no quota", http.MethodPut, o.ID + "/quotas/tags", token, `{"Value":20}`, http.StatusNotFound, 0},
		{"no quota to reset", http.MethodDelete, o.ID + "/quotas/tags", token, "", http.StatusNotFound, 0},
		{"no value", http.MethodPut, o.ID + "/quotas/accounts", token, `{}`, http.StatusBadRequest, 0},
		{"something else", http.MethodPut, o.ID + "/quotas/accounts", token, `{"Value":1,"Walue":2}`, http.StatusBadRequest, 0},
		{"a negative value", http.MethodPut, o.ID + "/quotas/accounts", token, `{"Value":-1}`, http.StatusBadRequest, 0},
		{"reset", http.MethodDelete, o.ID + "/quotas/accounts", token, "", http.StatusOK, 7},
	} {
		w := call(c.method, c.path, c.token, c.body)
		var out operator.QuotasOutput
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != c.status {
			t.Errorf("%s: %d %s (%v), want %d", c.name, w.Code, w.Body, err, c.status)
		}
		for _, q := range out.Quotas {
			if q.Name == "accounts" && (q.Value != c.value || q.Default != 7) {
				t.Errorf("%s: %+v, want %d", c.name, q, c.value)
			}
		}
		if (len(out.Quotas) > 0) != (c.status == http.StatusOK) {
			t.Errorf("%s: %+v", c.name, out)
		}
	}
	if got := eventsNamed(t, db, id, "ServiceQuotaChanged"); len(got) != 2 || !strings.Contains(got[0]+got[1], `"desiredValue":20`) {
		t.Errorf("events = %v", got)
	}
}

// eventsNamed returns the records of an account with that name.
func eventsNamed(t *testing.T, db *store.DB, accountID, name string) (out []string) {
	t.Helper()
	err := db.View(t.Context(), func(tx *store.Tx) error {
		events, err := tx.AuditEvents(audit.Query{AccountID: accountID, Limit: 50})
		for _, e := range events {
			if e.Name == name {
				out = append(out, string(e.Record))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
