package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/bailiwick/bailiwick/store/pgtest"
)

// sharedKey is the master key of nodes that share a database.
const sharedKey = "6261696c69776963206b65797320617265206e6f74207365637265742068657265"

// nodes starts servers on one database.
func nodes(t testing.TB, count int, url string, args ...string) []*server {
	t.Helper()
	out := make([]*server, count)
	for i := range out {
		out[i] = start(t, url, append([]string{"--master-key", sharedKey[:64]}, args...)...)
	}
	return out
}

// at is the same identity at another node.
func (a as) at(s *server) as {
	a.s, a.BaseEndpoint = s, aws.String(s.endpoint)
	return a
}

// client writes through one node and notes what it was told.
type client struct {
	as
	// sdk has the SDK's own retries on.
	sdk   bool
	name  string
	users []string
	units []string
	// unclear are names whose writes have failed: they may be there or not.
	unclear []string
	errors  []error
	// told are the times of acknowledgements.
	told []time.Time
}

func (c *client) run(ctx context.Context, root string) {
	if c.RetryMaxAttempts = 1; c.sdk {
		c.RetryMaxAttempts = 0 // the SDK's default
	}
	people, org := c.iam(), c.organizations()
	for n := 0; ctx.Err() == nil; n++ {
		name := fmt.Sprintf("%s-%d", c.name, n)
		// A call that has begun is waited for: what it did must be known.
		err := c.write(context.WithoutCancel(ctx), people, org, root, name, n%4 == 0)
		if err != nil {
			c.errors, c.unclear = append(c.errors, err), append(c.unclear, name)
		} else {
			c.told = append(c.told, time.Now())
		}
		time.Sleep(rand.N(40 * time.Millisecond))
	}
}

// write makes a unit or a user. That it exists already is the answer to a second attempt of
// the SDK, after a first one that has happened and was not answered.
func (c *client) write(ctx context.Context, people *iam.Client, org *organizations.Client, root, name string, unit bool) error {
	var (
		err    error
		exists string
	)
	if unit {
		_, err = org.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: &root, Name: &name})
		exists = "DuplicateOrganizationalUnitException"
	} else {
		_, err = people.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
		exists = "EntityAlreadyExists"
	}
	if err != nil && !(c.sdk && code(err) == exists) {
		return err
	}
	if unit {
		c.units = append(c.units, name)
	} else {
		c.users = append(c.users, name)
	}
	return nil
}

// isRetryable reports whether SDKs try again after an error: a status of 500 or 503, or a
// throttling code.
func isRetryable(err error) bool {
	var answer *smithyhttp.ResponseError
	var api smithy.APIError
	if !errors.As(err, &answer) || !errors.As(err, &api) {
		return false
	}
	return slices.Contains([]int{500, 503}, answer.HTTPStatusCode()) ||
		slices.Contains([]string{"TooManyRequestsException", "ConcurrentModificationException", "ConcurrentModification"}, api.ErrorCode())
}

// gap is the longest time without an acknowledgement after a moment.
func (c *client) gap(after time.Time) time.Duration {
	longest, last := time.Duration(0), after
	for _, at := range c.told {
		if at.Before(after) {
			continue
		}
		longest, last = max(longest, at.Sub(last)), at
	}
	return max(longest, time.Since(last))
}

// TestDatabaseFailsOver kills the primary under three nodes while clients write, and
// promotes the standby. Nothing that was acknowledged may be missing, nodes must go on by
// themselves and must not go by what they cached before.
func TestDatabaseFailsOver(t *testing.T) {
	t.Parallel()
	pair := pgtest.NewPair(t)
	all := nodes(t, 3, pair.URL())
	w := organize(t, all[0])
	doomed := w.root.newUser(t, "doomed", allow("*", "*"))
	for _, s := range all {
		may(t, "before", doomed.at(s).listUsers())
	}

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var running sync.WaitGroup
	var clients []*client
	for n, s := range all {
		for i := range 3 {
			c := &client{as: w.admin.at(s), sdk: i > 0, name: fmt.Sprintf("n%d-c%d", n, i)}
			clients = append(clients, c)
			running.Go(func() { c.run(ctx, w.rootID) })
		}
	}
	time.Sleep(1500 * time.Millisecond)
	pair.Kill()
	killed := time.Now()
	// What watches a database takes a while to give it up.
	time.Sleep(time.Second)
	pair.Promote()
	promoted := time.Now()
	first := func() bool { _, err := w.admin.at(all[0]).listed(t); return err == nil }
	for !first() {
		if time.Since(promoted) > 20*time.Second {
			t.Fatalf("the nodes do not find the new primary:\n%s", all[0].log)
		}
		time.Sleep(50 * time.Millisecond)
	}
	// Caches: a key that is deleted through one node now is nobody's at the others at once.
	deleted := w.admin.at(all[1]).deleteKeys(t, "doomed")
	for _, s := range all {
		for doomed.at(s).listUsers() == nil {
			if time.Since(deleted) > 5*time.Second {
				t.Fatal("a deleted key is good for seconds after the failover")
			}
		}
	}
	t.Logf("promotion took %v; a deleted key was refused everywhere after %v", promoted.Sub(killed), time.Since(deleted))
	time.Sleep(1500 * time.Millisecond)
	stop()
	running.Wait()
	judgeFailover(t, w, all, clients, killed)
}

func judgeFailover(t *testing.T, w *world, all []*server, clients []*client, killed time.Time) {
	t.Helper()
	k := &killer{world: w}
	k.admin = w.admin.at(all[2])
	users, units := k.users(t), k.units(t)
	acknowledged, unclear := 0, 0
	var gap time.Duration
	for _, c := range clients {
		present(t, "user", users, c.users)
		present(t, "unit", units, c.units)
		acknowledged += len(c.told)
		gap = max(gap, c.gap(killed))
		for _, err := range c.errors {
			if !isRetryable(err) {
				t.Errorf("%s: an error that is not to be retried: %v", c.name, err)
			} else if c.sdk {
				t.Errorf("%s: in spite of retries: %v", c.name, err)
			}
		}
		for _, name := range c.unclear {
			if users[name] || units[name] {
				unclear++
			}
		}
		if n := len(c.told); n == 0 || c.told[n-1].Before(killed) {
			t.Errorf("%s: nothing was acknowledged after the failover", c.name)
		}
	}
	t.Logf("%d acknowledged writes, %d failed ones of which it turns out that they happened; longest gap of a client %v", acknowledged, unclear, gap)
	for _, s := range all {
		if strings.Contains(s.log.String(), "panic") {
			t.Errorf("log:\n%s", s.log)
		}
	}
}

// listed is a call that reads, as SDKs make it.
func (a as) listed(t testing.TB) (*iam.ListUsersOutput, error) {
	t.Helper()
	return a.iam().ListUsers(context.Background(), &iam.ListUsersInput{MaxItems: aws.Int32(1)})
}

// deleteKeys deletes a user's access keys and returns when that was answered.
func (a as) deleteKeys(t testing.TB, user string) time.Time {
	t.Helper()
	ctx := context.Background()
	keys, err := a.iam().ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &user})
	must(t, err)
	for _, k := range keys.AccessKeyMetadata {
		_, err := a.iam().DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &user, AccessKeyId: k.AccessKeyId})
		must(t, err)
	}
	return time.Now()
}

// code is the code of an answer that is an error of the API.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
