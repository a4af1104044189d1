package resourcegroupstaggingapi

import (
	"context"

	tagapi "github.com/bailiwick/bailiwick/api/resourcegroupstaggingapi"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/tagging"
)

// Service is the Resource Groups Tagging API. Operations that are not built answer
// NotImplemented.
type Service struct {
	tagapi.Unimplemented
	// DB holds everything.
	DB *store.DB
	// Gate decides whether the caller may tag a resource in the service that has it.
	Gate Gate
}

// Gate is the authorizer.
type Gate interface {
	// Require returns nil if the answer to the question is that the caller may, or a
	// *authz.DeniedError.
	Require(ctx context.Context, q *authz.Question) error
}

var _ tagapi.Service = (*Service)(nil)

// Rows are the authorization rows; see the Service Authorization Reference, "Actions,
// resources, and condition keys for Amazon Resource Group Tagging API". What the services of
// the resources demand besides is asked for each resource.
func (s *Service) Rows() []authz.Row {
	var rows []authz.Row
	for _, operation := range []string{
		"GetComplianceSummary", "GetResources", "GetTagKeys", "GetTagValues", "ListRequiredTags", "TagResources", "UntagResources",
	} {
		rows = append(rows, authz.Anywhere(operation, "tag:"+operation))
	}
	return rows
}

// caller returns the id of the calling account.
func caller(ctx context.Context) string { return credential.FromContext(ctx).AccountID }

// region is the Region of the call.
func region(ctx context.Context) string {
	if r := audit.FromContext(ctx); r != nil && r.Call.Region != "" {
		return r.Call.Region
	}
	return tagging.GlobalRegion
}

// read runs an operation that changes nothing.
func read[O any](ctx context.Context, s *Service, fn func(tx *store.Tx) (*O, error)) (*O, error) {
	out, err := store.Read(ctx, s.DB, fn)
	return out, apiError(err)
}
