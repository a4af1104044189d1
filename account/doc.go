// Package account owns what AWS Account Management keeps of an account besides its place in
// an organization: the primary contact, the alternate contacts, the Regions that the
// account has opted into or out of, and the one-time codes that were sent to it. [Target] decides whose account a call may act on.
//
// Name, e-mail address and state of an account belong to package org.
//
// # Regions
//
// Regions are dated data: before its launch a Region does not exist, and whether an account
// has to opt in depends on when it was launched. A switch takes [Settings.SwitchTime]; none
// by default, so that nobody waits:
//
//	DISABLED ──EnableRegion──▶ ENABLING ──(time)──▶ ENABLED
//	ENABLED ──DisableRegion──▶ DISABLING ──(time)──▶ DISABLED
//
// Nothing happens when the time is over: what a Region is follows from what was asked last
// and when.
//
// # One-time codes
//
// A new e-mail address of a member account's root user, and the telephone number of a
// primary contact, are proved with a code that AWS sends there. Here the operator delivers
// it: [WaitingCodes] is the outbox. There is one code of each kind for an account; the next
// replaces it.
//
// Neighbours: org (the accounts), store (implements [Tx]), service/account (the API).
package account
