package iam

import "cmp"

// The policies of other resources than roles name principals as trust policies do, and AWS
// keeps them in the same way: by unique ids. See the IAM user guide, "AWS JSON policy
// elements: Principal".

// PinPrincipals finds those whom a policy names. It returns the document with account ids
// written as the accounts' ARNs, and the unique ids of users and roles by the names that
// stand in it. A principal that is not there makes the policy malformed.
func PinPrincipals(tx Tx, document string) (pinned string, ids map[string]string, err error) {
	t, err := resolveTrust(tx, document)
	return t.document, t.ids, err
}

// PresentPrincipals returns a document in the form that is shown and evaluated: with every
// user and role that it names under the present ARN, and under the unique id if it is gone.
func PresentPrincipals(document string, named []Trusted) (string, error) {
	changed := map[string]string{}
	for _, t := range named {
		if now := cmp.Or(t.ARN, t.ID); now != t.Name {
			changed[t.Name] = now
		}
	}
	if len(changed) == 0 {
		return document, nil
	}
	return replacePrincipals(document, changed)
}
