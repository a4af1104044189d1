package weather

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
)

// may says which errors an operation can answer, by the service's model.
type may struct{ finalizing, conflict bool }

// modeled reads the model. AWS makes accounts in the background, several at once: they conflict with
// nothing, and reading does not either.
func modeled(s *smithy.Service) map[string]may {
	all := make(map[string]may, len(s.Operations))
	for _, op := range s.Operations {
		m := may{}
		for _, e := range op.Errors {
			switch e.Name {
			case "FinalizingOrganizationException":
				m.finalizing = true
			case "ConcurrentModificationException":
				m.conflict = !isRead(op.Name) && op.Name != "CreateAccount" && op.Name != "CreateGovCloudAccount"
			}
		}
		all[op.Name] = m
	}
	return all
}

// organizations refuses what comes too early or at the same time, and shows what is done as under
// way.
func (w *Weather) organizations(ctx context.Context, op *smithy.Operation, in smithy.Shape, next invoke, can may) (smithy.Shape, error) {
	account := credential.FromContext(ctx).AccountID
	if can.finalizing && w.isPending(Finalizing, account) {
		w.note(ctx, Finalizing, "organizations", op)
		return nil, &organizationsapi.FinalizingOrganizationException{
			Message: smithy.Ptr("AWS Organizations couldn't perform the operation because your organization hasn't finished initializing. This can take up to an hour. Try again later."),
		}
	}
	if err := w.notReady(ctx, op, in); err != nil {
		return nil, err
	}
	if err := w.tooManyAtOnce(ctx, op, in, account); err != nil {
		return nil, err
	}
	if !can.conflict || !w.on(Conflicts) {
		return w.show(ctx, op, in, next, account)
	}
	ends, free := w.occupy(account)
	if !free {
		w.note(ctx, Conflicts, "organizations", op)
		return nil, &organizationsapi.ConcurrentModificationException{
			Message: smithy.Ptr("AWS Organizations can't complete your request because it conflicts with another attempt to modify the same entity. Try again later."),
		}
	}
	defer w.release(account)
	out, err := w.show(ctx, op, in, next, account)
	if err == nil {
		wait(ctx, ends.Sub(w.Now()))
	}
	return out, err
}

// occupy begins a change of an organization, and says until when it takes.
func (w *Weather) occupy(account string) (ends time.Time, free bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.changing[account] {
		return time.Time{}, false
	}
	w.changing[account] = true
	w.changes[account]++
	return w.Now().Add(w.lasts(Conflicts, account+"/"+strconv.FormatUint(w.changes[account], 10))), true
}

func (w *Weather) release(account string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.changing, account)
}

// wait lets an answer take its time, unless the client has gone.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// notReady refuses a call that names an account which is being created.
func (w *Weather) notReady(ctx context.Context, op *smithy.Operation, in smithy.Shape) error {
	id, refusal := named(in)
	if len(id) != 12 || strings.Trim(id, "0123456789") != "" {
		return nil
	}
	creating, err := w.creating(ctx, id)
	if err != nil || !creating {
		return err
	}
	w.note(ctx, Creation, "organizations", op)
	return refusal
}

// named returns the account that an input names, if any, and the error for one that is not there.
func named(in smithy.Shape) (id string, refusal error) {
	noAccount := &organizationsapi.AccountNotFoundException{Message: smithy.Ptr("You specified an account that doesn't exist.")}
	noTarget := &organizationsapi.TargetNotFoundException{Message: smithy.Ptr("You specified a target that doesn't exist.")}
	switch in := in.(type) {
	case *organizationsapi.DescribeAccountInput:
		return smithy.Value(in.AccountId), noAccount
	case *organizationsapi.MoveAccountInput:
		return smithy.Value(in.AccountId), noAccount
	case *organizationsapi.CloseAccountInput:
		return smithy.Value(in.AccountId), noAccount
	case *organizationsapi.RemoveAccountFromOrganizationInput:
		return smithy.Value(in.AccountId), noAccount
	case *organizationsapi.RegisterDelegatedAdministratorInput:
		return smithy.Value(in.AccountId), noAccount
	case *organizationsapi.ListParentsInput:
		return smithy.Value(in.ChildId), &organizationsapi.ChildNotFoundException{Message: smithy.Ptr("You specified a child that doesn't exist.")}
	case *organizationsapi.AttachPolicyInput:
		return smithy.Value(in.TargetId), noTarget
	case *organizationsapi.DetachPolicyInput:
		return smithy.Value(in.TargetId), noTarget
	case *organizationsapi.ListPoliciesForTargetInput:
		return smithy.Value(in.TargetId), noTarget
	case *organizationsapi.DescribeEffectivePolicyInput:
		return smithy.Value(in.TargetId), noTarget
	case *organizationsapi.TagResourceInput:
		return smithy.Value(in.ResourceId), noTarget
	case *organizationsapi.UntagResourceInput:
		return smithy.Value(in.ResourceId), noTarget
	case *organizationsapi.ListTagsForResourceInput:
		return smithy.Value(in.ResourceId), noTarget
	}
	return "", nil
}

// tooManyAtOnce keeps the quotas of what is in progress at the same time.
func (w *Weather) tooManyAtOnce(ctx context.Context, op *smithy.Operation, in smithy.Shape, account string) error {
	ours := func(name string) bool { return strings.HasPrefix(name, account+"/") }
	switch in.(type) {
	case *organizationsapi.CreateAccountInput, *organizationsapi.CreateGovCloudAccountInput:
		if len(w.pendingWith(Creation, ours)) >= maxCreating {
			w.note(ctx, Creation, "organizations", op)
			return &organizationsapi.TooManyRequestsException{
				Message: smithy.Ptr("AWS Organizations can't complete your request because another request is already in progress. Try again later."),
			}
		}
	case *organizationsapi.CloseAccountInput:
		if len(w.pendingWith(Closure, ours)) >= maxClosing {
			w.note(ctx, Closure, "organizations", op)
			return &organizationsapi.ConstraintViolationException{
				Message: smithy.Ptr("You have exceeded the number of accounts that you can close at a time."),
				Reason:  smithy.Ptr(organizationsapi.ConstraintViolationExceptionReasonCloseAccountRequestsLimitExceeded),
			}
		}
	}
	return nil
}

// show runs the operation and lets its answer show what the effects leave to be seen.
func (w *Weather) show(ctx context.Context, op *smithy.Operation, in smithy.Shape, next invoke, account string) (smithy.Shape, error) {
	asked := in
	if list, ok := in.(*organizationsapi.ListCreateAccountStatusInput); ok && len(list.States) > 0 && w.on(Creation) {
		// What is finished may have to be shown as not.
		all := *list
		all.States, in = nil, &all
	}
	out, err := next(ctx, op, in)
	if err != nil {
		return nil, err
	}
	w.learn(asked, out, account)
	veiled, changed, err := w.veil(ctx, asked, out, account)
	if err != nil {
		return nil, err
	}
	if changed != "" {
		w.note(ctx, changed, "organizations", op)
	}
	return veiled, nil
}

// learn makes pending what a call has begun.
func (w *Weather) learn(in, out smithy.Shape, account string) {
	switch out := out.(type) {
	case *organizationsapi.CreateOrganizationOutput:
		w.begin(Finalizing, account)
	case *organizationsapi.CreateAccountOutput:
		w.begin(Creation, account+"/"+*out.CreateAccountStatus.Id)
	case *organizationsapi.CreateGovCloudAccountOutput:
		w.begin(Creation, account+"/"+*out.CreateAccountStatus.Id)
	}
	if in, ok := in.(*organizationsapi.CloseAccountInput); ok {
		w.begin(Closure, account+"/"+*in.AccountId)
	}
}

// veil changes an answer, and names the effect that did.
func (w *Weather) veil(ctx context.Context, in, out smithy.Shape, account string) (smithy.Shape, Effect, error) {
	switch out := out.(type) {
	case *organizationsapi.DescribeCreateAccountStatusOutput:
		changed := w.veilStatus(out.CreateAccountStatus)
		if changed == "" {
			// Who knows that a creation is over may begin another.
			w.end(Creation, account+"/"+*out.CreateAccountStatus.Id)
		}
		return out, changed, nil
	case *organizationsapi.ListCreateAccountStatusOutput:
		var changed Effect
		for i := range out.CreateAccountStatuses {
			changed = first(changed, w.veilStatus(&out.CreateAccountStatuses[i]))
		}
		if in, ok := in.(*organizationsapi.ListCreateAccountStatusInput); ok && len(in.States) > 0 {
			out.CreateAccountStatuses = slices.DeleteFunc(out.CreateAccountStatuses, func(s organizationsapi.CreateAccountStatus) bool {
				return !slices.Contains(in.States, *s.State)
			})
		}
		return out, changed, nil
	case *organizationsapi.DescribeAccountOutput:
		return out, w.veilClosure(out.Account), nil
	case *organizationsapi.ListAccountsOutput:
		return out, w.veilAccounts(&out.Accounts), nil
	case *organizationsapi.ListAccountsForParentOutput:
		return out, w.veilAccounts(&out.Accounts), nil
	case *organizationsapi.ListChildrenOutput:
		changed, err := thinAccounts(ctx, w, &out.Children, func(c *organizationsapi.Child) *string { return c.Id })
		return out, changed, err
	case *organizationsapi.ListTargetsForPolicyOutput:
		changed, err := thinAccounts(ctx, w, &out.Targets, func(t *organizationsapi.PolicyTargetSummary) *string { return t.TargetId })
		return out, changed, err
	}
	return out, "", nil
}

func first(a, b Effect) Effect {
	if a != "" {
		return a
	}
	return b
}

// veilStatus shows a request that has ended as in progress.
func (w *Weather) veilStatus(s *organizationsapi.CreateAccountStatus) Effect {
	if s == nil || s.CompletedTimestamp == nil {
		return ""
	}
	name := smithy.Value(s.AccountId)
	if name == "" {
		name = *s.Id // it has failed
	}
	if !w.isNew(name, *s.CompletedTimestamp) {
		return ""
	}
	s.State = smithy.Ptr(organizationsapi.CreateAccountStateInProgress)
	s.CompletedTimestamp, s.AccountId, s.GovCloudAccountId, s.FailureReason = nil, nil, nil, nil
	return Creation
}

// veilAccounts leaves out accounts that are being created, and shows those that are being closed.
func (w *Weather) veilAccounts(accounts *[]organizationsapi.Account) (changed Effect) {
	before := len(*accounts)
	*accounts = slices.DeleteFunc(*accounts, func(a organizationsapi.Account) bool {
		return smithy.Value(a.JoinedMethod) == organizationsapi.AccountJoinedMethodCreated && a.JoinedTimestamp != nil && w.isNew(*a.Id, *a.JoinedTimestamp)
	})
	if len(*accounts) < before {
		changed = Creation
	}
	for i := range *accounts {
		changed = first(changed, w.veilClosure(&(*accounts)[i]))
	}
	return changed
}

func (w *Weather) veilClosure(a *organizationsapi.Account) Effect {
	if a == nil || !w.on(Closure) {
		return ""
	}
	of := func(name string) bool { return strings.HasSuffix(name, "/"+*a.Id) }
	if len(w.pendingWith(Closure, of)) == 0 {
		return ""
	}
	a.State, a.Status = smithy.Ptr(organizationsapi.AccountStatePendingClosure), smithy.Ptr(organizationsapi.AccountStatusPendingClosure)
	return Closure
}

// thinAccounts takes accounts that are being created out of a list of ids.
func thinAccounts[T any](ctx context.Context, w *Weather, list *[]T, id func(*T) *string) (Effect, error) {
	var kept []T
	for i := range *list {
		creating, err := w.creating(ctx, smithy.Value(id(&(*list)[i])))
		if err != nil {
			return "", err
		}
		if !creating {
			kept = append(kept, (*list)[i])
		}
	}
	if len(kept) == len(*list) {
		return "", nil
	}
	*list = kept
	return Creation, nil
}
