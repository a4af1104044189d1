// Package operator is the small API of whoever runs the server, under /_bailiwick/: is it
// alive, is it ready, which version is it, what has it counted; and, with the operator's token, what AWS does
// outside of its APIs: opening a standalone account and verifying the e-mail address of its
// root user, raising quotas of organizations, and the one-time codes that are sent to addresses and telephone numbers; taking on
// product providers, handing them what is published about their delegation requests, and
// registering role templates.
//
// It is no way round authorization: it reads and changes nothing inside an account or an
// organization, and what it makes comes with credentials that every other API checks as
// usual.
//
// For the operator, or for principals who sign, it also has the registered resources of
// accounts and decisions about them: asker.go says how the two are told apart. What no AWS
// API has is registering; what principals may register, and ask, policies decide as usual.
package operator
