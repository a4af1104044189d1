package minio

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy"
	minio "github.com/minio/pkg/v3/policy"
)

// input is a set of policies with one request for both packages.
type input struct {
	policies       []string
	action         string
	bucket, object string
	keys           map[string][]string
	allowed        bool
}

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// inputs are the cases of docs/performance.md.
var inputs = map[string]input{
	"One": {
		policies: []string{document(`{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::shop/*"}`)},
		action:   "s3:GetObject", bucket: "shop", object: "img/1.png", allowed: true,
	},
	"Five": {
		policies: five(), action: "s3:GetObject", bucket: "bucket-3", object: "home/red/report.csv",
		keys: map[string][]string{"SourceIp": {"10.1.2.3"}}, allowed: true,
	},
	"Denied": {
		policies: append(five(), document(`{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::*/home/*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.2.0.0/16"}}}`)),
		action:   "s3:GetObject", bucket: "bucket-3", object: "home/red/report.csv",
		keys: map[string][]string{"SourceIp": {"10.1.2.3"}},
	},
	"Large": {
		policies: large(), action: "s3:GetObject", bucket: "bucket-19-a", object: "data/x",
		keys: map[string][]string{"SourceIp": {"10.1.2.3"}, "UserAgent": {"red/1"}}, allowed: true,
	},
	"Stars": {
		policies: []string{document(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/` + strings.Repeat("a*", 7) + `b"}`)},
		action:   "s3:GetObject", bucket: "b", object: strings.Repeat("a", 32),
	},
}

func five() []string {
	var list []string
	for i := range 5 {
		list = append(list, document(
			`{"Effect":"Allow","Action":["s3:ListBucket","s3:GetBucketLocation"],"Resource":"arn:aws:s3:::*"}`,
			fmt.Sprintf(`{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::bucket-%d/home/*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`, i),
			fmt.Sprintf(`{"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket-%d/tmp/*"}`, i)))
	}
	return list
}

// large is 20 policies of 40 statements with conditions, of which one matches.
func large() []string {
	actions := []string{"s3:PutObject", "s3:DeleteObject", "s3:GetObjectTagging", "s3:PutObjectTagging", "s3:AbortMultipartUpload", "s3:GetObjectRetention", "s3:PutObjectRetention", "s3:GetObjectLegalHold"}
	var list []string
	for i := range 20 {
		var statements []string
		for j := range 40 {
			action := actions[j%len(actions)]
			if i == 19 && j == 39 {
				action = "s3:GetObject"
			}
			statements = append(statements, fmt.Sprintf(
				`{"Effect":"Allow","Action":%q,"Resource":"arn:aws:s3:::bucket-%d-*/data/*","Condition":{"StringLike":{"aws:UserAgent":["r*","b?ue%d"]},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`, action, i, j))
		}
		list = append(list, document(statements...))
	}
	return list
}

func (in *input) ours(t testing.TB) (*policy.Request, *policy.Sets) {
	sets := &policy.Sets{}
	for _, text := range in.policies {
		d, err := policy.Parse([]byte(text), policy.ParseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		sets.Identity = append(sets.Identity, policy.Attached{Kind: policy.Identity, Policy: policy.Compile(d)})
	}
	keys := policy.Keys{}
	for key, values := range in.keys {
		keys.Set("aws:"+key, values...)
	}
	return &policy.Request{
		Principal: policy.Principal{Type: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/zoe"},
		Action:    in.action, Resource: "arn:aws:s3:::" + in.bucket + "/" + in.object, Context: keys,
	}, sets
}

func (in *input) theirs(t testing.TB) (minio.Policy, minio.Args) {
	var list []minio.Policy
	for _, text := range in.policies {
		p, err := minio.ParseConfig(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, *p)
	}
	return minio.MergePolicies(list...), minio.Args{
		AccountName: "zoe", Action: minio.Action(in.action), BucketName: in.bucket, ObjectName: in.object, ConditionValues: in.keys,
	}
}

// TestSameAnswers checks that both packages decide the inputs alike: else the figures would
// compare different work.
func TestSameAnswers(t *testing.T) {
	for name, in := range inputs {
		req, sets := in.ours(t)
		p, args := in.theirs(t)
		if d := policy.Evaluate(req, sets); d.Allowed != in.allowed {
			t.Errorf("%s: the engine allows: %v", name, d.Allowed)
		}
		if allowed := p.IsAllowed(args); allowed != in.allowed {
			t.Errorf("%s: MinIO allows: %v", name, allowed)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	for _, name := range []string{"One", "Five", "Denied", "Large", "Stars"} {
		in := inputs[name]
		b.Run(name+"/engine", func(b *testing.B) {
			req, sets := in.ours(b)
			b.ReportAllocs()
			for b.Loop() {
				policy.Evaluate(req, sets)
			}
		})
		b.Run(name+"/minio", func(b *testing.B) {
			p, args := in.theirs(b)
			b.ReportAllocs()
			for b.Loop() {
				p.IsAllowed(args)
			}
		})
	}
}
