package account

import (
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/store"
)

// Service is AWS Account Management. Operations that are not built answer NotImplemented.
type Service struct {
	accountapi.Unimplemented
	DB *store.DB
}

var _ accountapi.Service = (*Service)(nil)

// Rows are the authorization rows; see the Service Authorization Reference, "Actions,
// resources, and condition keys for AWS Account Management".
func (s *Service) Rows() []authz.Row { return nil }
