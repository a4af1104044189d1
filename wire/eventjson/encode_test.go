package eventjson_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/smithy/smithytest"
	"github.com/bailiwick/bailiwick/wire/eventjson"
)

type values = smithytest.Values

func TestAppend(t *testing.T) {
	secretTag := smithytest.Structure("SecretTag", smithy.Member{Name: "Key", Target: smithytest.String})
	secretTag.Sensitive = true
	more := smithytest.Structure("More",
		smithy.Member{Name: "SAMLDocument", WireName: "other", Target: smithytest.String},
		smithy.Member{Name: "alreadyLower", Target: smithytest.String},
		smithy.Member{Name: "Secrets", Target: smithytest.List("Secrets", smithytest.Secret)},
		smithy.Member{Name: "SecretByName", Target: smithytest.Map("SecretByName", smithytest.Secret)},
		smithy.Member{Name: "Hidden", Target: smithytest.List("Hidden", smithytest.String), Sensitive: true},
		smithy.Member{Name: "Tag", Target: secretTag},
		smithy.Member{Name: "HiddenMap", Target: smithytest.Map("HiddenMap", smithytest.String), Sensitive: true},
		smithy.Member{Name: "Header", Target: smithytest.String, Binding: smithy.BindHeader, BindingName: "X-Header"},
		smithy.Member{Name: "After", Target: smithytest.String},
	)
	const hidden = `"HIDDEN_DUE_TO_SECURITY_REASONS"`
	tests := []struct {
		name   string
		schema *smithy.Schema
		in     values
		want   string
	}{
		{"nothing", smithytest.Everything, values{}, `null`},
		{"scalars", smithytest.Everything, values{"Text": "a\n", "Flag": true, "Small": int64(-1), "Ratio": 2.5, "Data": []byte("hi?")}, `{"text":"a\n","flag":true,"small":-1,"ratio":2.5,"data":"aGk/"}`},
		{"a time in the afternoon", smithytest.Everything, values{"When": time.Date(2026, 11, 21, 23, 47, 42, 5e8, time.UTC)}, `{"when":"Nov 21, 2026, 11:47:42 PM"}`},
		{"a time in another zone", smithytest.Everything, values{"When": time.Date(2026, 1, 2, 1, 5, 6, 0, time.FixedZone("", 3600))}, `{"when":"Jan 2, 2026, 12:05:06 AM"}`},
		{
			"containers", smithytest.Everything,
			values{"Tags": []any{values{"Key": "a"}, values{}}, "Names": []any{"x", "y"}, "Grid": []any{[]any{int64(1)}, []any{}}, "Labels": values{"Key": "v"}, "TagsByName": values{"N": values{"Key": "k"}}},
			`{"tags":[{"key":"a"},{}],"names":["x","y"],"grid":[[1],[]],"labels":{"Key":"v"},"tagsByName":{"N":{"key":"k"}}}`,
		},
		{"the model's name counts", smithytest.Everything, values{"Renamed": "x"}, `{"renamed":"x"}`},
		{"only the first letter is lowered", more, values{"SAMLDocument": "x", "alreadyLower": "y"}, `{"sAMLDocument":"x","alreadyLower":"y"}`},
		{"a secret", smithytest.Everything, values{"Text": "a", "Password": "p"}, `{"text":"a","password":` + hidden + `}`},
		{"secrets in containers", more, values{"Secrets": []any{"a", "b"}, "SecretByName": values{"k": "v", "l": "w"}}, `{"secrets":[` + hidden + `,` + hidden + `],"secretByName":{"k":` + hidden + `,"l":` + hidden + `}}`},
		{"secret containers", more, values{"Hidden": []any{"a", "b"}, "Tag": values{"Key": "k"}, "HiddenMap": values{"k": "v"}, "After": "x"}, `{"hidden":` + hidden + `,"tag":` + hidden + `,"hiddenMap":` + hidden + `,"after":"x"}`},
		{"a private key in the wrong place", smithytest.Everything, values{"Text": "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n"}, `{"text":` + hidden + `}`},
		{"a certificate", smithytest.Everything, values{"Text": "-----BEGIN CERTIFICATE-----"}, `{"text":"-----BEGIN CERTIFICATE-----"}`},
		{"members from anywhere in the message", more, values{"Header": "h"}, `{"header":"h"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := string(eventjson.Append([]byte("x"), &smithytest.Record{Of: tt.schema, Values: tt.in}))
			if got != "x"+tt.want {
				t.Errorf("got  %s\nwant x%s", got, tt.want)
			}
			if !json.Valid([]byte(got[1:])) {
				t.Error("not JSON")
			}
		})
	}
	if got := string(eventjson.Append(nil, nil)); got != "null" {
		t.Errorf("no shape: %s", got)
	}
}

func TestAppendHidesWhatTheModelsCallSensitive(t *testing.T) {
	expires := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	got := string(eventjson.Append(nil, &stsapi.AssumeRoleOutput{Credentials: &stsapi.Credentials{
		AccessKeyId: smithy.Ptr("ASIAEXAMPLE"), SecretAccessKey: smithy.Ptr("do-not-show"), Expiration: &expires,
	}}))
	if strings.Contains(got, "do-not-show") {
		t.Errorf("the secret access key is shown: %s", got)
	}
	for _, part := range []string{`"accessKeyId":"ASIAEXAMPLE"`, `"secretAccessKey":"` + eventjson.Hidden + `"`, `"expiration":"Nov 22, 2026, 1:02:03 AM"`} {
		if !strings.Contains(got, part) {
			t.Errorf("%s is missing in %s", part, got)
		}
	}
	got = string(eventjson.Append(nil, &organizationsapi.CreateAccountInput{AccountName: smithy.Ptr("Name"), Email: smithy.Ptr("a@example.com"), RoleName: smithy.Ptr("Admin")}))
	if want := `{"email":"` + eventjson.Hidden + `","accountName":"` + eventjson.Hidden + `","roleName":"Admin"}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
