package awsjson_test

import (
	"fmt"
	"testing"
	"time"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsjson"
)

// accountsPage is a page of ListAccounts of the usual size.
func accountsPage() *organizationsapi.ListAccountsOutput {
	page := &organizationsapi.ListAccountsOutput{NextToken: smithy.Ptr("eyJhIjoiMTExMTIyMjIzMzMzIn0")}
	joined := time.UnixMilli(1612345678123).UTC()
	for i := range 20 {
		id := fmt.Sprintf("1111222233%02d", i)
		page.Accounts = append(page.Accounts, organizationsapi.Account{
			Arn: smithy.Ptr("arn:aws:organizations::111122223333:account/o-exampleorgid/" + id), Id: &id,
			Email: smithy.Ptr("team-" + id + "@example.com"), Name: smithy.Ptr("Team " + id),
			Status: smithy.Ptr("ACTIVE"), JoinedMethod: smithy.Ptr("CREATED"), JoinedTimestamp: &joined,
		})
	}
	return page
}

func BenchmarkAppendListAccounts(b *testing.B) {
	page := accountsPage()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = awsjson.Append(buf[:0], page)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkDecodeListAccounts(b *testing.B) {
	text := awsjson.Append(nil, accountsPage())
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var page organizationsapi.ListAccountsOutput
		if err := awsjson.Decode(text, &page); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeCreateAccount(b *testing.B) {
	text := []byte(`{"AccountName":"Team 1","Email":"team-1@example.com","IamUserAccessToBilling":"ALLOW","RoleName":"Admin","Tags":[{"Key":"a","Value":"b"}]}`)
	b.ReportAllocs()
	for b.Loop() {
		var in organizationsapi.CreateAccountInput
		if err := awsjson.Decode(text, &in); err != nil {
			b.Fatal(err)
		}
		if vs := smithy.Validate(&in); vs != nil {
			b.Fatal(smithy.Message(vs))
		}
	}
}
