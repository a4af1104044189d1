// Package resource owns the resources of other services that accounts have registered:
// buckets, keys, queues, topics, functions, secrets and whatever else takes a resource-based
// policy. Bailiwick runs none of these services; it keeps what decisions about them need:
// the ARN, the account that owns it, the resource-based policy and the tags.
//
// A registration is checked as the service itself would check the policy: its grammar, the
// service's limits (dated data, kind.go), and that the principals exist; users and roles are
// pinned by unique id, as in trust policies. Changes are planned first ([MakePlan]), so that
// the caller can be asked for the permissions that each of them needs ([Change.Actions]), and
// then carried out together ([Plan.Apply]).
//
// Neighbours: iam and org (below: principals and accounts), policy (the grammar); authz reads
// registrations for its decisions, operator has the API. Roles and whatever else Bailiwick
// keeps itself have no place here.
package resource
