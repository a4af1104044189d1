package organizations

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// DeleteClosedAccounts deletes accounts that were closed 90 days ago, at most limit, with
// the event for the management account (API reference, CloseAccount). It returns how many;
// who calls it again until there are fewer than the limit is done. It is for work in the
// background, which is nobody's call.
func DeleteClosedAccounts(ctx context.Context, tx *store.Tx, limit int) (int, error) {
	gone, err := org.DeleteClosedAccounts(ctx, tx, limit)
	if err != nil {
		return 0, err
	}
	for _, d := range gone {
		if d.Organization.ID == "" {
			continue
		}
		if err := appendDeparted(tx, d.Organization, d.AccountID, departedCleaned); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}

// mostListed bounds how many errors one event lists: an event has 256 KB at most.
const mostListed = 100

// findingTime is how the timestamps of EffectivePolicyValidation look.
const findingTime = "Jan 2, 2006, 3:04:05 PM"

// policyValidation is the body of the event EffectivePolicyValidation (Organizations user
// guide, "Logging AWS Organizations API calls with AWS CloudTrail").
type policyValidation struct {
	AccountID        string            `json:"accountId"`
	PolicyType       string            `json:"policyType"`
	State            string            `json:"state"`
	RequestTimestamp string            `json:"requestTimestamp"`
	Info             string            `json:"info"`
	ValidationErrors []validationError `json:"validationErrors,omitempty"`
}

type validationError struct {
	AccountPath          string   `json:"accountPath"`
	EvaluationTimestamp  string   `json:"evaluationTimestamp"`
	ErrorCode            string   `json:"errorCode"`
	ErrorMessage         string   `json:"errorMessage"`
	PathToError          string   `json:"pathToError"`
	ContributingPolicies []string `json:"contributingPolicies"`
}

// RecheckEffectivePolicies validates the effective policies of about limit accounts that
// changes have concerned, and tells the management account which have become invalid or valid
// again. It returns how much it has looked at; who calls it again until that is less than the
// limit is done. It is for work in the background.
func RecheckEffectivePolicies(ctx context.Context, tx *store.Tx, limit int) (int, error) {
	changed, looked, err := org.RecheckEffectivePolicies(ctx, tx, limit)
	if err != nil {
		return 0, err
	}
	events := make([]audit.Event, 0, len(changed))
	for _, v := range changed {
		details, err := json.Marshal(packVerdict(v))
		if err != nil {
			return 0, err
		}
		id, err := audit.NewID(tx.Now(), tx.Rand())
		if err != nil {
			return 0, err
		}
		events = append(events, audit.Finding(id, v.Organization.ManagementAccountID, eventSource, "EffectivePolicyValidation", tx.Now(), details))
	}
	if len(events) == 0 {
		return looked, nil
	}
	return looked, tx.AppendEvents(events)
}

func packVerdict(v org.Verdict) policyValidation {
	out := policyValidation{
		AccountID: v.AccountID, PolicyType: v.PolicyType, State: "VALID", RequestTimestamp: v.RequestedAt.UTC().Format(findingTime),
		Info: "Previous effective policy validation error(s) resolved for this account/policyType",
	}
	if len(v.Problems) == 0 {
		return out
	}
	out.State, out.Info = "INVALID", "All validation errors listed"
	for i, p := range v.Problems {
		if i == mostListed {
			out.Info = fmt.Sprintf("%d of %d validation errors listed", mostListed, len(v.Problems))
			break
		}
		out.ValidationErrors = append(out.ValidationErrors, validationError{
			AccountPath: v.Path, EvaluationTimestamp: v.EvaluatedAt.UTC().Format(findingTime),
			ErrorCode: p.Code, ErrorMessage: p.Message, PathToError: p.Path, ContributingPolicies: p.Policies,
		})
	}
	return out
}
