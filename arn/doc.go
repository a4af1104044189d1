// Package arn holds the leaf values by which AWS names things: the Amazon Resource Name
// and the account id. It owns their syntax and nothing else; it knows no service and
// imports nothing of ours.
//
// Neighbours: package policy matches ARN patterns, package wire and the domains build
// ARNs.
package arn
