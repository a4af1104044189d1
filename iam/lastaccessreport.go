package iam

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

// The levels of detail of a report about an identity or a policy; see
// GenerateServiceLastAccessedDetails.
const (
	ServiceLevel = "SERVICE_LEVEL"
	ActionLevel  = "ACTION_LEVEL"
)

// ReportsStay is how long reports of access can be read. AWS does not say how long its own
// can.
const ReportsStay = 7 * 24 * time.Hour

// StoredReport is a report as the store keeps it.
type StoredReport struct {
	// ID is the job's id, a UUID.
	ID        string
	AccountID string
	// Owner may read the report; see [ReportOwner].
	Owner string
	// Subject is what the report is about.
	Subject   string
	CreatedAt time.Time
	// Content is the [AccessReport] as JSON.
	Content string
}

// AccessReport says which services somebody can use and when that was last tried. It does not
// change any more once it is made.
type AccessReport struct {
	// Subject is the ARN of the identity or policy, or the path and policy of an organization.
	Subject string `json:"-"`
	// CreatedAt is the time when it was asked for and made.
	CreatedAt time.Time `json:"-"`
	// Granularity is ServiceLevel or ActionLevel; empty for organizations.
	Granularity string `json:"granularity,omitempty"`
	// Services are those that can be used, ascending by namespace.
	Services []ServiceAccess `json:"services,omitempty"`
	// Entities are the unique ids of the users and roles that could have used them.
	Entities []string `json:"entities,omitempty"`
	// Failure says why there is no report.
	Failure *ReportFailure `json:"failure,omitempty"`
}

// ReportFailure is a reason why a report was not made.
type ReportFailure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// ServiceAccess is one service of a report.
type ServiceAccess struct {
	Namespace string `json:"namespace"`
	// Last is nil if nobody tried to use the service.
	Last *LastAccess `json:"last,omitempty"`
	// Total is the number of users and roles, in an organization of accounts, that tried.
	Total int `json:"total,omitempty"`
	// Actions are those whose use is tracked, in reports of ActionLevel.
	Actions []ActionAccess `json:"actions,omitempty"`
	// Uses says when each user and role last tried; those that never did are not listed.
	Uses map[string]time.Time `json:"uses,omitempty"`
}

// Name is the name of the service.
func (s *ServiceAccess) Name() string {
	if known, ok := serviceauth.Lookup(s.Namespace); ok {
		return known.Name
	}
	return s.Namespace
}

// LastAccess is the last attempt to use a service or an action.
type LastAccess struct {
	At time.Time `json:"at"`
	// Entity is the ARN of the user or role, in an organization the path of the account.
	Entity string `json:"entity"`
	Region string `json:"region"`
}

// ActionAccess is one action of a service.
type ActionAccess struct {
	Name string `json:"name"`
	// Last is nil if nobody tried it.
	Last *LastAccess `json:"last,omitempty"`
}

// EntityAccess is a user or role that could have used a service.
type EntityAccess struct {
	Identity Identity
	// At is zero if it never tried.
	At time.Time
}

// ReportOwner is who may read the reports that a caller asks for: the same user or the same
// session of a role; see the response of GenerateServiceLastAccessedDetails.
func ReportOwner(c *credential.Caller) string {
	switch c.Type {
	case credential.User, credential.RootUser:
		return c.EntityID
	default:
		return c.AccessKeyID
	}
}

// ReportServiceAccess makes a report about a user, group, role or managed policy. tracked says
// of which actions the use is tracked. Only permissions policies count: no boundaries, no
// policies of organizations, sessions or resources.
func ReportServiceAccess(ctx context.Context, tx Tx, accountID, subject, granularity string, tracked func(service, action string) bool) (AccessReport, error) {
	documents, entities, err := reportSubject(ctx, tx, accountID, subject)
	if err != nil {
		return AccessReport{}, err
	}
	r := AccessReport{Subject: subject, CreatedAt: seconds(tx.Now()), Granularity: cmp.Or(granularity, ServiceLevel)}
	at := map[string]int{}
	allowed := newPermissions(documents)
	for n, s := range allowed.services() {
		access := ServiceAccess{Namespace: s.Prefix}
		if r.Granularity == ActionLevel {
			for _, name := range allowed.of(s).actions(s, -1) {
				if tracked(s.Prefix, name) {
					access.Actions = append(access.Actions, ActionAccess{Name: name})
				}
			}
		}
		r.Services = append(r.Services, access)
		at[s.Prefix] = n
	}
	for i := range entities {
		r.Entities = append(r.Entities, entities[i].ID)
		uses, err := tx.IAMUses(accountID, entities[i].ID, r.CreatedAt.Add(-TrackingPeriod))
		if err != nil {
			return AccessReport{}, err
		}
		for _, u := range uses {
			if n, ok := at[u.Service]; ok {
				r.Services[n].add(&entities[i], u)
			}
		}
	}
	return r, nil
}

// add counts a use of the service.
func (s *ServiceAccess) add(i *Identity, u Use) {
	s.Last = newer(s.Last, u, i)
	if s.Uses == nil {
		s.Uses = map[string]time.Time{}
	}
	if u.At.After(s.Uses[i.ID]) {
		s.Uses[i.ID] = u.At
	}
	s.Total = len(s.Uses)
	for n := range s.Actions {
		if s.Actions[n].Name == u.Action {
			s.Actions[n].Last = newer(s.Actions[n].Last, u, i)
		}
	}
}

func newer(have *LastAccess, u Use, i *Identity) *LastAccess {
	if have != nil && !u.At.After(have.At) {
		return have
	}
	return &LastAccess{At: u.At, Entity: i.ARN(), Region: u.Region}
}

// reportSubject returns the policies that a report is about and the users and roles that they
// give permissions to.
func reportSubject(ctx context.Context, tx Tx, accountID, subject string) (documents []string, entities []Identity, err error) {
	a, err := arn.Parse(subject)
	if err == nil && a.Service == "iam" && a.ResourceType() == "policy" {
		return policySubject(ctx, tx, accountID, subject)
	}
	i, err := subjectIdentity(tx, accountID, subject)
	if err != nil {
		return nil, nil, err
	}
	texts, err := identityPolicies(tx, i.ID)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range texts {
		documents = append(documents, t.Document)
	}
	if i.Kind != KindGroup {
		return documents, []Identity{i}, nil
	}
	entities, err = members(tx, i.ID)
	return documents, entities, err
}

// subjectIdentity finds the user, group or role of the account under an ARN.
func subjectIdentity(tx Tx, accountID, subject string) (Identity, error) {
	a, err := arn.Parse(subject)
	kind := Kind(a.ResourceType())
	if err != nil || a.Partition != "aws" || a.Service != "iam" || kind != KindUser && kind != KindGroup && kind != KindRole {
		return Identity{}, fail(InvalidInput, "ARN %s is not valid.", subject)
	}
	i, ok, err := identityByARN(tx, subject)
	if err == nil && (!ok || i.AccountID != accountID) {
		err = noSuch(kind, a.ResourceName())
	}
	return i, err
}

// policySubject returns a managed policy and the users and roles that carry it, themselves or
// through a group, each once.
func policySubject(ctx context.Context, tx Tx, accountID, policyARN string) ([]string, []Identity, error) {
	if _, err := policyByARN(tx, accountID, policyARN); err != nil {
		return nil, nil, err
	}
	document, _, err := ManagedPolicy(ctx, tx, accountID, policyARN)
	if err != nil {
		return nil, nil, err
	}
	byID := map[string]Identity{}
	for p := (Page{}); ; {
		list, next, err := ListEntitiesForPolicy(ctx, tx, accountID, policyARN, EntityFilter{Usage: UsedAsPolicy}, p)
		if err != nil {
			return nil, nil, err
		}
		for i := range list {
			carriers := list[i : i+1]
			if list[i].Kind == KindGroup {
				if carriers, err = members(tx, list[i].ID); err != nil {
					return nil, nil, err
				}
			}
			for _, c := range carriers {
				byID[c.ID] = c
			}
		}
		if p.Marker = next; next == "" {
			break
		}
	}
	var entities []Identity
	for _, i := range byID {
		entities = append(entities, i)
	}
	slices.SortFunc(entities, func(a, b Identity) int { return cmp.Compare(a.ID, b.ID) })
	return []string{document}, entities, nil
}

// members returns all users of a group.
func members(tx Tx, groupID string) ([]Identity, error) {
	const size = 500
	var out []Identity
	for r := (Range{Limit: size}); ; {
		list, err := tx.IAMMembers(groupID, r)
		out = append(out, list...)
		if err != nil || len(list) < size {
			return out, err
		}
		r.After = list[size-1].Name
	}
}

// KeepAccessReport stores a report and returns the id of its job.
func KeepAccessReport(_ context.Context, tx Tx, accountID, owner string, r *AccessReport) (string, error) {
	id, err := newJobID(tx.Rand())
	if err != nil {
		return "", err
	}
	content, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	return id, tx.IAMInsertAccessReport(StoredReport{
		ID: id, AccountID: accountID, Owner: owner, Subject: r.Subject, CreatedAt: r.CreatedAt, Content: string(content),
	})
}

func newJobID(rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", err
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// ServiceAccessReport returns the report about an identity or a policy that the owner asked
// for. That of somebody else is not there.
func ServiceAccessReport(_ context.Context, tx Tx, accountID, owner, id string) (AccessReport, error) {
	return readReport(tx, accountID, owner, id, false)
}

func readReport(tx Tx, accountID, owner, id string, organization bool) (AccessReport, error) {
	missing := fail(NoSuchEntity, "The job with id %s cannot be found.", id)
	stored, ok, err := tx.IAMAccessReport(id)
	if err != nil {
		return AccessReport{}, err
	}
	if !ok || stored.AccountID != accountID || stored.Owner != owner || isOrganizationSubject(stored.Subject) != organization ||
		!tx.Now().Before(stored.CreatedAt.Add(ReportsStay)) {
		return AccessReport{}, missing
	}
	r := AccessReport{Subject: stored.Subject, CreatedAt: stored.CreatedAt}
	return r, json.Unmarshal([]byte(stored.Content), &r)
}

// PageServices returns a page of the services of a report.
func (r *AccessReport) PageServices(p Page) ([]ServiceAccess, string, error) {
	return pageAt(r.Services, "services", p)
}

// ReportEntities returns a page of the users and roles that could have used the service, those
// who tried last first. Who is gone since the report was made is left out. The error is
// InvalidInput if there is no such service.
func ReportEntities(_ context.Context, tx Tx, r *AccessReport, namespace string, p Page) ([]EntityAccess, string, error) {
	if err := checkNamespaces([]string{namespace}); err != nil {
		return nil, "", err
	}
	var all []EntityAccess
	for n := range r.Services {
		s := &r.Services[n]
		if s.Namespace != namespace {
			continue
		}
		for _, id := range r.Entities {
			i, ok, err := tx.IAMIdentityByID(id)
			if err != nil {
				return nil, "", err
			}
			if ok {
				all = append(all, EntityAccess{Identity: i, At: s.Uses[id]})
			}
		}
	}
	slices.SortFunc(all, func(a, b EntityAccess) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Identity.ARN(), b.Identity.ARN()))
	})
	return pageAt(all, "entities", p)
}

// pageAt pages a list that does not change by the place in it. what keeps the markers of
// different lists apart.
func pageAt[T any](all []T, what string, p Page) ([]T, string, error) {
	after, err := p.after()
	if err != nil {
		return nil, "", err
	}
	at := 0
	if after != "" {
		place, ok := strings.CutPrefix(after, what+"/")
		if at, err = strconv.Atoi(place); !ok || err != nil || at < 0 || at > len(all) {
			return nil, "", fail(InvalidRequest, "Invalid Marker.")
		}
	}
	end := min(at+p.size(), len(all))
	next := ""
	if end < len(all) {
		next = marker(what + "/" + strconv.Itoa(end))
	}
	return all[at:end], next, nil
}

// GrantingPolicies are the policies of an identity that give access to a service.
type GrantingPolicies struct {
	Namespace string
	Policies  []PolicyText
}

// ListPoliciesGrantingServiceAccess returns, for each service that is asked for, the policies
// of the user (its groups' too), group or role that give access to it, each looked at alone.
func ListPoliciesGrantingServiceAccess(_ context.Context, tx Tx, accountID, subject string, namespaces []string) ([]GrantingPolicies, error) {
	if err := checkNamespaces(namespaces); err != nil {
		return nil, err
	}
	i, err := subjectIdentity(tx, accountID, subject)
	if err != nil {
		return nil, err
	}
	texts, err := identityPolicies(tx, i.ID)
	if err != nil {
		return nil, err
	}
	var out []GrantingPolicies
	for n, namespace := range namespaces {
		if slices.Contains(namespaces[:n], namespace) {
			continue
		}
		s, _ := serviceauth.Lookup(namespace)
		g := GrantingPolicies{Namespace: namespace}
		for _, t := range texts {
			// A managed policy that the user and a group carry is one.
			twice := t.ARN != "" && slices.ContainsFunc(g.Policies, func(have PolicyText) bool { return have.ARN == t.ARN })
			if !twice && grantsService(t.Document, s) {
				g.Policies = append(g.Policies, t)
			}
		}
		out = append(out, g)
	}
	return out, nil
}

// checkNamespaces refuses what is not the namespace of a service.
func checkNamespaces(namespaces []string) error {
	var wrong []string
	for _, n := range namespaces {
		if s, ok := serviceauth.Lookup(n); !ok || s.Prefix != n {
			wrong = append(wrong, n)
		}
	}
	if len(wrong) > 0 {
		return fail(InvalidInput, "Invalid service namespace: [%s]", strings.Join(wrong, ", "))
	}
	return nil
}
