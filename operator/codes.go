package operator

import (
	"errors"
	"net/http"
	"time"

	"github.com/bailiwick/bailiwick/account"
	"github.com/bailiwick/bailiwick/store"
)

// OneTimeCode is a code that waits to be given back by who owns an e-mail address or a
// telephone number.
type OneTimeCode struct {
	// Kind is EMAIL or PHONE, Destination the address or the number.
	Kind, Destination string
	Code              string
	SentAt, ExpiresAt time.Time
}

// OneTimeCodesOutput is the outbox of an account.
type OneTimeCodesOutput struct {
	Codes []OneTimeCode
}

// oneTimeCodes shows the codes that AWS would send by mail or text message: here the
// operator delivers them. They appear in this answer only, never in the log.
func (a *api) oneTimeCodes(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	out := OneTimeCodesOutput{Codes: []OneTimeCode{}}
	var waiting []account.WaitingCode
	err := a.DB.View(r.Context(), func(tx *store.Tx) (err error) {
		waiting, err = account.WaitingCodes(r.Context(), tx, id, a.Vault.Open)
		return err
	})
	for _, c := range waiting {
		out.Codes = append(out.Codes, OneTimeCode{
			Kind: c.Kind, Destination: c.Destination, Code: c.Code, SentAt: c.SentAt, ExpiresAt: c.ExpiresAt(),
		})
	}
	var rule *account.Error
	switch {
	case errors.As(err, &rule):
		a.fail(w, http.StatusNotFound, rule.Message)
	case err != nil:
		a.Logger.Error("one-time codes", "account", id, "error", err)
		a.broken(w, err)
	default:
		a.write(w, http.StatusOK, out)
	}
}
