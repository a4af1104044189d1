package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
)

// IAMDelegation is the suite of temporary delegation and of role templates.
func IAMDelegation(t *testing.T, e Engine) {
	t.Run("partners", func(t *testing.T) { testPartners(t, e.Open(t)) })
	t.Run("requests", func(t *testing.T) { testDelegationRequests(t, e.Open(t)) })
	t.Run("role templates", func(t *testing.T) { testRoleTemplates(t, e.Open(t)) })
}

func testPartners(t *testing.T, db *store.DB) {
	p := iam.Partner{AccountID: iamAccount, Domain: "vendor.example", Name: "Vendor", CreatedAt: iamTime}
	template := iam.PartnerPolicy{ARN: "arn:t", Domain: p.Domain, Document: "{}", Kind: iam.PolicyTemplate, CreatedAt: iamTime}
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMPutPartner(p), tx.IAMInsertPartnerPolicy(template))
	})
	renamed := p
	renamed.Name = "Vendor & Sons"
	update(t, db, func(tx *store.Tx) error {
		equal(t, "the same ARN", errors.Is(tx.IAMInsertPartnerPolicy(template), iam.ErrDuplicate), true)
		return tx.IAMPutPartner(renamed)
	})
	view(t, db, func(tx *store.Tx) error {
		got, ok, err := tx.IAMPartner(iamAccount)
		equal(t, "partner", got, renamed)
		equal(t, "found", ok, true)
		_, ok, err2 := tx.IAMPartner("999999999999")
		equal(t, "stranger", ok, false)
		policy, _, err3 := tx.IAMPartnerPolicy("arn:t")
		equal(t, "policy", policy, template)
		_, ok, err4 := tx.IAMPartnerPolicy("arn:u")
		equal(t, "no policy", ok, false)
		return errors.Join(err, err2, err3, err4)
	})
}

func testDelegationRequests(t *testing.T, db *store.DB) {
	const requestor = "222222222222"
	request := func(id, workflow, ownerAccount, owner string, expires time.Duration) iam.DelegationRequest {
		return iam.DelegationRequest{
			ID: id, Requestor: requestor, RequestorName: "Vendor", WorkflowID: workflow, OwnerAccount: ownerAccount, OwnerARN: owner, OwnerID: owner,
			Description: "why", TemplateARN: "arn:t", Parameters: []iam.TemplateParameter{{Name: "bucket", Values: []string{"a", "b"}, Type: "stringList"}},
			Policy: "{}", Channel: "arn:sns", Duration: 300, OnlySendByOwner: true, State: iam.DelegationAssigned,
			CreatedAt: iamTime, UpdatedAt: iamTime, ExpiresAt: iamTime.Add(expires),
		}
	}
	a, b := request("a", "w1", iamAccount, "arn:alice", 2*time.Hour), request("b", "w2", iamAccount, "arn:bob", time.Hour)
	open := request("c", "w3", iamAccount, "", 3*time.Hour)
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMInsertDelegation(b), tx.IAMInsertDelegation(open), tx.IAMInsertDelegation(a))
	})
	a.Approver = &credential.Caller{
		Type: credential.AssumedRole, AccountID: iamAccount, ARN: "arn:r",
		Session: &credential.Session{Name: "s", Tags: map[string]string{"k": "v"}, PolicyARNs: []string{"arn:p"}, ExpiresAt: iamTime},
	}
	a.State, a.ReleasedAt, a.Notes, a.RejectionReason = iam.DelegationFinalized, iamTime, "notes", "reason"
	update(t, db, func(tx *store.Tx) error {
		equal(t, "the same workflow", errors.Is(tx.IAMInsertDelegation(request("d", "w1", "", "", 0)), iam.ErrDuplicate), true)
		return tx.IAMUpdateDelegation(a)
	})
	view(t, db, func(tx *store.Tx) error {
		got, ok, err := tx.IAMDelegation("a")
		equal(t, "request", got, a)
		equal(t, "found", ok, true)
		all, err2 := tx.IAMDelegations(iamAccount, "", iam.Range{Limit: 10})
		equal(t, "owned", all, []iam.DelegationRequest{a, b})
		bobs, err3 := tx.IAMDelegations(iamAccount, "arn:bob", iam.Range{Limit: 10})
		equal(t, "bob's", bobs, []iam.DelegationRequest{b})
		rest, err4 := tx.IAMDelegations(iamAccount, "", iam.Range{After: "a", Limit: 1})
		equal(t, "the next page", rest, []iam.DelegationRequest{b})
		by, err5 := tx.IAMDelegationsBy(requestor, iamTime.Add(time.Hour))
		equal(t, "by the requestor", by, []iam.DelegationRequest{a, open})
		return errors.Join(err, err2, err3, err4, err5)
	})
	update(t, db, func(tx *store.Tx) error { return tx.IAMDeleteDelegations(requestor, iamTime.Add(2*time.Hour)) })
	view(t, db, func(tx *store.Tx) error {
		_, ok, err := tx.IAMDelegation("b")
		equal(t, "deleted", ok, false)
		_, ok, err2 := tx.IAMDelegation("a")
		equal(t, "kept", ok, true)
		return errors.Join(err, err2)
	})
	update(t, db, func(tx *store.Tx) error {
		far := iamTime.AddDate(1, 0, 0)
		first, err := tx.DeleteDelegationsBefore(far, 1)
		rest, err2 := tx.DeleteDelegationsBefore(far, 10)
		none, err3 := tx.DeleteDelegationsBefore(far, 10)
		equal(t, "swept", []int64{first, rest, none}, []int64{1, 1, 0})
		return errors.Join(err, err2, err3)
	})
}

func testRoleTemplates(t *testing.T, db *store.DB) {
	none := ""
	one := iam.RoleTemplate{ARN: "arn:aws:iam::aws:role-template/x.amazonaws.com/One:1", Description: "d", Enabled: true, DefaultMinor: 2}
	v := iam.RoleTemplateVersion{
		Minor: 2, Enabled: true, RoleName: "r-@{name}", TrustPolicy: "{}", Inline: []iam.InlinePolicy{{Name: "i", Document: "{}"}},
		Parameters: []iam.RoleParameter{{Name: "name", Type: "String", Default: &none}}, Tags: []iam.Tag{{Key: "k", Value: "v"}}, CreatedAt: iamTime, UpdatedAt: iamTime,
	}
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMPutRoleTemplate(one), tx.IAMPutRoleTemplateVersion(one.ARN, v), tx.IAMSetRoleSource("AROA", iam.RoleSource{TemplateARN: one.ARN, Minor: 1}))
	})
	one.Enabled, v.RoleName = false, "s"
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.IAMPutRoleTemplate(one), tx.IAMPutRoleTemplateVersion(one.ARN, v), tx.IAMSetRoleSource("AROA", iam.RoleSource{TemplateARN: one.ARN, Minor: 2}))
	})
	view(t, db, func(tx *store.Tx) error {
		got, _, err := tx.IAMRoleTemplate(one.ARN)
		equal(t, "template", got, one)
		version, _, err2 := tx.IAMRoleTemplateVersion(one.ARN, 2)
		equal(t, "version", version, v)
		_, ok, err3 := tx.IAMRoleTemplateVersion(one.ARN, 1)
		equal(t, "another version", ok, false)
		source, _, err4 := tx.IAMRoleSource("AROA")
		equal(t, "source", source, iam.RoleSource{TemplateARN: one.ARN, Minor: 2})
		return errors.Join(err, err2, err3, err4)
	})
	update(t, db, func(tx *store.Tx) error { return tx.IAMDeleteRoleSource("AROA") })
	view(t, db, func(tx *store.Tx) error {
		_, ok, err := tx.IAMRoleSource("AROA")
		equal(t, "source", ok, false)
		return err
	})
}
