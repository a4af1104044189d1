package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/bailiwick/bailiwick/store/pgtest"
)

// cacheBound is how long after a change was answered by one node another may go by what it
// has cached.
const cacheBound = time.Second

// change is something done at one node that must count at another.
type change struct {
	name string
	// do makes the change at one node; ask asks at the other whether the caller may. after is
	// what the answer must become.
	do    func()
	ask   func() error
	after bool
}

// TestOtherNodesLearnOfChanges makes each kind of change that decisions depend on at one node
// and asks the other, which has just decided by its caches, until it knows.
func TestOtherNodesLearnOfChanges(t *testing.T) {
	t.Parallel()
	all := nodes(t, 2, pgtest.Database(t))
	here, there := all[0], all[1]
	w := organize(t, here)
	ctx := context.Background()
	open, closed := w.unit(t, w.rootID, "Open"), w.unit(t, w.rootID, "Closed")
	denied := w.scp(t, "NoUsers", deny("iam:ListUsers", "*"), closed)
	moved, inMoved := w.member(t, there, open, "Moved")
	attached, inAttached := w.member(t, there, open, "Attached")
	doomed, inDoomed := w.member(t, there, open, "Doomed")
	trustID, _ := w.member(t, there, open, "Trusting")
	key := w.root.newUser(t, "key", allow("*", "*"))
	granted := w.root.newUser(t, "granted", allow("iam:GetUser", "*"))
	delegate := w.inside(t, trustID).newUser(t, "delegate", allow("*", "*"))
	listAccounts := func() error {
		_, err := delegate.at(there).organizations().ListAccounts(ctx, &organizations.ListAccountsInput{})
		return err
	}

	changes := []change{
		{"move an account under a guardrail", func() { w.move(t, moved, open, closed) }, inMoved.listUsers, false},
		{"move it back", func() { w.move(t, moved, closed, open) }, inMoved.listUsers, true},
		{"attach a policy to it", func() { w.attach(t, denied, attached) }, inAttached.listUsers, false},
		{"detach it", func() { w.detach(t, denied, attached) }, inAttached.listUsers, true},
		{"grant a user something", func() { w.root.putUserPolicy(t, "granted", "more", allow("iam:ListUsers", "*")) }, granted.at(there).listUsers, true},
		{"take it away", func() { w.root.deleteUserPolicy(t, "granted", "more") }, granted.at(there).listUsers, false},
		{"put a resource policy", func() { w.putResourcePolicy(t, trustID) }, listAccounts, true},
		{"delete it", func() { w.deleteResourcePolicy(t) }, listAccounts, false},
		{"trust nobody with a role", func() {
			w.inside(t, trustID).trust(t, adminRole, document(`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}`))
		}, func() error {
			_, err := w.admin.at(there).assume(roleARN(trustID, adminRole))
			return err
		}, false},
		{"deactivate a key", func() { w.root.setKey(t, "key", iamtypes.StatusTypeInactive) }, key.at(there).listUsers, false},
		{"activate it", func() { w.root.setKey(t, "key", iamtypes.StatusTypeActive) }, key.at(there).listUsers, true},
		{"delete it", func() { w.root.deleteKeys(t, "key") }, key.at(there).listUsers, false},
		{"close an account", func() {
			_, err := w.root.organizations().CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &doomed})
			must(t, err)
		}, inDoomed.listUsers, false},
	}
	for _, c := range changes {
		t.Logf("%-36s counts elsewhere after %v", c.name, c.learn(t))
	}
}

// learn makes the change and returns how long the other node went on as before.
func (c change) learn(t *testing.T) time.Duration {
	t.Helper()
	for range 2 { // the second answer comes of caches
		if err := c.ask(); (err == nil) == c.after {
			t.Fatalf("%s: before the change the answer is %v", c.name, err)
		}
	}
	c.do()
	began := time.Now()
	for {
		asked := time.Now()
		err := c.ask()
		if (err == nil) == c.after {
			took := max(0, asked.Sub(began))
			if took > cacheBound {
				t.Errorf("%s: the other node knew only after %v", c.name, took)
			}
			return took
		}
		if time.Since(began) > 20*time.Second {
			t.Fatalf("%s: the other node does not learn of it: %v", c.name, err)
		}
	}
}

// member makes an account and a session of its first role at another node.
func (w *world) member(t *testing.T, there *server, parent, name string) (string, as) {
	t.Helper()
	id := w.account(t, parent, name, "")
	return id, w.inside(t, id).at(there)
}

func (a as) deleteUserPolicy(t testing.TB, user, name string) {
	t.Helper()
	_, err := a.iam().DeleteUserPolicy(context.Background(), &iam.DeleteUserPolicyInput{UserName: &user, PolicyName: &name})
	must(t, err)
}

func (a as) setKey(t testing.TB, user string, status iamtypes.StatusType) {
	t.Helper()
	ctx := context.Background()
	keys, err := a.iam().ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &user})
	must(t, err)
	_, err = a.iam().UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &user, AccessKeyId: keys.AccessKeyMetadata[0].AccessKeyId, Status: status})
	must(t, err)
}

func (w *world) putResourcePolicy(t testing.TB, account string) {
	t.Helper()
	_, err := w.root.organizations().PutResourcePolicy(context.Background(), &organizations.PutResourcePolicyInput{Content: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:root"},"Action":"organizations:ListAccounts","Resource":"*"}]}`)})
	must(t, err)
}

func (w *world) deleteResourcePolicy(t testing.TB) {
	t.Helper()
	_, err := w.root.organizations().DeleteResourcePolicy(context.Background(), &organizations.DeleteResourcePolicyInput{})
	must(t, err)
}
