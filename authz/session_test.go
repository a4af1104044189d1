package authz

import (
	"errors"
	"testing"

	"github.com/bailiwick/bailiwick/credential"
)

// The rules are those of the STS API Reference, GetSessionToken and GetFederationToken,
// "Permissions". service/sts tests what the sessions may ask STS for.
func TestSessionsThatIAMDoesNotKnow(t *testing.T) {
	session := func(kind credential.PrincipalType, issuer string, mfa bool) *credential.Caller {
		return &credential.Caller{Type: kind, Session: &credential.Session{IssuerType: issuer, MFA: mfa}}
	}
	tests := []struct {
		name   string
		caller *credential.Caller
		barred bool
	}{
		{"long-term key of a user", &credential.Caller{Type: credential.User}, false},
		{"long-term key of the root user", &credential.Caller{Type: credential.RootUser}, false},
		{"role session", session(credential.AssumedRole, "AssumeRole", false), false},
		{"user's session without a code", session(credential.User, "GetSessionToken", false), true},
		{"user's session with a code", session(credential.User, "GetSessionToken", true), false},
		{"root user's session without a code", session(credential.RootUser, "GetSessionToken", false), true},
		{"federated user", session(credential.FederatedUser, "GetFederationToken", false), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := barred(&Request{Service: "iam", Operation: "ListUsers", Caller: tt.caller})
			if errors.Is(err, credential.ErrInvalidToken) != tt.barred || (err == nil) == tt.barred {
				t.Errorf("iam: %v", err)
			}
			if err := barred(&Request{Service: "organizations", Operation: "DescribeOrganization", Caller: tt.caller}); err != nil {
				t.Errorf("organizations: %v", err)
			}
		})
	}
}

func TestBarredCallExplainsItself(t *testing.T) {
	err := barred(&Request{Service: "sts", Operation: "GetSessionToken", Caller: &credential.Caller{
		Type: credential.AssumedRole, Session: &credential.Session{IssuerType: "AssumeRole"},
	}})
	var denied *DeniedError
	if !errors.As(err, &denied) || denied.Message != "Cannot call GetSessionToken with session credentials" {
		t.Fatalf("refusal %v", err)
	}
	const want = `{"authorization":{"allowed":false,"outcome":"explicitDeny","reason":"kind of session","message":"Cannot call GetSessionToken with session credentials","layers":[]}}`
	if got := string(denied.JSON()); got != want {
		t.Errorf("explanation %s, want %s", got, want)
	}
}
