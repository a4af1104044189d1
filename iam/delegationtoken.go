package iam

import (
	"context"
	"encoding/base64"
)

// OpenSecret opens what was sealed for an owner; credential.Vault.Open is one.
type OpenSecret func(owner string, sealed []byte) ([]byte, error)

// tokenOwner binds an exchange token to the account that may exchange it.
func tokenOwner(requestor string) string { return "delegation-token/" + requestor }

// ExchangeToken makes the token that the requestor exchanges for credentials. It holds nothing
// but the id of the request, sealed for the requestor's account.
func ExchangeToken(r *DelegationRequest, seal SealSecret) (string, error) {
	sealed, err := seal(tokenOwner(r.Requestor), []byte(r.ID))
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// ExchangedRequest returns the request behind an exchange token that an account presents;
// false if the token is none of that account, or the request is gone.
func ExchangedRequest(_ context.Context, tx Tx, accountID, token string, open OpenSecret) (r DelegationRequest, genuine, there bool, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return r, false, false, nil
	}
	id, err := open(tokenOwner(accountID), sealed)
	if err != nil {
		return r, false, false, nil
	}
	r, ok, err := tx.IAMDelegation(string(id))
	return r, true, ok && r.Requestor == accountID && r.State == DelegationFinalized && r.Approver != nil, err
}

// DelegationMessage is what IAM publishes about a request to the requestor's topic; see the
// IAM user guide, "Notification Message Format".
type DelegationMessage struct {
	// Type is StateChange or ExchangeToken.
	Type                string
	RequestID           string `json:"RequestId"`
	RequestorWorkflowID string `json:"RequestorWorkflowId"`
	State               DelegationState
	OwnerAccountID      string `json:"OwnerAccountId,omitempty"`
	UpdatedAt           string
	ExchangeToken       string `json:",omitempty"`
	ExpiresAt           string `json:",omitempty"`
}

// messageTime is the form of times in messages.
const messageTime = "2006-01-02T15:04:05.000Z"

// DelegationMessages returns the latest messages about the requests of a product provider's
// account: here nothing publishes to topics, so the operator hands them over. Requests that
// are not assigned yet, and those that have expired long ago, have none.
func DelegationMessages(_ context.Context, tx Tx, accountID string, seal SealSecret) ([]DelegationMessage, error) {
	if _, ok, err := tx.IAMPartner(accountID); err != nil || !ok {
		if err == nil {
			err = fail(NoSuchEntity, "The account %s is not registered as a product provider.", accountID)
		}
		return nil, err
	}
	list, err := tx.IAMDelegationsBy(accountID, seconds(tx.Now()).Add(-delegationLife))
	if err != nil {
		return nil, err
	}
	messages := []DelegationMessage{}
	for i := range list {
		r := &list[i]
		finalized := r.State == DelegationFinalized
		r.settle(tx.Now())
		if r.State == DelegationUnassigned {
			continue
		}
		m := DelegationMessage{
			Type: "StateChange", RequestID: r.ID, RequestorWorkflowID: r.WorkflowID, State: r.State,
			OwnerAccountID: r.OwnerAccount, UpdatedAt: r.UpdatedAt.UTC().Format(messageTime),
		}
		messages = append(messages, m)
		if !finalized || !tx.Now().Before(r.AccessEnds()) {
			continue
		}
		m.Type, m.State = "ExchangeToken", DelegationFinalized
		if m.ExchangeToken, err = ExchangeToken(r, seal); err != nil {
			return nil, err
		}
		m.ExpiresAt = r.AccessEnds().UTC().Format(messageTime)
		messages = append(messages, m)
	}
	return messages, nil
}
