package org

import "time"

// The states of a request to make an account.
const (
	CreateInProgress = "IN_PROGRESS"
	CreateSucceeded  = "SUCCEEDED"
	CreateFailed     = "FAILED"
)

// CreateRequest is a request to make an account, with what came of it.
type CreateRequest struct {
	// ID is "car-" and 32 lower-case letters or digits.
	ID             string
	OrganizationID string
	AccountName    string
	// State is one of the Create constants.
	State       string
	RequestedAt time.Time
	// CompletedAt is nil while the request is in progress.
	CompletedAt *time.Time
	// AccountID is set when the request has succeeded, FailureReason when it has failed.
	AccountID     string
	FailureReason string
}
