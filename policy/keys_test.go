package policy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/policy"
)

func TestContextKeys(t *testing.T) {
	p := compile(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/${s3:x, 'd'}","Condition":{
			"StringLike":{"aws:PrincipalTag/Team":["${AWS:RequestTag/team}","x"]},"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:${aws:PrincipalAccount}:*"}}},
		{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`)
	want := []string{"aws:principalaccount", "aws:principaltag/team", "aws:requesttag/team", "aws:securetransport", "aws:sourcearn", "aws:username", "s3:x"}
	if got := p.ContextKeys(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := compile(t, fullAccess).ContextKeys(); len(got) != 0 {
		t.Errorf("no keys: got %v", got)
	}
}

// TestLongLineIsParsedInLinearTime guards against columns being counted from the start of
// the line for each of many values.
func TestLongLineIsParsedInLinearTime(t *testing.T) {
	text := `{"Statement":{"Effect":"Allow","Resource":"*","Action":["a:b"` + strings.Repeat(`,"a"`, 60_000) + `]}}`
	start := time.Now()
	d, err := policy.Parse([]byte(text), policy.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	last := d.Statements[0].Action[60_000].Pos
	if last.Offset+1 != last.Column || last.Line != 1 {
		t.Errorf("last value at %+v", last)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}
