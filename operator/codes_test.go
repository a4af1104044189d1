package operator_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/account"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/operator"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// The outbox is for the operator only, and its codes do not get into the log.
func TestOneTimeCodes(t *testing.T) {
	const id, token = "111111111111", "operator-secret"
	db := storetest.Memory().Open(t)
	key, err := credential.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	vault, err := credential.NewVault(credential.NewKeyring(key))
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(t.Context(), func(tx *store.Tx) error {
		if _, err := org.CreateStandaloneAccount(t.Context(), tx, id, "Name", "old@example.com"); err != nil {
			return err
		}
		return account.StartEmailUpdate(t.Context(), tx, id, "new@example.com", vault.Seal)
	})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	h := operator.New(operator.Config{DB: db, Vault: vault, Token: token, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	get := func(accountID, token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, operator.Prefix+"accounts/"+accountID+"/codes", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct {
		accountID, token string
		status           int
	}{
		{id, "", http.StatusUnauthorized},
		{id, "another", http.StatusUnauthorized},
		{"222222222222", token, http.StatusNotFound},
		{id, token, http.StatusOK},
	} {
		w := get(c.accountID, c.token)
		var out operator.OneTimeCodesOutput
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != c.status {
			t.Fatalf("answer = %d %s (%v), want %d", w.Code, w.Body, err, c.status)
		}
		if c.status != http.StatusOK {
			if len(out.Codes) > 0 {
				t.Errorf("refused with codes: %+v", out)
			}
			continue
		}
		if len(out.Codes) != 1 {
			t.Fatalf("codes = %+v", out.Codes)
		}
		got := out.Codes[0]
		if got.Kind != "EMAIL" || got.Destination != "new@example.com" || len(got.Code) != 6 || got.ExpiresAt.Sub(got.SentAt) != 30*time.Minute {
			t.Errorf("code = %+v", got)
		}
		if strings.Contains(log.String(), got.Code) {
			t.Errorf("the code is in the log: %s", log.String())
		}
	}
	// Who guessed is in the log, what was guessed is not.
	if text := log.String(); strings.Count(text, "a wrong operator's token was given") != 2 || strings.Contains(text, "another") || strings.Contains(text, token) {
		t.Errorf("log = %s", text)
	}
}
