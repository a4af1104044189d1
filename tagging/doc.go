// Package tagging sees the tags of all services together, as the Resource Groups Tagging API
// does: it lists what an account has tagged, finds a resource by its ARN, changes its tags, and
// holds tags against the effective tag policies of the accounts.
//
// Everything taggable is in it: IAM's users, roles, policies, instance profiles, providers,
// certificates and virtual MFA devices; an organization's root, OUs, accounts, policies and
// resource policy, which belong to the management account; and the resources of other services
// that accounts have registered. As in AWS, users and roles can be tagged through it but are
// not listed (Resource Groups Tagging API reference, "Services that support the Resource Groups
// Tagging API").
//
// The rules of tags are the owners': limits, reserved keys, letter case and the enforcement of
// tag policies are those of org, iam and resource, with their errors.
//
// Neighbours: org, iam and resource (keep the tags), policy/management (says what a tag policy
// demands), service/resourcegroupstaggingapi (the API over this package).
package tagging
