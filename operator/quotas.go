package operator

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// Quota is a quota of an organization that can be raised.
type Quota struct {
	Name string
	// Default is AWS's value, or the server's own; Value the one that counts.
	Default, Value int
	// RaisedAt is missing while the default counts.
	RaisedAt *time.Time `json:",omitempty"`
}

// QuotasOutput are the quotas of an organization.
type QuotasOutput struct {
	OrganizationID string `json:"OrganizationId"`
	Quotas         []Quota
}

// SetQuotaInput gives a quota another value.
type SetQuotaInput struct {
	Value *int
}

func (a *api) quotaRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET "+Prefix+"organizations/{id}/quotas", a.authorized(a.quotas))
	mux.HandleFunc("PUT "+Prefix+"organizations/{id}/quotas/{quota}", a.authorized(a.setQuota))
	mux.HandleFunc("DELETE "+Prefix+"organizations/{id}/quotas/{quota}", a.authorized(a.resetQuota))
}

// quotas lists the quotas of an organization, which is named by its id or by that of its
// management account.
func (a *api) quotas(w http.ResponseWriter, r *http.Request) {
	a.quotaChange(w, r, func(*store.Tx, org.Organization) error { return nil })
}

// setQuota does what AWS does when it grants an increase.
func (a *api) setQuota(w http.ResponseWriter, r *http.Request) {
	var in SetQuotaInput
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil || in.Value == nil {
		a.fail(w, http.StatusBadRequest, `the body is not the JSON that is expected: {"Value": 20}`)
		return
	}
	quota := org.Quota(r.PathValue("quota"))
	a.quotaChange(w, r, func(tx *store.Tx, o org.Organization) error {
		if err := org.SetQuota(r.Context(), tx, o, quota, *in.Value); err != nil {
			return err
		}
		return appendQuotaEvent(tx, o, quotaEvent{OrganizationID: o.ID, QuotaName: string(quota), DesiredValue: in.Value})
	})
}

// resetQuota lets the default count again.
func (a *api) resetQuota(w http.ResponseWriter, r *http.Request) {
	quota := org.Quota(r.PathValue("quota"))
	a.quotaChange(w, r, func(tx *store.Tx, o org.Organization) error {
		if err := org.ResetQuota(r.Context(), tx, o, quota); err != nil {
			return err
		}
		return appendQuotaEvent(tx, o, quotaEvent{OrganizationID: o.ID, QuotaName: string(quota)})
	})
}

// errNoOrganization says that the id in the path is of no organization.
var errNoOrganization = errors.New("no organization has this id, and no account of this id manages one")

// quotaChange runs a change of an organization's quotas and answers with all of them.
func (a *api) quotaChange(w http.ResponseWriter, r *http.Request, change func(tx *store.Tx, o org.Organization) error) {
	var out QuotasOutput
	run := a.DB.Update
	if r.Method == http.MethodGet {
		run = a.DB.View
	}
	err := run(r.Context(), func(tx *store.Tx) error {
		o, found, err := org.OrganizationNamed(r.Context(), tx, r.PathValue("id"))
		if err != nil {
			return err
		}
		if !found {
			return errNoOrganization
		}
		if err := change(tx, o); err != nil {
			return err
		}
		all, err := org.Quotas(r.Context(), tx, o, a.Settings)
		out = QuotasOutput{OrganizationID: o.ID, Quotas: make([]Quota, 0, len(all))}
		for _, q := range all {
			out.Quotas = append(out.Quotas, Quota{Name: string(q.Quota), Default: q.Default, Value: q.Value, RaisedAt: q.RaisedAt})
		}
		return err
	})
	switch {
	case errors.Is(err, errNoOrganization), errors.Is(err, org.ErrUnknownQuota):
		a.fail(w, http.StatusNotFound, strings.TrimPrefix(err.Error(), "org: "))
	case errors.Is(err, org.ErrQuotaValue):
		a.fail(w, http.StatusBadRequest, strings.TrimPrefix(err.Error(), "org: "))
	case err != nil:
		a.Logger.Error("quotas", "organization", r.PathValue("id"), "error", err)
		a.broken(w, err)
	default:
		if r.Method != http.MethodGet {
			a.Logger.Info("quota changed", "organization", out.OrganizationID, "quota", r.PathValue("quota"), "method", r.Method)
		}
		a.write(w, http.StatusOK, out)
	}
}

// quotaSource is the service that raises quotas in AWS.
const quotaSource = "servicequotas.amazonaws.com"

// quotaEvent is the body of the event by which the management account learns of a change. A
// quota without a value has its default again.
type quotaEvent struct {
	OrganizationID string `json:"organizationId"`
	QuotaName      string `json:"quotaName"`
	DesiredValue   *int   `json:"desiredValue,omitempty"`
}

func appendQuotaEvent(tx *store.Tx, o org.Organization, body quotaEvent) error {
	details, err := json.Marshal(body)
	if err != nil {
		return err
	}
	id, err := audit.NewID(tx.Now(), tx.Rand())
	if err != nil {
		return err
	}
	return tx.AppendEvents([]audit.Event{
		audit.ServiceEvent(id, o.ManagementAccountID, quotaSource, "ServiceQuotaChanged", tx.Now(), details),
	})
}
