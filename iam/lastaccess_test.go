package iam

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy/serviceauth"
)

// document is a policy of the given statements.
func document(statements ...string) string {
	return `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ", ") + `]}`
}

func statement(effect, rest string) string { return `{"Effect": "` + effect + `", ` + rest + `}` }

func TestServicesThatPoliciesGrant(t *testing.T) {
	everywhere := func(effect, actions string) string {
		return statement(effect, `"Action": `+actions+`, "Resource": "*"`)
	}
	all := len(serviceauth.Services())
	for _, c := range []struct {
		name   string
		layers [][]string
		// want are the services, or how many there are.
		want  []string
		count int
	}{
		{"nothing", [][]string{{}}, nil, 0},
		{"everything", [][]string{{document(everywhere("Allow", `"*"`))}}, nil, all},
		{"one action", [][]string{{document(everywhere("Allow", `"sts:AssumeRole"`))}}, []string{"sts"}, 1},
		{"case does not matter", [][]string{{document(everywhere("Allow", `"STS:assumerole"`))}}, []string{"sts"}, 1},
		{"an action that there is not", [][]string{{document(everywhere("Allow", `"sts:Dance"`))}}, nil, 0},
		{"a pattern of services", [][]string{{document(everywhere("Allow", `"s?s:Send*"`))}}, []string{"ses", "sms", "sqs"}, 3},
		{"all but", [][]string{{document(statement("Allow", `"NotAction": ["iam:*", "sts:*"], "Resource": "*"`))}}, nil, all - 2},
		{"two policies", [][]string{{document(everywhere("Allow", `"sqs:*"`)), document(everywhere("Allow", `"sns:*"`))}}, []string{"sns", "sqs"}, 2},
		{"denied by another policy", [][]string{{document(everywhere("Allow", `["sqs:*", "sns:*"]`)), document(everywhere("Deny", `"sns:*"`))}}, []string{"sqs"}, 1},
		{"one action denied", [][]string{{document(everywhere("Allow", `["sns:*"]`), everywhere("Deny", `"sns:Publish"`))}}, []string{"sns"}, 1},
		{"the only action denied", [][]string{{document(everywhere("Allow", `["sns:Publish"]`), everywhere("Deny", `"sns:Pub*"`))}}, nil, 0},
		{
			"a deny with a condition",
			[][]string{{document(everywhere("Allow", `"sns:*"`), statement("Deny", `"Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}`))}},
			[]string{"sns"},
			1,
		},
		{"a deny of one resource", [][]string{{document(everywhere("Allow", `"sns:*"`), statement("Deny", `"Action": "*", "Resource": "arn:aws:sns:*:*:x"`))}}, []string{"sns"}, 1},
		{"an allow with a condition", [][]string{{document(statement("Allow", `"Action": "sns:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}`))}}, []string{"sns"}, 1},
		// A recovery point of AWS Backup has the service of what was backed up in its ARN.
		{"a resource of the service", [][]string{{document(statement("Allow", `"Action": "*", "Resource": "arn:aws:sqs:*:*:jobs-${aws:username}"`))}}, []string{"backup", "sqs"}, 2},
		{"a resource of another service", [][]string{{document(statement("Allow", `"Action": "sqs:*", "Resource": "arn:aws:s3:::bucket"`))}}, nil, 0},
		{"an action that has no resources", [][]string{{document(statement("Allow", `"Action": "s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::bucket"`))}}, nil, 0},
		{"no resource is left", [][]string{{document(statement("Allow", `"Action": "sqs:*", "NotResource": "*"`))}}, nil, 0},
		{"both layers", [][]string{{document(everywhere("Allow", `"*"`))}, {document(everywhere("Allow", `["sqs:*", "sns:Publish"]`))}}, []string{"sns", "sqs"}, 2},
		{"no action in common", [][]string{{document(everywhere("Allow", `"sns:Publish"`))}, {document(everywhere("Allow", `"sns:Subscribe"`))}}, nil, 0},
		{"a layer without policies", [][]string{{document(everywhere("Allow", `"*"`))}, {}}, nil, 0},
		{"no policy at all", [][]string{{`{"Version": "2012-10-17"`}}, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, s := range newPermissions(c.layers...).services() {
				got = append(got, s.Prefix)
			}
			if len(got) != c.count || c.want != nil && !slices.Equal(got, c.want) {
				t.Errorf("got %d: %.200q, want %d: %q", len(got), got, c.count, c.want)
			}
		})
	}
}

func TestGrantsService(t *testing.T) {
	for _, c := range []struct {
		name, statements string
		want             bool
	}{
		{"all", `{"Effect": "Allow", "Action": "*", "Resource": "*"}`, true},
		{"an action that there is not", `{"Effect": "Allow", "Action": "sqs:Dance", "Resource": "*"}`, true},
		{"another service", `{"Effect": "Allow", "Action": "sns:*", "Resource": "*"}`, false},
		{"all but the service", `{"Effect": "Allow", "NotAction": "sqs:*", "Resource": "*"}`, false},
		{"all but an action", `{"Effect": "Allow", "NotAction": "sqs:SendMessage", "Resource": "*"}`, true},
		{"all but another service", `{"Effect": "Allow", "NotAction": "sns:*", "Resource": "*"}`, true},
		{"a queue", `{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:sqs:eu-west-1:111122223333:jobs"}`, true},
		{"no queue", `{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::jobs"}`, false},
		{"the service is denied", `{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}`, false},
		{"all but another service is denied", `{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "NotAction": "sns:*", "Resource": "*"}`, false},
		{"an action is denied", `{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}, {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}`, true},
		{"only denied", `{"Effect": "Deny", "Action": "sns:*", "Resource": "*"}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := serviceauth.Lookup("sqs")
			if got := grantsService(document(c.statements), s); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func BenchmarkServicesThatPoliciesGrant(b *testing.B) {
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf(`"*:Describe%d*"`, i))
	}
	for name, text := range map[string]string{
		"admin": document(statement("Allow", `"Action": "*", "Resource": "*"`)),
		"view":  awsDocument("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"),
		"worst": document(statement("Allow", `"Action": [`+strings.Join(many, ", ")+`], "Resource": "*"`)),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				newPermissions([]string{text}).services()
			}
		})
	}
}
