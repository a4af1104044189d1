package authz_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
)

func vault(t *testing.T) *credential.Vault {
	t.Helper()
	key, err := credential.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	v, err := credential.NewVault(credential.NewKeyring(key))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// refused is a refusal by many statements.
func refused() *authz.DeniedError {
	layer := policy.LayerExplanation{Kind: "service control policy", Says: "deny"}
	for i := range 200 {
		layer.Policies = append(layer.Policies, policy.PolicyExplanation{
			ARN: fmt.Sprintf("arn:aws:organizations::111111111111:policy/o-example/service_control_policy/p-%08d", i),
			Statements: []policy.StatementExplanation{{Sid: fmt.Sprintf("S%d", i), Effect: "Deny", Applies: i%2 == 0, Conditions: []policy.ConditionExplanation{
				{Operator: "StringEquals", Key: "aws:SourceIp", Actual: []string{"127.0.0.1"}, Present: true},
				{Operator: "StringEquals", Key: "AWS:SourceIP", Actual: []string{"127.0.0.1"}, Present: true},
				{Operator: "StringEquals", Key: "aws:Referer"},
			}}},
		})
	}
	return &authz.DeniedError{
		Action: "ec2:StopInstances", Resource: "*", Decision: policy.Decision{Effect: policy.ExplicitDeny},
		Explanation: policy.Explanation{Layers: []policy.LayerExplanation{layer}},
	}
}

func TestMessageGoesThere(t *testing.T) {
	v, caller := vault(t), &credential.Caller{AccountID: "111111111111", ARN: "arn:aws:iam::111111111111:user/Bob", PrincipalID: "AIDA", EntityName: "Bob"}
	encoded, err := authz.EncodeMessage(v, caller, refused())
	if err != nil {
		t.Fatal(err)
	}
	// sts:DecodeAuthorizationMessage takes 10,240 characters.
	if len(encoded) > 10240 {
		t.Errorf("%d characters", len(encoded))
	}
	text, err := authz.DecodeMessage(v, "111111111111", encoded)
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		MatchedStatements struct{ Items []json.RawMessage }
		Context           struct {
			Conditions struct{ Items []json.RawMessage }
		}
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	if len(m.MatchedStatements.Items) != 100 || len(m.Context.Conditions.Items) != 1 {
		t.Errorf("%d statements, %d conditions", len(m.MatchedStatements.Items), len(m.Context.Conditions.Items))
	}
	const context = `"context":{"principal":{"id":"AIDA","name":"Bob","arn":"arn:aws:iam::111111111111:user/Bob"},"action":"ec2:StopInstances","resource":"*"`
	if !strings.HasPrefix(text, `{"allowed":false,"explicitDeny":true,`) || !strings.Contains(text, context) {
		t.Errorf("message %.300s", text)
	}
}

func TestMessageOpensForItsAccountOnly(t *testing.T) {
	v, caller := vault(t), &credential.Caller{AccountID: "111111111111"}
	encoded, err := authz.EncodeMessage(v, caller, refused())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, account, text string
		vault               *credential.Vault
	}{
		{"another account", "222222222222", encoded, v},
		{"another master key", "111111111111", encoded, vault(t)},
		{"cut off", "111111111111", encoded[:len(encoded)-4], v},
		{"empty", "111111111111", "", v},
		{"no base64", "111111111111", "no message", v},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if text, err := authz.DecodeMessage(tt.vault, tt.account, tt.text); !errors.Is(err, authz.ErrNotMessage) || text != "" {
				t.Errorf("decoded %q, %v", text, err)
			}
		})
	}
}
