package authz

import (
	"context"
	"errors"

	"github.com/bailiwick/bailiwick/credential"
)

// authorizeUnsigned decides on a call that nobody signed. No account answers for who asks, so
// that only resource-based policies and the RCPs of the resource's organization count. Every
// check has to name its principal: one that does not is refused.
func (a *Authorizer) authorizeUnsigned(ctx context.Context, r *Request, row *Row) error {
	checks, err := row.Checks(ctx, &Call{Caller: r.Caller, Input: r.Input})
	if err != nil {
		return err
	}
	if len(checks) == 0 {
		return a.refuseBlank(r)
	}
	anonymous := *r
	anonymous.Caller = &credential.Caller{}
	for i := range checks {
		if checks[i].Principal == nil || checks[i].ResourceAccount == "" {
			return a.refuseBlank(r)
		}
		err := a.check(ctx, &anonymous, &account{}, &principal{}, &checks[i])
		var denied *DeniedError
		if errors.As(err, &denied) {
			// Who is nobody here learns nothing of policies; the wording is AWS's.
			denied.Message = "Not authorized to perform " + checks[i].Action
		}
		if err != nil {
			return err
		}
	}
	return nil
}
