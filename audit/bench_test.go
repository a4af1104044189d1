package audit_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
)

// BenchmarkRecording measures the events of a call, from what is known of it to the finished
// records.
func BenchmarkRecording(b *testing.B) {
	call := func(name, parameters string, readOnly bool, caller *credential.Caller) audit.Call {
		return audit.Call{
			EventID: "01234567-89ab-7cde-8f01-23456789abcd", RequestID: "01234567-89ab-7cde-8f01-23456789abcd", Time: time.Now(),
			Source: "sts.amazonaws.com", Name: name, Region: "us-east-1", APIVersion: "2011-06-15", SourceIP: "127.0.0.1",
			UserAgent: "aws-sdk-go-v2/1.41.0 ua/2.1 os/linux lang/go#1.26.0 md/GOOS#linux md/GOARCH#amd64 api/sts#1.41.5 m/E",
			Caller:    caller, ReadOnly: readOnly, Parameters: json.RawMessage(parameters),
		}
	}
	user := &credential.Caller{
		Type: credential.User, AccountID: home, ARN: "arn:aws:iam::" + home + ":user/alice", PrincipalID: "AIDAIOSFODNN7EXAMPLE",
		EntityID: "AIDAIOSFODNN7EXAMPLE", EntityARN: "arn:aws:iam::" + home + ":user/alice", EntityName: "alice", AccessKeyID: "AKIAIOSFODNN7EXAMPLE",
	}
	role := recording().Call.Caller
	parameters := `{"roleArn":"arn:aws:iam::` + home + `:role/Role","roleSessionName":"bench"}`
	answer := json.RawMessage(`{"credentials":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionToken":"` + strings.Repeat("x", 450) +
		`","expiration":"Nov 22, 2026, 1:02:03 AM"},"assumedRoleUser":{"assumedRoleId":"AROAEXAMPLE:bench","arn":"arn:aws:sts::` + home + `:assumed-role/Role/bench"}}`)
	why := json.RawMessage(`{"explanation":"` + strings.Repeat("the statement of this policy says nothing of it; ", 40) + `"}`)
	b.Run("GetCallerIdentity", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := audit.Recording{Call: call("GetCallerIdentity", "null", true, user)}
			r.Complete(nil)
		}
	})
	b.Run("AssumeRole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := audit.Recording{Call: call("AssumeRole", parameters, false, role)}
			// The role is another account's, which gets an event as well.
			r.Touch(audit.Resource{ARN: "arn:aws:iam::" + other + ":role/Role", AccountID: other, Type: "AWS::IAM::Role"})
			r.Respond(answer)
			r.Complete(nil)
		}
	})
	b.Run("refused", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := audit.Recording{Call: call("AssumeRole", parameters, false, user), Decision: why}
			r.Fail("AccessDenied", "User: arn:aws:iam::"+home+":user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::"+home+":role/Role")
		}
	})
}

// BenchmarkQueue measures what an event costs on its way to the store, from two callers at a
// time.
func BenchmarkQueue(b *testing.B) {
	q := audit.NewQueue(nowhere{}, slog.New(slog.DiscardHandler))
	defer q.Close()
	events := recording().Complete(nil)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := q.Add(events); err != nil {
				b.Error(err)
			}
		}
	})
}

type nowhere struct{}

func (nowhere) AppendEvents(context.Context, []audit.Event) error { return nil }
