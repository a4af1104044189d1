package iam

import (
	"strings"

	"github.com/bailiwick/bailiwick/iam/managed"
)

// awsDocument returns the document of an AWS managed policy, or the empty string.
func awsDocument(policyARN string) string {
	p, ok := managed.ByARN(policyARN)
	if !ok {
		return ""
	}
	return p.Document()
}

// awsPolicy returns an AWS managed policy with its usage in the account.
func awsPolicy(tx Tx, accountID, policyARN string) (Policy, bool, error) {
	m, ok := managed.ByARN(policyARN)
	if !ok {
		return Policy{}, false, nil
	}
	p := fromAWS(m)
	usage, err := tx.IAMPolicyUsage(accountID, policyARN)
	p.Usage = usage
	return p, true, err
}

func fromAWS(m *managed.Policy) Policy {
	number, _ := versionNumber(m.DefaultVersionID)
	return Policy{
		ID: m.ID, AccountID: awsAccount, Name: m.Name, Path: m.Path,
		DefaultVersion: number, NextVersion: number + 1,
		CreatedAt: m.CreateDate, UpdatedAt: m.UpdateDate, serviceOnly: !m.Attachable(),
	}
}

// awsPolicies returns the AWS managed policies that pass the filter, by name.
func awsPolicies(tx Tx, accountID string, f PolicyFilter) ([]Policy, error) {
	usage, err := tx.IAMAWSPolicyUsage(accountID)
	if err != nil {
		return nil, err
	}
	var list []Policy
	for _, m := range managed.All() {
		u := usage[m.ARN]
		if !strings.HasPrefix(m.Path, f.PathPrefix) ||
			f.NeedsAttachment() && u.Attachments == 0 || f.NeedsBoundary() && u.Boundaries == 0 {
			continue
		}
		p := fromAWS(m)
		p.Usage = u
		list = append(list, p)
	}
	return list, nil
}
