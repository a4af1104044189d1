package managed

import (
	"strings"
	"testing"
	"testing/fstest"
)

func testRules() map[string][]string {
	return readRules("# comment\nlook\n\ts3 Get* ListBucket\n\tiam *\n")
}

func catalogOf(policies string) (*catalog, error) {
	return readCatalog(fstest.MapFS{
		"policies/a.txt":  {Data: []byte("# comment\n\n" + policies)},
		"policies/README": {Data: []byte("not a policy")},
	})
}

const header = "/team/P v3 2020-01-02T03:04:05Z 2021-01-02T03:04:05Z -\n"

func TestRenderForms(t *testing.T) {
	tests := []struct{ body, want string }{
		{"allow * on *", `{"Effect":"Allow","Action":"*","Resource":"*"}`},
		{"deny except a:B c:D on except x y", `{"Effect":"Deny","NotAction":["a:B","c:D"],"NotResource":["x","y"]}`},
		{"allow a:B\n\ta:C on\n\t*", `{"Effect":"Allow","Action":["a:B","a:C"],"Resource":"*"}`},
		{
			`allow a:B on * if StringLike k:One "with space" "if" if StringLike k:Two <v> if Null k:One true`,
			`{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Null":{"k:One":"true"},"StringLike":{"k:One":["with space","if"],"k:Two":"<v>"}}}`,
		},
		{"built look", `{"Effect":"Allow","Action":["s3:Get*","s3:ListBucket","iam:*"],"Resource":"*"}`},
	}
	for _, tt := range tests {
		c, err := catalogOf(header + tt.body + "\n")
		if err != nil {
			t.Fatalf("%s: %v", tt.body, err)
		}
		got, err := render(c.policies[0].body, testRules)
		if err != nil {
			t.Errorf("%s: %v", tt.body, err)
			continue
		}
		if want := `{"Version":"2012-10-17","Statement":[` + tt.want + `]}`; got != want {
			t.Errorf("%s:\n got %s\nwant %s", tt.body, got, want)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	for _, body := range []string{
		"", "permit * on *", "allow *", "allow on *", "allow * on", "allow * on * if", "allow * on * if Op key",
		`allow "open on *`, "built", "built nothing", "built look now",
	} {
		if got, err := render(body, testRules); err == nil {
			t.Errorf("%q gave %s", body, got)
		}
	}
}

func TestHeadersRefused(t *testing.T) {
	for _, block := range []string{
		"P v1 2020-01-02T03:04:05Z 2020-01-02T03:04:05Z -\nallow * on *\n",
		"/P v1 2020-01-02 2020-01-02T03:04:05Z -\nallow * on *\n",
		"/P v1 2020-01-02T03:04:05Z yesterday -\nallow * on *\n",
		"/P v1\nallow * on *\n",
		header + "allow * on *\n\n" + header + "allow * on *\n",
	} {
		if _, err := catalogOf(block); err == nil {
			t.Errorf("accepted:\n%s", block)
		}
	}
}

func TestDerivedIDIsStable(t *testing.T) {
	c, err := catalogOf(header + "allow * on *\n")
	if err != nil {
		t.Fatal(err)
	}
	p := c.policies[0]
	if p.ARN != "arn:aws:iam::aws:policy/team/P" || p.Path != "/team/" || p.Name != "P" || p.DefaultVersionID != "v3" {
		t.Errorf("%+v", p)
	}
	if len(p.ID) != 21 || !strings.HasPrefix(p.ID, "ANPA") || p.ID != derivedID(p.ARN) || p.ID == derivedID(p.ARN+"x") {
		t.Errorf("id %s", p.ID)
	}
}

func FuzzRender(f *testing.F) {
	f.Add(`allow a:B on * if StringLike k:One "with space"`)
	f.Add("built look")
	f.Fuzz(func(t *testing.T, body string) {
		_, _ = render(body, testRules) // must not panic
	})
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readCatalog(files); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRenderReadOnlyAccess(b *testing.B) {
	p := load().byARN["arn:aws:iam::aws:policy/ReadOnlyAccess"]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := render(p.body, rules); err != nil {
			b.Fatal(err)
		}
	}
}
