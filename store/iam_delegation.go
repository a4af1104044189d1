package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
)

// The SQL of temporary delegation.

// IAMPutPartner implements [iam.PartnerStore].
func (tx *Tx) IAMPutPartner(p iam.Partner) error {
	return tx.later(`
		insert into iam_partners (account_id, domain, name, created_at) values ($1, $2, $3, $4)
		on conflict (account_id) do update set domain = excluded.domain, name = excluded.name`,
		p.AccountID, p.Domain, p.Name, p.CreatedAt)
}

// IAMPartner implements [iam.PartnerStore].
func (tx *Tx) IAMPartner(accountID string) (iam.Partner, bool, error) {
	p := iam.Partner{AccountID: accountID}
	err := tx.queryRow(`select domain, name, created_at from iam_partners where account_id = $1`, accountID).
		Scan(&p.Domain, &p.Name, asTime(&p.CreatedAt))
	return found(p, err)
}

// IAMInsertPartnerPolicy implements [iam.PartnerStore].
func (tx *Tx) IAMInsertPartnerPolicy(p iam.PartnerPolicy) error {
	n, err := tx.exec(`
		insert into iam_partner_policies (arn, kind, domain, document, created_at) values ($1, $2, $3, $4, $5)
		on conflict do nothing`,
		p.ARN, string(p.Kind), p.Domain, p.Document, p.CreatedAt)
	if err == nil && n == 0 {
		err = iam.ErrDuplicate
	}
	return err
}

// IAMPartnerPolicy implements [iam.PartnerStore].
func (tx *Tx) IAMPartnerPolicy(arn string) (iam.PartnerPolicy, bool, error) {
	p := iam.PartnerPolicy{ARN: arn}
	err := tx.queryRow(`select kind, domain, document, created_at from iam_partner_policies where arn = $1`, arn).
		Scan(&p.Kind, &p.Domain, &p.Document, asTime(&p.CreatedAt))
	return found(p, err)
}

const delegationColumns = `id, requestor_account, requestor_name, workflow_id, owner_account, owner_arn, owner_id, approver,
	description, request_message, template_arn, parameters, policy, redirect_url, channel, duration, only_owner,
	state, notes, rejection_reason, created_at, updated_at, expires_at, released_at`

func scanDelegation(row scanner) (r iam.DelegationRequest, err error) {
	err = row.Scan(&r.ID, &r.Requestor, &r.RequestorName, &r.WorkflowID, &r.OwnerAccount, &r.OwnerARN, &r.OwnerID, asJSON(&r.Approver),
		&r.Description, &r.RequestMessage, &r.TemplateARN, asJSON(&r.Parameters), &r.Policy, &r.RedirectURL, &r.Channel, &r.Duration, &r.OnlySendByOwner,
		&r.State, &r.Notes, &r.RejectionReason, asTime(&r.CreatedAt), asTime(&r.UpdatedAt), asTime(&r.ExpiresAt), asZeroTime(&r.ReleasedAt))
	return r, err
}

func scanDelegations(rows *sql.Rows) (iam.DelegationRequest, error) { return scanDelegation(rows) }

// asJSON scans JSON; empty text leaves the zero value.
func asJSON[T any](dst *T) *jsonColumn[T] { return &jsonColumn[T]{dst} }

type jsonColumn[T any] struct{ dst *T }

// Scan implements sql.Scanner.
func (c *jsonColumn[T]) Scan(src any) error {
	var text string
	if err := asText(&text).Scan(src); err != nil || text == "" {
		return err
	}
	return json.Unmarshal([]byte(text), c.dst)
}

// jsonText is the inverse of asJSON.
func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("store: %T as JSON: %w", v, err)
	}
	return string(b), nil
}

// approverText is the JSON of an approver, empty if there is none.
func approverText(c *credential.Caller) (string, error) {
	if c == nil {
		return "", nil
	}
	return jsonText(c)
}

// IAMInsertDelegation implements [iam.DelegationStore].
func (tx *Tx) IAMInsertDelegation(r iam.DelegationRequest) error {
	parameters, err := jsonText(r.Parameters)
	if err != nil {
		return err
	}
	approver, err := approverText(r.Approver)
	if err != nil {
		return err
	}
	n, err := tx.exec(`
		insert into iam_delegation_requests (id, requestor_account, requestor_name, workflow_id, owner_account, owner_arn, owner_id, approver,
			description, request_message, template_arn, parameters, policy, redirect_url, channel, duration, only_owner,
			state, notes, rejection_reason, created_at, updated_at, expires_at, released_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
		on conflict do nothing`,
		r.ID, r.Requestor, r.RequestorName, r.WorkflowID, r.OwnerAccount, r.OwnerARN, r.OwnerID, approver,
		r.Description, r.RequestMessage, r.TemplateARN, parameters, r.Policy, r.RedirectURL, r.Channel, r.Duration, r.OnlySendByOwner,
		string(r.State), r.Notes, r.RejectionReason, r.CreatedAt, r.UpdatedAt, r.ExpiresAt, orNull(r.ReleasedAt))
	if err == nil && n == 0 {
		err = iam.ErrDuplicate
	}
	return err
}

// IAMUpdateDelegation implements [iam.DelegationStore].
func (tx *Tx) IAMUpdateDelegation(r iam.DelegationRequest) error {
	approver, err := approverText(r.Approver)
	if err != nil {
		return err
	}
	return tx.later(`
		update iam_delegation_requests set owner_account = $2, owner_arn = $3, owner_id = $4, approver = $5, state = $6,
			notes = $7, rejection_reason = $8, updated_at = $9, expires_at = $10, released_at = $11
		where id = $1`,
		r.ID, r.OwnerAccount, r.OwnerARN, r.OwnerID, approver, string(r.State),
		r.Notes, r.RejectionReason, r.UpdatedAt, r.ExpiresAt, orNull(r.ReleasedAt))
}

// IAMDelegation implements [iam.DelegationStore].
func (tx *Tx) IAMDelegation(id string) (iam.DelegationRequest, bool, error) {
	return found(scanDelegation(tx.queryRow(`select `+delegationColumns+` from iam_delegation_requests where id = $1`, id)))
}

// IAMDelegations implements [iam.DelegationStore].
func (tx *Tx) IAMDelegations(ownerAccount, ownerARN string, r iam.Range) ([]iam.DelegationRequest, error) {
	return queryAll(tx, scanDelegations, `
		select `+delegationColumns+` from iam_delegation_requests
		where owner_account = $1 and id > $2 and owner_id <> '' and ($3 = '' or owner_arn = $3)
		order by id limit $4`, ownerAccount, r.After, ownerARN, r.Limit)
}

// maxMessages bounds what is read of one requestor at a time.
const maxMessages = 1000

// IAMDelegationsBy implements [iam.DelegationStore].
func (tx *Tx) IAMDelegationsBy(requestor string, after time.Time) ([]iam.DelegationRequest, error) {
	return queryAll(tx, scanDelegations, `
		select `+delegationColumns+` from iam_delegation_requests
		where requestor_account = $1 and expires_at > $2
		order by expires_at limit $3`, requestor, after, maxMessages)
}

// DeleteDelegationsBefore removes at most limit requests for delegation that expired before a
// time, the oldest first, and returns how many are gone.
func (tx *Tx) DeleteDelegationsBefore(before time.Time, limit int) (int64, error) {
	return tx.exec(`
		delete from iam_delegation_requests where id in (
			select id from iam_delegation_requests where expires_at < $1 order by expires_at limit $2)`, before, limit)
}

// IAMDeleteDelegations implements [iam.DelegationStore].
func (tx *Tx) IAMDeleteDelegations(requestor string, before time.Time) error {
	return tx.later(`delete from iam_delegation_requests where requestor_account = $1 and expires_at < $2`, requestor, before)
}
