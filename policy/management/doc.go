// Package management is the language of the management policies of AWS Organizations: tag
// policies, backup policies, policies for chat applications and all others that configure
// services instead of permitting actions. It parses a document, checks it against the
// grammar of its type, merges the documents that an account inherits into its effective
// policy, and checks that policy. It is pure: no I/O, no clock, and nothing but the standard
// library. Sources: Organizations user guide, topics "Inheritance operators", "Inheritance
// examples", "Viewing effective management policies", "About invalid effective policy
// alerts", and "… policy syntax and examples" of each type.
//
// # Documents
//
// A document is a tree of keys. At its leaves, settings, stand value-setting operators:
//
//	{"tags": {"costcenter": {"tag_value": {"@@append": ["Sandbox"]}}}}
//
// Every key can carry the operator @@operators_allowed_for_child_policies, which limits what
// policies further down the tree may do at exactly this key: which operators they may use
// if it is a setting, and whether they may add keys below it if it is not (they may where
// @@assign or @@append is allowed). A limit never widens again further down.
//
// # Merging
//
// Levels are merged from the root down to the account; at each level every policy sees what
// the levels above have made of the settings and is limited by them alone. Policies of one
// level are taken in the order in which they were attached: the first @@assign of a setting
// counts and later ones are ignored, then all values of @@append are added, then those of
// @@remove are taken away; of their limits only what all allow is left. What a policy is not
// allowed to do is ignored; it is no error. Keys are the same whatever their letter case and
// appear in lower case. A list that @@remove has emptied vanishes, unless the grammar wants
// it to be there; one that was assigned empty stays.
//
// # What the documentation leaves open
//
// The documentation shows the order of policies of one level for @@assign only; that
// additions and removals of all policies count is our reading. Of the error codes of
// effective policies it names ELEMENTS_TOO_MANY; the others are named in its manner. It has
// no syntax for Security Hub CSPM policies: those are only held to the rules of documents in
// general. Names of Regions are checked for their form, not for whether a service runs there.
//
// Neighbours: org (stores the policies, knows who inherits them), policy (the language of
// policies that permit).
package management
