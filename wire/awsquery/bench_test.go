package awsquery_test

import (
	"testing"
	"time"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsquery"
)

const assumeRole = "Action=AssumeRole&DurationSeconds=3600&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fdeploy" +
	"&RoleSessionName=ci&Tags.member.1.Key=team&Tags.member.1.Value=platform&TransitiveTagKeys.member.1=team&Version=2011-06-15"

func BenchmarkDecodeAssumeRole(b *testing.B) {
	b.SetBytes(int64(len(assumeRole)))
	b.ReportAllocs()
	for b.Loop() {
		pairs, err := awsquery.ParseForm(assumeRole)
		if err != nil {
			b.Fatal(err)
		}
		var in stsapi.AssumeRoleInput
		if err := awsquery.Decode(pairs, &in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendAssumeRole(b *testing.B) {
	expires := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	out := &stsapi.AssumeRoleOutput{
		AssumedRoleUser: &stsapi.AssumedRoleUser{Arn: smithy.Ptr("arn:aws:sts::111122223333:assumed-role/deploy/ci"), AssumedRoleId: smithy.Ptr("AROAEXAMPLE:ci")},
		Credentials:     &stsapi.Credentials{AccessKeyId: smithy.Ptr("ASIAEXAMPLE"), SecretAccessKey: smithy.Ptr("secret"), SessionToken: smithy.Ptr("token"), Expiration: &expires},
	}
	op := stsapi.Description.Operation("AssumeRole")
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = awsquery.AppendResponse(buf[:0], &stsapi.Description, op, out, "11112222-3333-4444-5555-666677778888")
	}
	b.SetBytes(int64(len(buf)))
}
