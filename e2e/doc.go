// Package e2e holds whole scenes: the built binary, real clients (the AWS SDK for Go v2,
// the AWS SDK for JavaScript v3 in the folder js, the aws CLI) and real sockets, on SQLite
// and on PostgreSQL. The scenes follow the stories of a multi-account life: one account that
// grows into an organization, environments, invited accounts, teams, guardrails; each with
// what must be refused beside what must be allowed.
package e2e
