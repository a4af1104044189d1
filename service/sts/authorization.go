package sts

import (
	"context"
	"errors"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
)

// DecodeAuthorizationMessage opens the encoded explanation that came with a refusal. It
// opens for the account whose request was refused.
func (s *Service) DecodeAuthorizationMessage(ctx context.Context, in *stsapi.DecodeAuthorizationMessageInput) (*stsapi.DecodeAuthorizationMessageOutput, error) {
	text, err := authz.DecodeMessage(s.Vault, credential.FromContext(ctx).AccountID, smithy.Value(in.EncodedMessage))
	if errors.Is(err, authz.ErrNotMessage) {
		return nil, &stsapi.InvalidAuthorizationMessageException{Message: smithy.Ptr("Message is not valid")}
	}
	if err != nil {
		return nil, err
	}
	return &stsapi.DecodeAuthorizationMessageOutput{DecodedMessage: smithy.Ptr(text)}, nil
}
