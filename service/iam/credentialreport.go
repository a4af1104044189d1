package iam

import (
	"context"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// GenerateCredentialReport makes a credential report, at once. One that is younger than four
// hours stays.
func (s *Service) GenerateCredentialReport(ctx context.Context, _ *iamapi.GenerateCredentialReportInput) (*iamapi.GenerateCredentialReportOutput, error) {
	return write(ctx, s, func(tx *store.Tx) (*iamapi.GenerateCredentialReportOutput, error) {
		made, err := iam.GenerateCredentialReport(ctx, tx, account(ctx))
		out := &iamapi.GenerateCredentialReportOutput{State: smithy.Ptr(iamapi.ReportStateTypeComplete)}
		if made {
			out.State = smithy.Ptr(iamapi.ReportStateTypeStarted)
			out.Description = smithy.Ptr("No report exists. Starting a new report generation task")
		}
		return out, err
	})
}

// GetCredentialReport returns the newest credential report.
func (s *Service) GetCredentialReport(ctx context.Context, _ *iamapi.GetCredentialReportInput) (*iamapi.GetCredentialReportOutput, error) {
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetCredentialReportOutput, error) {
		r, err := iam.GetCredentialReport(ctx, tx, account(ctx))
		return &iamapi.GetCredentialReportOutput{
			Content: []byte(r.Content), ReportFormat: smithy.Ptr(iamapi.ReportFormatTypeTextCsv), GeneratedTime: date(r.GeneratedAt),
		}, err
	})
}

func credentialReportRows() []authz.Row {
	return []authz.Row{
		authz.Anywhere("GenerateCredentialReport", "iam:GenerateCredentialReport"),
		authz.Anywhere("GetCredentialReport", "iam:GetCredentialReport"),
	}
}
