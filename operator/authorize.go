package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/policy"
)

// AuthorizeInput asks whether a principal may do something.
type AuthorizeInput struct {
	// Principal is the ARN of a root user, a user, a role or a role session, a service
	// principal, or "anonymous". It may be left out of a signed request: then it is the caller.
	Principal string `json:"principal,omitempty"`
	// Action is "service:Name"; Resource is an ARN, or "*" for actions without one.
	Action   string `json:"action"`
	Resource string `json:"resource"`
	// ResourceAccount owns the resource, where neither a registration nor the ARN says it.
	ResourceAccount string `json:"resourceAccount,omitempty"`
	// Context has the values of condition keys, each a value or a list.
	Context map[string]any `json:"context,omitempty"`
}

// AuthorizeOutput is the decision.
type AuthorizeOutput struct {
	Allowed bool `json:"allowed"`
	// Registered is the ARN of the registered resource whose policy and tags counted.
	Registered string `json:"registered,omitempty"`
	// Explanation says why; a signed caller reads what its account may know.
	Explanation policy.Explanation `json:"explanation"`
}

// authorize answers a question. Who signs needs iam:SimulatePrincipalPolicy for the
// principal, which has to be of the same account.
func (a *api) authorize(ctx context.Context, k *asker) (any, error) {
	var in AuthorizeInput
	if err := decode(k.body, &in); err != nil {
		return nil, err
	}
	q, err := a.question(&in, k)
	if err != nil {
		return nil, err
	}
	if err := a.findPrincipal(ctx, k, in.Principal, q); err != nil {
		return nil, err
	}
	x, err := a.Authorizer.Decide(ctx, q)
	if errors.Is(err, authz.ErrOwner) && !k.operator() && !ownedByName(in.Resource) {
		// Whose a bucket is must not be found out by naming one account after the other: then it
		// is decided with the one that has it.
		q.ResourceAccount = ""
		x, err = a.Authorizer.Decide(ctx, q)
	}
	if errors.Is(err, authz.ErrPrincipalGone) {
		return nil, bad("the principal's account is closed or not there")
	}
	if err != nil {
		return nil, err
	}
	out := &AuthorizeOutput{Allowed: x.Allowed, Explanation: x.Explanation}
	if !k.operator() {
		out.Explanation = x.Redacted()
	}
	if x.Registered != nil && (k.operator() || x.Registered.AccountID == k.signed.Caller.AccountID) {
		out.Registered = x.Registered.ARN
	}
	return out, nil
}

// ownedByName reports whether an ARN says which account the resource belongs to.
func ownedByName(name string) bool {
	parsed, err := arn.Parse(name)
	return err == nil && arn.IsAccountID(parsed.AccountID)
}

// question checks what is asked.
func (a *api) question(in *AuthorizeInput, k *asker) (*authz.Question, error) {
	service, name, ok := strings.Cut(in.Action, ":")
	if !ok || service == "" || name == "" || strings.ContainsAny(in.Action, "*? ") {
		return nil, bad("the action is one of a service, such as s3:GetObject")
	}
	parsed, err := arn.Parse(in.Resource)
	if in.Resource != "*" && (err != nil || strings.ContainsAny(in.Resource, "*?")) {
		return nil, bad("the resource is the ARN of one resource, or * for an action without resource types")
	}
	if in.ResourceAccount != "" && !arn.IsAccountID(in.ResourceAccount) {
		return nil, bad("the resource's account is an account id")
	}
	q := &authz.Question{Action: in.Action, Resource: in.Resource, ResourceAccount: in.ResourceAccount, Keys: policy.Keys{}}
	// Unless the context says otherwise, the request is made as clients of AWS make it.
	q.Environment = authz.Environment{Time: a.Now().UTC(), TLS: true, Region: parsed.Region}
	if !k.operator() && in.Principal == "" {
		region := q.Region
		q.Environment = k.environment()
		if region != "" {
			q.Region = region
		}
	}
	for key, value := range in.Context {
		if reserved(key) {
			return nil, bad("the condition key " + key + " is known from the principal and the resource: it cannot be given")
		}
		values, err := keyValues(value)
		if err != nil {
			return nil, bad("the condition key " + key + ": " + err.Error())
		}
		q.Keys.Set(key, values...)
	}
	return q, nil
}

// reserved reports whether a condition key says what the server knows better.
func reserved(key string) bool {
	lower := strings.ToLower(key)
	for _, prefix := range []string{"aws:principal", "aws:resource", "aws:userid", "aws:username", "aws:assumedroot", "iam:resourcetag/"} {
		if strings.HasPrefix(lower, prefix) && lower != "aws:principalisawsservice" {
			return true
		}
	}
	return false
}

func keyValues(value any) ([]string, error) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	out := make([]string, 0, len(list))
	for _, v := range list {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case bool, float64:
			text, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			out = append(out, string(text))
		default:
			return nil, fmt.Errorf("a value is a text, a number or a boolean")
		}
	}
	if len(out) == 0 {
		return nil, errors.New("there is no value")
	}
	return out, nil
}

// findPrincipal says who would act, and whether the caller may ask about it.
func (a *api) findPrincipal(ctx context.Context, k *asker, name string, q *authz.Question) (err error) {
	if k.operator() {
		if name == "" {
			return bad("the principal is required")
		}
		q.Caller, q.Principal, err = a.Authorizer.Named(ctx, name, q.Time)
		if q.Principal != nil && q.Principal.Type == policy.Service {
			q.Keys.Set("aws:PrincipalIsAWSService", "true")
			q.Keys.Set("aws:PrincipalServiceName", name)
		}
		return err
	}
	own := k.signed.Caller
	q.Caller = own
	about := own.EntityARN
	if name != "" && name != own.ARN {
		if parsed, wrong := arn.Parse(name); wrong != nil || parsed.AccountID != own.AccountID {
			return &problem{status: http.StatusForbidden, Code: "AccessDenied", Message: "you can ask about principals of your own account only"}
		}
		q.Caller, q.Principal, err = a.Authorizer.Named(ctx, name, q.Time)
		switch {
		case errors.Is(err, authz.ErrNoPrincipal):
			about = name
		case err != nil:
			return err
		default:
			about = q.Caller.EntityARN
		}
	}
	refused := a.Authorizer.Require(ctx, &authz.Question{
		Caller: own, Action: "iam:SimulatePrincipalPolicy", Resource: about, Environment: k.environment(),
	})
	if refused != nil {
		return refused // also if there is no such principal: who may not ask does not learn that
	}
	return err
}

// refusal reports whether an error is that somebody may not.
func refusal(err error) bool {
	var (
		denied *authz.DeniedError
		p      *problem
	)
	return errors.As(err, &denied) || errors.As(err, &p) && p.status == http.StatusForbidden
}
