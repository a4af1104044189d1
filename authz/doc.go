// Package authz is the only authorization gate. For one call it takes the operation's
// [Row] (which actions on which resources, with which condition keys), gathers everything
// that speaks to it (identity-based policies, permissions boundary, session policies,
// resource-based policy, service and resource control policies along the account's path,
// the global condition keys), asks package policy, and returns the decision.
//
// An operation without a row is refused. What cannot be gathered is refused too: the gate
// fails closed.
//
// Neighbours: policy (evaluates), org and iam (what is attached where), credential (who
// asks). The rows stand in service/<service>/actions.go.
package authz
