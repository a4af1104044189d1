package resource_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/resource"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

const (
	home  = "111122223333"
	other = "444455556666"

	bucket = "arn:aws:s3:::models"
	queue  = "arn:aws:sqs:eu-west-1:" + home + ":jobs"
	key    = "arn:aws:kms:eu-west-1:" + home + ":key/1234abcd"
)

// openStore has two accounts, and a role in the first.
func openStore(t *testing.T) *store.DB {
	t.Helper()
	db := storetest.Memory().Open(t)
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, id := range []string{home, other} {
			if _, err := org.CreateStandaloneAccount(ctx, tx, id, "account "+id, id+"@example.com"); err != nil {
				return err
			}
		}
		return makeRole(ctx, tx)
	})
	return db
}

func makeRole(ctx context.Context, tx *store.Tx) error {
	_, err := iam.CreateRole(ctx, tx, home, iam.NewRole{
		Name: "reader", Path: "/team/", TrustPolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + home + `"},"Action":"sts:AssumeRole"}}`,
	})
	return err
}

func update(t *testing.T, db *store.DB, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), func(tx *store.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// carryOut makes a wish true and returns the ways of its changes.
func carryOut(t *testing.T, db *store.DB, w resource.Wish) (ways []string, err error) {
	t.Helper()
	err = db.Update(t.Context(), func(tx *store.Tx) error {
		p, err := resource.MakePlan(t.Context(), tx, &w)
		if err != nil {
			return err
		}
		ways = nil
		for _, c := range p.Changes {
			ways = append(ways, c.Way)
		}
		return p.Apply(t.Context(), tx)
	})
	return ways, err
}

func mustBecome(t *testing.T, db *store.DB, w resource.Wish, want ...string) {
	t.Helper()
	got, err := carryOut(t, db, w)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("changes = %v, %v; want %v", got, err, want)
	}
}

func allowing(principal, action, on string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"` + action + `","Resource":"` + on + `"}]}`
}

func policyOf(t *testing.T, db *store.DB, arn string) (text string) {
	t.Helper()
	err := db.View(t.Context(), func(tx *store.Tx) error {
		r, err := resource.Find(t.Context(), tx, arn)
		if err != nil {
			return err
		}
		text, err = resource.PolicyOf(t.Context(), tx, &r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Applying the same twice changes nothing; what is left out is pruned in the accounts named.
func TestWishesAreDeclarative(t *testing.T) {
	db := openStore(t)
	one := resource.Spec{ARN: bucket, AccountID: home, Policy: allowing(`{"AWS":"`+other+`"}`, "s3:*", bucket+"/*"), Tags: []resource.Tag{{Key: "b", Value: "2"}, {Key: "a"}}}
	two := resource.Spec{ARN: queue}
	w := resource.Wish{Put: []resource.Spec{one, two}}
	mustBecome(t, db, w, "create", "create")
	mustBecome(t, db, w, "keep", "keep")
	if got, want := policyOf(t, db, bucket), strings.Replace(one.Policy, `"`+other+`"`, `"arn:aws:iam::`+other+`:root"`, 1); got != want {
		t.Errorf("policy = %s, want %s", got, want)
	}
	one.Tags = one.Tags[:1]
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{one, two}}, "update", "keep")
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{{ARN: "arn:aws:s3:::theirs", AccountID: other}}}, "create")
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{two}, Prune: []string{home}}, "keep", "remove")
	mustBecome(t, db, resource.Wish{Remove: []string{queue, "arn:aws:s3:::theirs"}}, "remove", "remove")
	if _, err := carryOut(t, db, resource.Wish{Remove: []string{queue}}); !has(err, resource.NotFound, "not registered") {
		t.Errorf("remove again: %v", err)
	}
}

func has(err error, code resource.Code, message string) bool {
	var list resource.Errors
	return errors.As(err, &list) && slices.ContainsFunc(list, func(e *resource.Error) bool {
		return e.Code == code && strings.Contains(e.Error(), message)
	})
}

// Users and roles are pinned by their ids: who takes the name of a deleted one gains nothing.
func TestPrincipalsArePinned(t *testing.T) {
	db := openStore(t)
	const role = "arn:aws:iam::" + home + ":role/team/reader"
	spec := resource.Spec{ARN: bucket, AccountID: other, Policy: allowing(`{"AWS":"`+role+`"}`, "s3:GetObject", bucket+"/*")}
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{spec}}, "create")
	if got := policyOf(t, db, bucket); got != spec.Policy {
		t.Errorf("policy = %s", got)
	}
	update(t, db, func(ctx context.Context, tx *store.Tx) error { return iam.DeleteRole(ctx, tx, home, "reader") })
	if got := policyOf(t, db, bucket); !strings.Contains(got, `"AWS":"AROA`) {
		t.Errorf("policy with a deleted role = %s", got)
	}
	if _, err := carryOut(t, db, resource.Wish{Put: []resource.Spec{spec}}); !has(err, resource.MalformedPolicy, `Invalid principal in policy: "AWS":"`+role+`"`) {
		t.Errorf("a role that is gone: %v", err)
	}
	update(t, db, makeRole)
	if got := policyOf(t, db, bucket); !strings.Contains(got, `"AWS":"AROA`) {
		t.Errorf("policy with a role made again = %s", got)
	}
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{spec}}, "update")
	if got := policyOf(t, db, bucket); got != spec.Policy {
		t.Errorf("policy put again = %s", got)
	}
}

// A KMS key always has a policy.
func TestKeyWithoutPolicyHasTheDefault(t *testing.T) {
	db := openStore(t)
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{{ARN: key}}}, "create")
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{{ARN: key}}}, "keep")
	if got := policyOf(t, db, key); !strings.Contains(got, `"arn:aws:iam::`+home+`:root"`) || !strings.Contains(got, `"kms:*"`) {
		t.Errorf("policy = %s", got)
	}
}

func TestCovering(t *testing.T) {
	db := openStore(t)
	const table = "arn:aws:dynamodb:eu-west-1:" + home + ":table/t"
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{{ARN: bucket, AccountID: home}, {ARN: table}, {ARN: key}}}, "create", "create", "create")
	for name, want := range map[string]string{
		bucket: bucket, bucket + "/": bucket, bucket + "/a/b:c": bucket, bucket + "x/a": "", "arn:aws:s3:::mod/els": "",
		table: table, table + "/index/i": table, table + "/stream/2026": "", key: key, key + "/x": "", "*": "", "": "",
	} {
		err := db.View(t.Context(), func(tx *store.Tx) error {
			r, ok, err := resource.Covering(t.Context(), tx, name)
			if r.ARN != want || ok != (want != "") {
				t.Errorf("%s is covered by %q, want %q", name, r.ARN, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestBrokenRules(t *testing.T) {
	db := openStore(t)
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{{ARN: "arn:aws:s3:::taken", AccountID: other}}}, "create")
	everybody := func(action, on string) string { return allowing(`"*"`, action, on) }
	long := func(n int, action, on string) string {
		text := everybody(action, on)
		return text + strings.Repeat(" ", n-len(text))
	}
	tags := func(n int) (list []resource.Tag) {
		for i := range n {
			list = append(list, resource.Tag{Key: strings.Repeat("k", i+1)})
		}
		return list
	}
	statements := func(n int) string {
		one := `{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}`
		return `{"Version":"2012-10-17","Statement":[` + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + `]}`
	}
	for _, c := range []struct {
		name    string
		spec    resource.Spec
		code    resource.Code
		message string
	}{
		{"no ARN", resource.Spec{ARN: "models", AccountID: home}, resource.InvalidInput, "partition aws"},
		{"another partition", resource.Spec{ARN: "arn:aws-cn:s3:::models", AccountID: home}, resource.InvalidInput, "partition aws"},
		{"a pattern", resource.Spec{ARN: "arn:aws:s3:::models*", AccountID: home}, resource.InvalidInput, "one resource"},
		{"an object", resource.Spec{ARN: bucket + "/x", AccountID: home}, resource.InvalidInput, "not that of a bucket"},
		{"a bucket's name", resource.Spec{ARN: "arn:aws:s3:::Mo", AccountID: home}, resource.InvalidInput, "not that of a bucket"},
		{"no owner", resource.Spec{ARN: bucket}, resource.InvalidInput, "account is required"},
		{"another owner", resource.Spec{ARN: queue, AccountID: other}, resource.InvalidInput, "of account " + home},
		{"an owner who is not there", resource.Spec{ARN: bucket, AccountID: "999999999999"}, resource.AccountNotFound, "no account 999999999999"},
		{"taken", resource.Spec{ARN: "arn:aws:s3:::taken", AccountID: home}, resource.AlreadyExists, "another account"},
		{"a role", resource.Spec{ARN: "arn:aws:iam::" + home + ":role/r"}, resource.InvalidInput, "API of their own"},
		{"another type", resource.Spec{ARN: queue, Type: "AWS::SNS::Topic"}, resource.InvalidInput, "AWS::SQS::Queue"},
		{"too many tags", resource.Spec{ARN: queue, Tags: tags(51)}, resource.LimitExceeded, "50 are allowed"},
		{"a tag twice", resource.Spec{ARN: queue, Tags: []resource.Tag{{Key: "a"}, {Key: "a"}}}, resource.InvalidInput, "given twice"},
		{"a reserved tag", resource.Spec{ARN: queue, Tags: []resource.Tag{{Key: "AWS:x"}}}, resource.InvalidInput, "reserved"},
		{"no JSON", resource.Spec{ARN: queue, Policy: "{"}, resource.MalformedPolicy, "line 1"},
		{"no principal", resource.Spec{ARN: queue, Policy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}`}, resource.MalformedPolicy, "Missing required field Principal"},
		{"no resource", resource.Spec{ARN: queue, Policy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:*"}}`}, resource.MalformedPolicy, "must contain resources"},
		{"another service's action", resource.Spec{ARN: queue, Policy: everybody("s3:GetObject", "*")}, resource.MalformedPolicy, "invalid action"},
		{"another bucket", resource.Spec{ARN: bucket, AccountID: home, Policy: everybody("s3:GetObject", "arn:aws:s3:::other/*")}, resource.MalformedPolicy, "invalid resource"},
		{"an account that is not there", resource.Spec{ARN: queue, Policy: allowing(`{"AWS":"999999999999"}`, "sqs:*", "*")}, resource.MalformedPolicy, `Invalid principal in policy: "AWS":"999999999999"`},
		{"a canonical user", resource.Spec{ARN: bucket, AccountID: home, Policy: allowing(`{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}`, "s3:*", bucket)}, resource.MalformedPolicy, "Invalid principal"},
		{"a long policy of a queue", resource.Spec{ARN: queue, Policy: long(8193, "sqs:*", "*")}, resource.LimitExceeded, "8193 bytes; 8192"},
		{"a long policy of a bucket", resource.Spec{ARN: bucket, AccountID: home, Policy: long(20481, "s3:*", bucket)}, resource.LimitExceeded, "20480"},
		{"a long policy of a key", resource.Spec{ARN: key, Policy: long(32769, "kms:*", "*")}, resource.LimitExceeded, "32768"},
		{"many statements", resource.Spec{ARN: queue, Policy: statements(21)}, resource.LimitExceeded, "21 statements; 20"},
	} {
		if _, err := carryOut(t, db, resource.Wish{Put: []resource.Spec{c.spec}}); !has(err, c.code, c.message) {
			t.Errorf("%s: %v, want %s: %s", c.name, err, c.code, c.message)
		}
	}
	// All of them at once are told at once, and nothing happens.
	_, err := carryOut(t, db, resource.Wish{Put: []resource.Spec{{ARN: bucket, AccountID: home}, {ARN: "x"}, {ARN: queue, Policy: "{"}, {ARN: bucket, AccountID: home}}, Remove: []string{"arn:aws:s3:::none"}})
	var list resource.Errors
	if !errors.As(err, &list) || len(list) != 4 {
		t.Errorf("errors = %v", err)
	}
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{{ARN: bucket, AccountID: home}}}, "create")
	// What just fits does.
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{{ARN: queue, Policy: long(8192, "sqs:*", "*"), Tags: tags(50)}}}, "create")
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{{ARN: "arn:aws:ecr:eu-west-1:" + home + ":repository/a/b", Policy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"ecr:*"}}`}}}, "create")
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{{ARN: "arn:aws:glacier:eu-west-1:" + home + ":vaults/v"}}}, "create")
}

// What a change takes in the resource's service.
func TestActions(t *testing.T) {
	db := openStore(t)
	mustBecome(t, db, resource.Wish{Put: []resource.Spec{{ARN: bucket, AccountID: home, Policy: allowing(`"*"`, "s3:*", bucket), Tags: []resource.Tag{{Key: "a"}}}}}, "create")
	for _, c := range []struct {
		name string
		wish resource.Wish
		want string
	}{
		{"a bare bucket", resource.Wish{Put: []resource.Spec{{ARN: "arn:aws:s3:::new", AccountID: home}}}, "s3:CreateBucket"},
		{"a bucket", resource.Wish{Put: []resource.Spec{{ARN: "arn:aws:s3:::new", AccountID: home, Policy: allowing(`"*"`, "s3:*", "arn:aws:s3:::new"), Tags: []resource.Tag{{Key: "a"}}}}}, "s3:CreateBucket s3:PutBucketPolicy s3:PutBucketTagging"},
		{"a key", resource.Wish{Put: []resource.Spec{{ARN: key, Policy: allowing(`"*"`, "kms:*", "*")}}}, "kms:CreateKey"},
		{"nothing", resource.Wish{Put: []resource.Spec{{ARN: bucket, AccountID: home, Policy: allowing(`"*"`, "s3:*", bucket), Tags: []resource.Tag{{Key: "a"}}}}}, "s3:GetBucketPolicy"},
		{"no policy", resource.Wish{Put: []resource.Spec{{ARN: bucket, AccountID: home, Tags: []resource.Tag{{Key: "a"}}}}}, "s3:DeleteBucketPolicy"},
		{"other tags", resource.Wish{Put: []resource.Spec{{ARN: bucket, AccountID: home, Policy: allowing(`"*"`, "s3:*", bucket), Tags: []resource.Tag{{Key: "b"}}}}}, "s3:PutBucketTagging"},
		{"gone", resource.Wish{Remove: []string{bucket}}, "s3:DeleteBucket"},
		{"not known", resource.Wish{Put: []resource.Spec{{ARN: "arn:aws:glacier:eu-west-1:" + home + ":vaults/v"}}}, ""},
	} {
		err := db.View(t.Context(), func(tx *store.Tx) error {
			p, err := resource.MakePlan(t.Context(), tx, &c.wish)
			if err == nil && strings.Join(p.Changes[0].Actions(), " ") != c.want {
				t.Errorf("%s takes %v, want %s", c.name, p.Changes[0].Actions(), c.want)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The actions that changes ask for exist.
func TestActionsExist(t *testing.T) {
	for _, arn := range []string{
		bucket, key, queue, "arn:aws:sns:eu-west-1:" + home + ":t", "arn:aws:lambda:eu-west-1:" + home + ":function:f",
		"arn:aws:secretsmanager:eu-west-1:" + home + ":secret:a/b-Ab12Cd", "arn:aws:dynamodb:eu-west-1:" + home + ":table/t",
		"arn:aws:ecr:eu-west-1:" + home + ":repository/r", "arn:aws:events:eu-west-1:" + home + ":event-bus/b",
		"arn:aws:elasticfilesystem:eu-west-1:" + home + ":file-system/fs-1",
	} {
		for _, action := range resource.KnownActions(arn) {
			if !resource.ActionExists(action) {
				t.Errorf("%s: there is no action %s", arn, action)
			}
		}
		if len(resource.KnownActions(arn)) < 6 {
			t.Errorf("%s has no rules", arn)
		}
	}
}
