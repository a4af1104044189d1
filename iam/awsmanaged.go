package iam

// awsDocument returns the document of an AWS managed policy, or the empty string.
func awsDocument(policyARN string) string { return "" }

// awsPolicy returns an AWS managed policy with its usage in the account.
func awsPolicy(tx Tx, accountID, policyARN string) (Policy, bool, error) {
	return Policy{}, false, nil
}

// awsPolicies returns the AWS managed policies that pass the filter.
func awsPolicies(tx Tx, accountID string, f PolicyFilter) ([]Policy, error) { return nil, nil }
