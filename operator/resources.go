package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/lint"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
	"github.com/bailiwick/bailiwick/resource"
	"github.com/bailiwick/bailiwick/store"
)

// FileVersion is the version of the file format of resources.
const FileVersion = 1

// Resource is a registered resource, as files and answers have it.
type Resource struct {
	ARN string `json:"arn"`
	// Account owns it. It may be left out where the ARN has it.
	Account string `json:"account,omitempty"`
	// Type may be left out: the ARN says it.
	Type string `json:"type,omitempty"`
	// Policy is the resource-based policy: an object, or its text.
	Policy json.RawMessage   `json:"policy,omitempty"`
	Tags   map[string]string `json:"tags,omitempty"`
	// CreatedAt and UpdatedAt are in answers only.
	CreatedAt *time.Time `json:"createdAt,omitempty"`
	UpdatedAt *time.Time `json:"updatedAt,omitempty"`
}

// ResourceFile describes what is to be registered; it is also the body of apply.
type ResourceFile struct {
	Version   int        `json:"version"`
	Resources []Resource `json:"resources"`
	// Accounts are those that Prune is about; without any, those of the resources.
	Accounts []string `json:"accounts,omitempty"`
	// Prune removes what is registered in these accounts and not in the file.
	Prune bool `json:"prune,omitempty"`
	// DryRun changes nothing and tells what would change.
	DryRun bool `json:"dryRun,omitempty"`
}

// ResourceChange is what becomes of one resource.
type ResourceChange struct {
	// Way is create, update, remove or keep.
	Way     string `json:"way"`
	ARN     string `json:"arn"`
	Account string `json:"account"`
	Type    string `json:"type"`
	// Policy and Tags tell what an update changes.
	Policy bool `json:"policy,omitempty"`
	Tags   bool `json:"tags,omitempty"`
	// Warnings are what there is to say about a policy that is taken nevertheless.
	Warnings []policy.Finding `json:"warnings,omitempty"`
}

// ResourceChanges is the answer to every change.
type ResourceChanges struct {
	DryRun  bool             `json:"dryRun,omitempty"`
	Changes []ResourceChange `json:"changes"`
}

// ResourceList is a page of resources in the order of their ARNs.
type ResourceList struct {
	Resources []Resource `json:"resources"`
	// Next is the value of "after" for the next page, empty if there is none.
	Next string `json:"next,omitempty"`
}

// The sizes of a page of resources.
const (
	defaultPage = 100
	maxPage     = 1000
)

func (a *api) putResource(ctx context.Context, k *asker) (any, error) {
	var in Resource
	if err := decode(k.body, &in); err != nil {
		return nil, err
	}
	spec, err := in.spec()
	if err != nil {
		return nil, err
	}
	return a.change(ctx, k, &resource.Wish{Put: []resource.Spec{spec}}, false)
}

func (a *api) removeResource(ctx context.Context, k *asker) (any, error) {
	name := k.request.URL.Query().Get("arn")
	if name == "" {
		return nil, bad("the parameter arn is required")
	}
	return a.change(ctx, k, &resource.Wish{Remove: []string{name}}, false)
}

func (a *api) applyResources(ctx context.Context, k *asker) (any, error) {
	var in ResourceFile
	if err := decode(k.body, &in); err != nil {
		return nil, err
	}
	if in.Version != FileVersion {
		return nil, bad("the version is " + strconv.Itoa(FileVersion) + ", not " + strconv.Itoa(in.Version))
	}
	w := &resource.Wish{}
	for i := range in.Resources {
		spec, err := in.Resources[i].spec()
		if err != nil {
			return nil, err
		}
		w.Put = append(w.Put, spec)
	}
	if in.Prune {
		w.Prune = in.pruned(w.Put)
	}
	return a.change(ctx, k, w, in.DryRun)
}

// pruned are the accounts that a file speaks about.
func (f *ResourceFile) pruned(specs []resource.Spec) []string {
	if len(f.Accounts) > 0 {
		return slices.Compact(slices.Sorted(slices.Values(f.Accounts)))
	}
	var accounts []string
	for i := range specs {
		accounts = append(accounts, specs[i].Owner())
	}
	slices.Sort(accounts)
	return slices.DeleteFunc(slices.Compact(accounts), func(id string) bool { return id == "" })
}

func decode(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return bad("the body is not the JSON that is expected: " + err.Error())
	}
	if d.More() {
		return bad("there is something behind the JSON of the body")
	}
	return nil
}

// spec is what the resource asks for.
func (r *Resource) spec() (resource.Spec, error) {
	s := resource.Spec{ARN: r.ARN, AccountID: r.Account, Type: r.Type}
	text := bytes.TrimSpace(r.Policy)
	switch {
	case len(text) == 0 || string(text) == "null":
	case text[0] == '"':
		if err := json.Unmarshal(text, &s.Policy); err != nil {
			return s, bad(r.ARN + ": the policy is no text: " + err.Error())
		}
	default:
		var compact bytes.Buffer
		if err := json.Compact(&compact, text); err != nil {
			return s, bad(r.ARN + ": the policy is no JSON: " + err.Error())
		}
		s.Policy = compact.String()
	}
	for key, value := range r.Tags {
		s.Tags = append(s.Tags, resource.Tag{Key: key, Value: value})
	}
	return s, nil
}

// change makes the changes of a wish, all or none.
func (a *api) change(ctx context.Context, k *asker, w *resource.Wish, dryRun bool) (*ResourceChanges, error) {
	plan, err := store.Read(ctx, a.DB, func(tx *store.Tx) (*resource.Plan, error) { return a.plan(ctx, tx, k, w) })
	if err != nil {
		return nil, a.mayLearn(ctx, k, err)
	}
	if err := a.authorizeChanges(ctx, k, plan); err != nil {
		return nil, err
	}
	out := describeChanges(plan)
	if out.DryRun = dryRun; dryRun {
		return out, nil
	}
	return store.Write(ctx, a.DB, func(tx *store.Tx) (*ResourceChanges, error) {
		now, err := a.plan(ctx, tx, k, w)
		switch {
		case err != nil:
			return nil, err
		case !k.operator() && !now.Same(plan):
			return nil, &resource.Error{Code: resource.Changed, Message: "the resources were changed by somebody else meanwhile; try again"}
		}
		if err := now.Apply(ctx, tx); err != nil {
			return nil, err
		}
		return describeChanges(now), noteChanges(tx, k, now)
	})
}

// plan makes the plan of a wish. A principal has a say about resources of its own account
// only: about others it learns nothing, as in the services' own APIs.
func (a *api) plan(ctx context.Context, tx *store.Tx, k *asker, w *resource.Wish) (*resource.Plan, error) {
	if !k.operator() {
		own := k.signed.Caller.AccountID
		for _, name := range w.Remove {
			if r, err := resource.Find(ctx, tx, name); err == nil && r.AccountID != own {
				return nil, &resource.Error{Code: resource.NotFound, ARN: name, Message: "the resource is not registered"}
			}
		}
		for i := range w.Put {
			if owner := w.Put[i].Owner(); owner != "" && owner != own {
				return nil, foreign(w.Put[i].ARN)
			}
		}
		if slices.ContainsFunc(w.Prune, func(id string) bool { return id != own }) {
			return nil, foreign("")
		}
	}
	return resource.MakePlan(ctx, tx, w)
}

// mayLearn returns what a caller learns of broken rules. Which principals exist and which
// policies are valid is told only to who may put a policy on the resource.
func (a *api) mayLearn(ctx context.Context, k *asker, err error) error {
	var rules resource.Errors
	if k.operator() || !errors.As(err, &rules) {
		return err
	}
	for _, rule := range rules {
		if rule.Code != resource.MalformedPolicy {
			continue
		}
		exists, failure := store.Read(ctx, a.DB, func(tx *store.Tx) (there bool, err error) {
			_, there, err = tx.RegisteredResource(rule.ARN)
			return there, err
		})
		if failure != nil {
			return failure
		}
		actions := resource.PolicyActions(rule.ARN, exists)
		if len(actions) == 0 {
			return unknownKind(rule.ARN)
		}
		for _, action := range actions {
			if refused := a.require(ctx, k, action, rule.ARN, !exists); refused != nil {
				return refused
			}
		}
	}
	return err
}

func unknownKind(arn string) error {
	return &problem{
		status: http.StatusForbidden, Code: "AccessDenied",
		Message: arn + ": which permissions such a resource takes is not known here: the operator can do it",
	}
}

func foreign(arn string) error {
	return &problem{
		status: http.StatusForbidden, Code: "AccessDenied", Message: "only the resources of your own account can be registered",
		Errors: []brokenRule{{ARN: arn, Code: "AccessDenied", Message: "the resource belongs to another account"}},
	}
}

// authorizeChanges asks the gate for what each change needs in the resource's service.
func (a *api) authorizeChanges(ctx context.Context, k *asker, plan *resource.Plan) error {
	if k.operator() {
		return nil
	}
	for i := range plan.Changes {
		c := &plan.Changes[i]
		before, exists := c.Before()
		tags, changed := retagged(before.Tags, c.Resource.Tags)
		actions := c.Actions()
		if len(actions) == 0 && (c.Way != resource.Update || c.Policy || c.Tags) {
			return unknownKind(c.Resource.ARN)
		}
		for _, action := range actions {
			q := a.about(k, action, c.Resource.ARN, !exists)
			if c.Way != resource.Remove && (!exists || hasTagKeys(action)) {
				setTags(q.Keys, tags, changed)
			}
			if err := a.Authorizer.Require(ctx, q); err != nil {
				return err
			}
		}
	}
	return nil
}

// require asks the gate for one action of the caller on a resource of its own account.
func (a *api) require(ctx context.Context, k *asker, action, arn string, created bool) error {
	return a.Authorizer.Require(ctx, a.about(k, action, arn, created))
}

// about is the question whether the caller may do something to a resource of its own account.
func (a *api) about(k *asker, action, arn string, created bool) *authz.Question {
	q := &authz.Question{
		Caller: k.signed.Caller, Action: action, Resource: arn, Created: created, Keys: policy.Keys{}, Environment: k.environment(),
	}
	if known, ok := serviceauth.LookupAction(action); ok && len(known.Resources) == 0 {
		q.Resource, q.Created = "*", true
	}
	if !created {
		q.ResourceAccount = k.signed.Caller.AccountID
	}
	return q
}

// noteChanges tells the event log of the changes: one event of the caller's call, or one of
// the operator for each resource in its account.
func noteChanges(tx *store.Tx, k *asker, plan *resource.Plan) error {
	for i := range plan.Changes {
		c := &plan.Changes[i]
		if c.Way == resource.Keep {
			continue
		}
		about := audit.Resource{ARN: c.Resource.ARN, Type: c.Resource.Type, AccountID: c.Resource.AccountID}
		if !k.operator() {
			k.recording.Touch(about)
			continue
		}
		id, err := audit.NewID(tx.Now(), tx.Rand())
		if err != nil {
			return err
		}
		name := "RegisterResource"
		if c.Way == resource.Remove {
			name = "DeregisterResource"
		}
		details, err := json.Marshal(map[string]any{"requestedBy": "operator", "way": c.Way, "arn": about.ARN, "type": about.Type, "policy": c.Resource.Policy})
		if err != nil {
			return err
		}
		event := audit.ServiceEvent(id, about.AccountID, eventSource, name, tx.Now(), details)
		event.Resources = []audit.Resource{about}
		if err := tx.AppendEvents([]audit.Event{event}); err != nil {
			return err
		}
	}
	return nil
}

func describeChanges(plan *resource.Plan) *ResourceChanges {
	out := &ResourceChanges{Changes: make([]ResourceChange, 0, len(plan.Changes))}
	for i := range plan.Changes {
		c := &plan.Changes[i]
		r := ResourceChange{
			Way: c.Way, ARN: c.Resource.ARN, Account: c.Resource.AccountID, Type: c.Resource.Type, Policy: c.Policy, Tags: c.Tags,
		}
		if c.Way == resource.Create || c.Way == resource.Update {
			r.Warnings = warnings(c.Resource.Policy)
		}
		out.Changes = append(out.Changes, r)
	}
	return out
}

// warnings are what package lint has to say about a policy that is valid.
func warnings(text string) []policy.Finding {
	if text == "" {
		return nil
	}
	return slices.DeleteFunc(lint.Check([]byte(text), policy.Resource, policy.Limits{}), func(f policy.Finding) bool {
		return f.Severity == policy.SeverityError || f.Code == policy.CodeMissingResource
	})
}

func (a *api) showResource(ctx context.Context, k *asker) (any, error) {
	name := k.request.URL.Query().Get("arn")
	if name == "" {
		return nil, bad("the parameter arn is required")
	}
	out, err := store.Read(ctx, a.DB, func(tx *store.Tx) (Resource, error) {
		r, err := resource.Find(ctx, tx, name)
		if err != nil {
			return Resource{}, err
		}
		if !k.operator() && r.AccountID != k.signed.Caller.AccountID {
			return Resource{}, &resource.Error{Code: resource.NotFound, ARN: name, Message: "the resource is not registered"}
		}
		return shown(ctx, tx, &r)
	})
	if err != nil || k.operator() {
		return out, err
	}
	return out, a.requireRead(ctx, k, name)
}

func (a *api) requireRead(ctx context.Context, k *asker, arn string) error {
	actions := resource.ReadActions(arn)
	if len(actions) == 0 {
		return unknownKind(arn)
	}
	for _, action := range actions {
		if err := a.require(ctx, k, action, arn, false); err != nil {
			return err
		}
	}
	return nil
}

// shown is a resource as it is answered.
func shown(ctx context.Context, tx *store.Tx, r *resource.Resource) (Resource, error) {
	out := Resource{ARN: r.ARN, Account: r.AccountID, Type: r.Type, CreatedAt: &r.CreatedAt, UpdatedAt: &r.UpdatedAt}
	text, err := resource.PolicyOf(ctx, tx, r)
	if err == nil && text != "" {
		out.Policy = json.RawMessage(text)
	}
	if len(r.Tags) > 0 {
		out.Tags = make(map[string]string, len(r.Tags))
		for _, t := range r.Tags {
			out.Tags[t.Key] = t.Value
		}
	}
	return out, err
}

// listResources answers a page. A principal sees those of its account that it may read.
func (a *api) listResources(ctx context.Context, k *asker) (any, error) {
	query := k.request.URL.Query()
	limit := defaultPage
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPage {
			return nil, bad("the limit is a number from 1 to " + strconv.Itoa(maxPage))
		}
		limit = n
	}
	account := query.Get("account")
	if !k.operator() {
		own := k.signed.Caller.AccountID
		if account != "" && account != own {
			return nil, foreign("")
		}
		account = own
	}
	out, err := store.Read(ctx, a.DB, func(tx *store.Tx) (*ResourceList, error) {
		page, more, err := resource.List(ctx, tx, account, query.Get("after"), limit)
		if err != nil {
			return nil, err
		}
		list := &ResourceList{Resources: make([]Resource, 0, len(page))}
		for i := range page {
			r, err := shown(ctx, tx, &page[i])
			if err != nil {
				return nil, err
			}
			list.Resources = append(list.Resources, r)
		}
		if more {
			list.Next = page[len(page)-1].ARN
		}
		return list, nil
	})
	if err != nil || k.operator() {
		return out, err
	}
	return out, a.leaveReadable(ctx, k, out)
}

// leaveReadable drops what the caller may not read.
func (a *api) leaveReadable(ctx context.Context, k *asker, list *ResourceList) (err error) {
	list.Resources = slices.DeleteFunc(list.Resources, func(r Resource) bool {
		if err != nil {
			return true
		}
		failure := a.requireRead(ctx, k, r.ARN)
		if failure != nil && !refusal(failure) {
			err = failure
		}
		return failure != nil
	})
	return err
}
