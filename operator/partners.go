package operator

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// RegisterPartnerInput makes an account one of a product provider, which may then ask for
// temporary delegation. AWS takes providers on by hand.
type RegisterPartnerInput struct {
	AccountID string `json:"AccountId"`
	// Domain is the provider's; several accounts may have one.
	Domain string
	// Name is what owners of requests see.
	Name string
}

// RegisterPolicyInput is a policy template or a permissions boundary of a provider.
type RegisterPolicyInput struct {
	Name, Document string
}

// RegisterPolicyOutput has the ARN that the provider refers to it by.
type RegisterPolicyOutput struct {
	ARN string `json:"Arn"`
}

// PartnerMessagesOutput is what AWS would have published to the topics of a provider's
// requests: the latest state of each, and the exchange tokens.
type PartnerMessagesOutput struct {
	Messages []iam.DelegationMessage
}

// RegisterRoleTemplateInput is a role template with one of its minor versions.
type RegisterRoleTemplateInput struct {
	Template iam.RoleTemplate
	Version  iam.RoleTemplateVersion
}

func (a *api) partnerRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST "+Prefix+"partners", a.authorized(a.registerPartner))
	mux.HandleFunc("POST "+Prefix+"partners/{domain}/templates", a.authorized(a.registerPolicy(iam.PolicyTemplate)))
	mux.HandleFunc("POST "+Prefix+"partners/{domain}/boundaries", a.authorized(a.registerPolicy(iam.PartnerBoundary)))
	mux.HandleFunc("GET "+Prefix+"partners/{account}/messages", a.authorized(a.partnerMessages))
	mux.HandleFunc("POST "+Prefix+"role-templates", a.authorized(a.registerRoleTemplate))
}

// readBody decodes the body of a request, or answers why it cannot be.
func readBody[T any](a *api, w http.ResponseWriter, r *http.Request) (in T, ok bool) {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		a.fail(w, http.StatusBadRequest, "the body is not the JSON that is expected: "+err.Error())
		return in, false
	}
	return in, true
}

// answer writes what came of an operation of package iam.
func (a *api) answer(w http.ResponseWriter, what string, out any, err error) {
	var rule *iam.Error
	switch {
	case errors.As(err, &rule) && rule.Code == iam.NoSuchEntity:
		a.fail(w, http.StatusNotFound, rule.Message)
	case errors.As(err, &rule) && rule.Code == iam.EntityAlreadyExists:
		a.fail(w, http.StatusConflict, rule.Message)
	case errors.As(err, &rule):
		a.fail(w, http.StatusBadRequest, rule.Message)
	case err != nil:
		a.Logger.Error(what, "error", err)
		a.broken(w, err)
	default:
		a.write(w, http.StatusOK, out)
	}
}

func (a *api) registerPartner(w http.ResponseWriter, r *http.Request) {
	in, ok := readBody[RegisterPartnerInput](a, w, r)
	if !ok {
		return
	}
	err := a.DB.Update(r.Context(), func(tx *store.Tx) error {
		return iam.RegisterPartner(r.Context(), tx, iam.Partner{AccountID: in.AccountID, Domain: in.Domain, Name: in.Name})
	})
	if err == nil {
		a.Logger.Info("product provider registered", "account", in.AccountID, "domain", in.Domain)
	}
	a.answer(w, "register product provider", in, err)
}

func (a *api) registerPolicy(kind iam.PartnerPolicyKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		in, ok := readBody[RegisterPolicyInput](a, w, r)
		if !ok {
			return
		}
		var out RegisterPolicyOutput
		err := a.DB.Update(r.Context(), func(tx *store.Tx) (err error) {
			out.ARN, err = iam.RegisterPartnerPolicy(r.Context(), tx, kind, r.PathValue("domain"), in.Name, in.Document)
			return err
		})
		if err == nil {
			a.Logger.Info("policy of a product provider registered", "arn", out.ARN)
		}
		a.answer(w, "register policy", out, err)
	}
}

// partnerMessages hands over what IAM would publish. Exchange tokens appear in this answer
// only, never in the log.
func (a *api) partnerMessages(w http.ResponseWriter, r *http.Request) {
	var out PartnerMessagesOutput
	err := a.DB.View(r.Context(), func(tx *store.Tx) (err error) {
		out.Messages, err = iam.DelegationMessages(r.Context(), tx, r.PathValue("account"), a.Vault.Seal)
		return err
	})
	a.answer(w, "messages of a product provider", out, err)
}

func (a *api) registerRoleTemplate(w http.ResponseWriter, r *http.Request) {
	in, ok := readBody[RegisterRoleTemplateInput](a, w, r)
	if !ok {
		return
	}
	err := a.DB.Update(r.Context(), func(tx *store.Tx) error {
		return iam.RegisterRoleTemplate(r.Context(), tx, in.Template, in.Version)
	})
	if err == nil {
		a.Logger.Info("role template registered", "arn", in.Template.ARN, "minor", in.Version.Minor)
	}
	a.answer(w, "register role template", RegisterPolicyOutput{ARN: in.Template.ARN}, err)
}
