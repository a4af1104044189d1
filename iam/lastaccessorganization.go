package iam

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

// OrganizationAccessTx is what reports about an organization need of a transaction.
// *store.Tx is one.
type OrganizationAccessTx interface {
	org.Tx
	// IAMServiceUses returns what the principals of an account used since a time.
	IAMServiceUses(accountID string, since time.Time) ([]Use, error)
	// IAMServiceUsesIn returns that of all accounts that hang on a root or OU.
	IAMServiceUsesIn(organizationID, parentID string, since time.Time) ([]Use, error)
}

// The orders of a report about an organization; see GetOrganizationsAccessReport.
const (
	ByNamespace           = "SERVICE_NAMESPACE_ASCENDING"
	ByNamespaceDescending = "SERVICE_NAMESPACE_DESCENDING"
	ByTime                = "LAST_AUTHENTICATED_TIME_ASCENDING"
	ByTimeDescending      = "LAST_AUTHENTICATED_TIME_DESCENDING"
)

// reportRepeats is how long the same question of the same caller gets the same report.
const reportRepeats = time.Minute

// The reasons why a report about an organization was not made.
const (
	invalidEntityPath  = "INVALID_ORGANIZATIONS_ENTITY_PATH"
	invalidPolicy      = "INVALID_ORGANIZATIONS_POLICY"
	reportAccessDenied = "ORGANIZATIONS_REPORT_ACCESS_DENIED"
)

// organizationSubject is the subject of a report about an organization.
func organizationSubject(path, policyID string) string {
	return "organizations:" + path + "?" + policyID
}

func isOrganizationSubject(subject string) bool { return strings.HasPrefix(subject, "organizations:") }

// CheckOrganizationReports returns the organization if the account may have reports about it:
// it is the management account, and service control policies are enabled in the root. The
// error is AccessDenied.
func CheckOrganizationReports(_ context.Context, tx OrganizationAccessTx, accountID string) (org.Organization, error) {
	account, ok, err := tx.OrgAccount(accountID)
	if err != nil {
		return org.Organization{}, err
	}
	var o org.Organization
	if ok && account.OrganizationID != "" {
		if o, _, err = tx.Organization(account.OrganizationID); err != nil {
			return o, err
		}
	}
	if o.ID == "" || o.ManagementAccountID != accountID {
		return o, fail(AccessDenied, "Reports about an organization are for its management account only.")
	}
	types, err := tx.OrgPolicyTypes(o.ID)
	if err == nil && !slices.Contains(types, org.ServiceControlPolicy) {
		err = fail(AccessDenied, "Service control policies must be enabled in the root of the organization.")
	}
	return o, err
}

// RecentOrganizationReport returns the job that the owner began for the same question less
// than a minute ago, or false.
func RecentOrganizationReport(_ context.Context, tx Tx, accountID, owner, path, policyID string) (string, bool, error) {
	r, ok, err := tx.IAMNewestAccessReport(accountID, owner, organizationSubject(path, policyID))
	return r.ID, ok && tx.Now().Before(r.CreatedAt.Add(reportRepeats)), err
}

// RefusedOrganizationReport is what comes of a report that is asked for by a caller who may
// not read the organization.
func RefusedOrganizationReport(now time.Time, path, policyID string) AccessReport {
	return newOrganizationReport(now, path, policyID).failed(reportAccessDenied,
		"Requester is not authorized to perform the required AWS Organizations Describe* and List* actions.")
}

func newOrganizationReport(now time.Time, path, policyID string) AccessReport {
	return AccessReport{Subject: organizationSubject(path, policyID), CreatedAt: seconds(now)}
}

func (r AccessReport) failed(code, message string) AccessReport {
	r.Failure = &ReportFailure{Code: code, Message: message}
	return r
}

// ReportOrganizationAccess makes a report about the root, OU or account at the path. Services
// are those that the service control policies of the path, or the one policy that is given,
// allow. The error is AccessDenied if the path is in another organization.
func ReportOrganizationAccess(ctx context.Context, tx OrganizationAccessTx, accountID, path, policyID string) (AccessReport, error) {
	o, err := CheckOrganizationReports(ctx, tx, accountID)
	if err != nil {
		return AccessReport{}, err
	}
	organizationID, rest, _ := strings.Cut(path, "/")
	if organizationID != o.ID {
		return AccessReport{}, fail(AccessDenied, "The organization ID in the specified entity path is different than your organization ID.")
	}
	r := newOrganizationReport(tx.Now(), path, policyID)
	m, err := membershipAt(tx, o, strings.Split(rest, "/"))
	if err != nil {
		return r, err
	}
	if m.Nodes == nil {
		return r.failed(invalidEntityPath, "The entity with the specified path does not exist in your organization."), nil
	}
	target := m.Nodes[len(m.Nodes)-1]
	services := serviceauth.Services()
	if target.ID == o.ManagementAccountID {
		policyID = ""
	} else {
		levels, ok, err := controlLevels(ctx, tx, m, policyID)
		if err != nil {
			return r, err
		}
		if !ok {
			return r.failed(invalidPolicy, "The policy with the specified ID does not exist in your organization."), nil
		}
		services = newPermissions(levels...).services()
	}
	for _, s := range services {
		r.Services = append(r.Services, ServiceAccess{Namespace: s.Prefix})
	}
	w := accessWalk{tx: tx, o: o, since: r.CreatedAt.Add(-TrackingPeriod), services: map[string]*ServiceAccess{}}
	for i := range r.Services {
		w.services[r.Services[i].Namespace] = &r.Services[i]
	}
	if policyID != "" {
		if w.targets, err = policyTargets(tx, o.ID, policyID); err != nil {
			return r, err
		}
	}
	if target.Kind == org.KindAccount {
		return r, w.account(target.ID, path)
	}
	return r, w.node(target.ID, path, policyID == "")
}

// membershipAt follows a path down from the root: OUs and at most one account at its end. The
// result has no nodes if there is no such path.
func membershipAt(tx OrganizationAccessTx, o org.Organization, ids []string) (org.Membership, error) {
	m := org.Membership{OrganizationID: o.ID, ManagementAccountID: o.ManagementAccountID, FeatureSet: o.FeatureSet, RootID: o.RootID}
	if ids[0] != o.RootID {
		return m, nil
	}
	nodes := []org.Node{{ID: o.RootID, Kind: org.KindRoot}}
	parent := o.RootID
	for n, id := range ids[1:] {
		if arn.IsAccountID(id) {
			account, ok, err := tx.OrgAccount(id)
			if err != nil || !ok || account.OrganizationID != o.ID || account.ParentID != parent || n != len(ids)-2 {
				return m, err
			}
			nodes = append(nodes, org.Node{ID: id, Kind: org.KindAccount})
			continue
		}
		unit, ok, err := tx.OrgUnit(o.ID, id)
		if err != nil || !ok || unit.ParentID != parent {
			return m, err
		}
		parent = id
		nodes = append(nodes, org.Node{ID: id, Kind: org.KindUnit})
	}
	m.Nodes = nodes
	return m, nil
}

// controlLevels returns the documents that allow services: those at each node of the path, or
// the one policy, and false if there is no such policy.
func controlLevels(ctx context.Context, tx OrganizationAccessTx, m org.Membership, policyID string) ([][]string, bool, error) {
	if policyID != "" {
		p, ok, err := org.PolicyByID(ctx, tx, m.OrganizationID, policyID)
		return [][]string{{p.Content}}, ok && p.Type == org.ServiceControlPolicy, err
	}
	levels, _, err := org.PolicyLevels(ctx, tx, m, org.ServiceControlPolicy)
	var out [][]string
	for _, level := range levels {
		var documents []string
		for _, p := range level.Policies {
			documents = append(documents, p.Content)
		}
		out = append(out, documents)
	}
	return out, true, err
}

// pageOfTree is how many entries of a tree are read at once.
const pageOfTree = 1000

// policyTargets returns what a policy is attached to.
func policyTargets(tx OrganizationAccessTx, organizationID, policyID string) (map[string]bool, error) {
	out := map[string]bool{}
	for after := ""; ; {
		list, err := tx.OrgTargets(organizationID, policyID, after, pageOfTree)
		for _, t := range list {
			out[t.ID] = true
		}
		if err != nil || len(list) < pageOfTree {
			return out, err
		}
		after = list[len(list)-1].ID
	}
}

// accessWalk collects what the accounts of a part of the tree used.
type accessWalk struct {
	tx       OrganizationAccessTx
	o        org.Organization
	since    time.Time
	services map[string]*ServiceAccess
	// targets is what the policy is attached to; nil if there is none to look at.
	targets map[string]bool
}

// account adds an account that the report is about.
func (w *accessWalk) account(id, path string) error {
	if w.targets != nil && !w.targets[id] {
		return nil
	}
	uses, err := w.tx.IAMServiceUses(id, w.since)
	for _, u := range uses {
		w.add(u, path)
	}
	return err
}

// node adds the accounts of a root or OU. The management account is not bound by service
// control policies and has no part in the report.
func (w *accessWalk) node(id, path string, applies bool) error {
	applies = applies || w.targets[id]
	uses, err := w.tx.IAMServiceUsesIn(w.o.ID, id, w.since)
	if err != nil {
		return err
	}
	for _, u := range uses {
		if u.AccountID != w.o.ManagementAccountID && (applies || w.targets[u.AccountID]) {
			w.add(u, path+"/"+u.AccountID)
		}
	}
	for after := ""; ; {
		units, err := w.tx.OrgUnits(w.o.ID, id, after, pageOfTree)
		if err != nil {
			return err
		}
		for _, unit := range units {
			if err := w.node(unit.ID, path+"/"+unit.ID, applies); err != nil {
				return err
			}
		}
		if len(units) < pageOfTree {
			return nil
		}
		after = units[len(units)-1].ID
	}
}

func (w *accessWalk) add(u Use, path string) {
	s := w.services[u.Service]
	if s == nil {
		return
	}
	s.Total++
	if s.Last == nil || u.At.After(s.Last.At) {
		s.Last = &LastAccess{At: u.At, Entity: path, Region: u.Region}
	}
}

// OrganizationAccessReport returns the report about an organization that the owner asked for.
func OrganizationAccessReport(_ context.Context, tx Tx, accountID, owner, id string) (AccessReport, error) {
	return readReport(tx, accountID, owner, id, true)
}

// PageSorted returns a page of the services of a report in one of the orders; an empty one
// means ByNamespace. By time, services that nobody used come before all others.
func (r *AccessReport) PageSorted(order string, p Page) ([]ServiceAccess, string, error) {
	order = cmp.Or(order, ByNamespace)
	list := slices.Clone(r.Services)
	slices.SortFunc(list, func(a, b ServiceAccess) int {
		c := cmp.Compare(a.Namespace, b.Namespace)
		if order == ByTime || order == ByTimeDescending {
			c = cmp.Or(a.lastAt().Compare(b.lastAt()), c)
		}
		if order == ByNamespaceDescending || order == ByTimeDescending {
			c = -c
		}
		return c
	})
	return pageAt(list, order, p)
}

func (s *ServiceAccess) lastAt() time.Time {
	if s.Last == nil {
		return time.Time{}
	}
	return s.Last.At
}
