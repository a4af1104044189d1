package restjson_test

import (
	"reflect"
	"testing"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/restjson"
)

func service(ops ...smithy.Operation) *smithy.Service { return &smithy.Service{Operations: ops} }

var routed = service(
	smithy.Operation{Name: "Root", Method: "GET", URI: "/"},
	smithy.Operation{Name: "ListThings", Method: "GET", URI: "/things"},
	smithy.Operation{Name: "MakeThing", Method: "POST", URI: "/things"},
	smithy.Operation{Name: "GetAny", Method: "GET", URI: "/{Kind}/{Id}"},
	smithy.Operation{Name: "GetThing", Method: "GET", URI: "/things/{Id}"},
	smithy.Operation{Name: "GetSpecial", Method: "GET", URI: "/things/special"},
	smithy.Operation{Name: "GetPart", Method: "GET", URI: "/things/{Id}/parts/{Part}"},
	smithy.Operation{Name: "ListTags", Method: "GET", URI: "/tags/{ResourceArn+}"},
	smithy.Operation{Name: "GetFile", Method: "GET", URI: "/files/{Path+}/content"},
	smithy.Operation{Name: "Token", Method: "POST", URI: "/token"},
	smithy.Operation{Name: "TokenWithIAM", Method: "POST", URI: "/token?aws_iam=t"},
	smithy.Operation{Name: "TokenQuery", Method: "POST", URI: "/token?describe"},
)

func TestMatch(t *testing.T) {
	type labels = []restjson.Label
	tests := []struct {
		method, path, query, want string
		labels                    labels
	}{
		{"GET", "/", "", "Root", nil},
		{"GET", "", "", "Root", nil},
		{"GET", "/things", "", "ListThings", nil},
		{"GET", "/things/", "", "ListThings", nil},
		{"POST", "/things", "x=y", "MakeThing", nil},
		{"DELETE", "/things", "", "", nil},
		{"GET", "/things/7", "", "GetThing", labels{{"Id", "7"}}},
		{"GET", "/things/a%2Fb/", "", "GetThing", labels{{"Id", "a%2Fb"}}},
		{"GET", "/things/special", "", "GetSpecial", nil},
		{"GET", "/things/speci%61l", "", "GetSpecial", nil},
		{"GET", "/things/Special", "", "GetThing", labels{{"Id", "Special"}}},
		{"GET", "/other/7", "", "GetAny", labels{{"Kind", "other"}, {"Id", "7"}}},
		{"GET", "/things/7/parts/8", "", "GetPart", labels{{"Id", "7"}, {"Part", "8"}}},
		{"GET", "/things//parts/8", "", "", nil},
		{"GET", "/things/7/bits/8", "", "", nil},
		{"GET", "/tags/arn:aws:x:::a/b/c", "", "ListTags", labels{{"ResourceArn", "arn:aws:x:::a/b/c"}}},
		{"GET", "/tags/arn%3Aaws%3Ax%3A%3A%3Aa%2Fb", "", "ListTags", labels{{"ResourceArn", "arn%3Aaws%3Ax%3A%3A%3Aa%2Fb"}}},
		{"GET", "/tags", "", "", nil},
		{"GET", "/files/a/b/content", "", "GetFile", labels{{"Path", "a/b"}}},
		{"GET", "/files/a/content", "", "GetFile", labels{{"Path", "a"}}},
		{"GET", "/files/content", "", "GetAny", labels{{"Kind", "files"}, {"Id", "content"}}},
		{"POST", "/token", "", "Token", nil},
		{"POST", "/token", "aws_iam=t", "TokenWithIAM", nil},
		{"POST", "/token", "a=b&aws%5Fiam=%74", "TokenWithIAM", nil},
		{"POST", "/token", "aws_iam=f", "Token", nil},
		{"POST", "/token", "aws_iam=%zz&x", "Token", nil},
		{"POST", "/token", "describe", "TokenQuery", nil},
		{"POST", "/token", "describe=1", "TokenQuery", nil},
	}
	r := restjson.NewRouter(routed)
	for _, tt := range tests {
		op, got, found := r.Match(tt.method, tt.path, tt.query)
		name := ""
		if found {
			name = op.Name
		}
		if name != tt.want || !reflect.DeepEqual(got, tt.labels) {
			t.Errorf("%s %s?%s: %q %v, want %q %v", tt.method, tt.path, tt.query, name, got, tt.want, tt.labels)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("/things/7/parts/8", "aws_iam=t")
	f.Add("//", "%")
	f.Add("/files/%2f/content", "&=")
	r := restjson.NewRouter(routed)
	f.Fuzz(func(t *testing.T, path, query string) {
		for _, method := range []string{"GET", "POST"} {
			if op, _, found := r.Match(method, path, query); found && op.Method != method {
				t.Fatalf("%s %s found %s", method, path, op.Name)
			}
		}
	})
}
