package authz

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/policy"
)

// ErrNotMessage says that a text is not an encoded authorization message, or not one of
// the account that wants it decoded.
var ErrNotMessage = errors.New("authz: not an encoded authorization message of this account")

// maxMessage bounds a decoded message, in bytes.
const maxMessage = 1 << 20

// message is a refusal as sts:DecodeAuthorizationMessage tells it; the STS API Reference
// has the form in the example of that operation. Lists stand in an object of their own.
type message struct {
	Allowed           bool                    `json:"allowed"`
	ExplicitDeny      bool                    `json:"explicitDeny"`
	MatchedStatements items[matchedStatement] `json:"matchedStatements"`
	Failures          items[string]           `json:"failures"`
	Context           messageContext          `json:"context"`
}

type items[T any] struct {
	Items []T `json:"items"`
}

// matchedStatement is a statement that applied, with the policy that it stands in.
type matchedStatement struct {
	StatementID      string `json:"statementId"`
	Effect           string `json:"effect"`
	SourcePolicyID   string `json:"sourcePolicyId"`
	SourcePolicyType string `json:"sourcePolicyType"`
}

type messageContext struct {
	Principal  messagePrincipal  `json:"principal"`
	Action     string            `json:"action"`
	Resource   string            `json:"resource"`
	Conditions items[messageKey] `json:"conditions"`
}

type messagePrincipal struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	ARN  string `json:"arn"`
}

type messageKey struct {
	Key    string              `json:"key"`
	Values items[messageValue] `json:"values"`
}

type messageValue struct {
	Value string `json:"value"`
}

// EncodeMessage returns the explanation of a refusal in the form that an operation can add
// to its error message: compressed and sealed, in the letters of a URL. Only the caller's
// account can have it decoded, by [DecodeMessage]. At AWS only some services add one, such as
// EC2, and none of those that are built here: see the STS API Reference,
// DecodeAuthorizationMessage.
func EncodeMessage(v *credential.Vault, caller *credential.Caller, denied *DeniedError) (string, error) {
	raw, err := json.Marshal(newMessage(caller, denied))
	if err != nil {
		return "", fmt.Errorf("encode an authorization message: %w", err)
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return "", fmt.Errorf("encode an authorization message: %w", err)
	}
	if _, err = w.Write(raw); err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", fmt.Errorf("encode an authorization message: %w", err)
	}
	sealed, err := v.Seal(messageOwner(caller.AccountID), packed.Bytes())
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// DecodeMessage returns the JSON text of a message that was encoded for the account, or
// ErrNotMessage.
func DecodeMessage(v *credential.Vault, accountID, encoded string) (string, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return "", ErrNotMessage
	}
	packed, err := v.Open(messageOwner(accountID), sealed)
	if err != nil {
		return "", ErrNotMessage
	}
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxMessage))
	if err != nil {
		return "", ErrNotMessage
	}
	return string(raw), nil
}

// messageOwner is whose secret an encoded message is to the vault.
func messageOwner(accountID string) string { return "authorization message/" + accountID }

func newMessage(caller *credential.Caller, denied *DeniedError) message {
	m := message{
		ExplicitDeny:      denied.Decision.Effect == policy.ExplicitDeny,
		MatchedStatements: items[matchedStatement]{Items: []matchedStatement{}},
		Failures:          items[string]{Items: []string{}},
		Context: messageContext{
			Principal: messagePrincipal{ID: caller.PrincipalID, Name: caller.EntityName, ARN: caller.ARN},
			Action:    denied.Action, Resource: denied.Resource,
			Conditions: items[messageKey]{Items: []messageKey{}},
		},
	}
	seen := map[string]bool{}
	for _, layer := range denied.Explanation.Layers {
		for _, p := range layer.Policies {
			for i := range p.Statements {
				m.add(layer.Kind, &p, &p.Statements[i], seen)
			}
		}
	}
	return m
}

// add notes a statement if it applied, and the values of the condition keys it looked at.
func (m *message) add(kind string, p *policy.PolicyExplanation, s *policy.StatementExplanation, seen map[string]bool) {
	if s.Applies {
		id := p.ARN
		if id == "" {
			id = p.Name
		}
		m.MatchedStatements.Items = append(m.MatchedStatements.Items, matchedStatement{
			StatementID: s.Sid, Effect: strings.ToUpper(s.Effect), SourcePolicyID: id, SourcePolicyType: kind,
		})
	}
	for _, c := range s.Conditions {
		if !c.Present || seen[strings.ToLower(c.Key)] {
			continue
		}
		seen[strings.ToLower(c.Key)] = true
		values := items[messageValue]{Items: []messageValue{}}
		for _, v := range c.Actual {
			values.Items = append(values.Items, messageValue{v})
		}
		m.Context.Conditions.Items = append(m.Context.Conditions.Items, messageKey{Key: c.Key, Values: values})
	}
}
