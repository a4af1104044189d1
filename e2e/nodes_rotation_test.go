package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/store/pgtest"
)

// rolling are two nodes on one database, each with a key file of its own, whose master key is
// changed node by node.
type rolling struct {
	*testing.T
	nodes [2]*server
	// bearers hold keys and sessions of all ages.
	bearers map[string]as
}

// The master key is changed under two nodes in the order that docs/operations.md gives: the new
// key is prepared at each node before one of them seals with it. At every step every key and
// every session, whichever node and master key it is of, works at both nodes.
func TestMasterKeyRotationOfNodes(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	r := &rolling{T: t, bearers: map[string]as{}}
	r.nodes[0] = start(t, url, "--log-level", "debug")
	r.nodes[1] = &server{t: t, dir: t.TempDir(), url: url, args: r.nodes[0].args}
	r.copyKeys()
	r.nodes[1].run()
	t.Cleanup(r.nodes[1].kill)
	w := organize(t, r.nodes[0])
	r.bearers["admin"] = w.admin
	former := r.keys(0)[0]
	r.works("before")

	// First every node must be able to open what the new key seals.
	r.verb(0, "rotate", "--prepare")
	prepared := r.keys(0)[1]
	if r.keys(0)[0] != former {
		t.Fatal("the prepared key seals already")
	}
	r.roll(0, w)
	r.works("one node knows the new key")
	r.copyKeys()
	r.roll(1, w)
	r.works("both know it")

	// Then one after the other seals with it: the first while it runs.
	r.refuses(0, "no master key with the id", "rotate", "--to", "nothing")
	text := r.verb(0, "rotate", "--to", prepared.ID())
	if got := r.keys(0); len(got) != 2 || got[0] != prepared || got[1] != former || !strings.Contains(text, prepared.ID()) {
		t.Fatalf("%d keys: %s", len(got), text)
	}
	must(t, r.nodes[0].hangUp())
	awaitLog(t, r.nodes[0], "master keys read again\" current="+prepared.ID())
	r.works("one node seals with it")
	r.copyKeys()
	r.roll(1, w)
	r.works("both seal with it")
	// What the second node has sealed meanwhile with the former key is found within the hour, or
	// by a node that begins.
	r.roll(0, w)
	for end := time.Now().Add(2 * time.Minute); !strings.Contains(r.verb(0, "show"), former.ID()+"  former   0"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("keys in use:\n%s", r.verb(0, "show"))
		}
	}
	r.works("all is sealed anew")

	r.verb(0, "retire", "--now") // nobody waits for 37 hours here
	if got := r.keys(0); len(got) != 1 || got[0] != prepared {
		t.Fatalf("%d keys are left", len(got))
	}
	r.copyKeys()
	r.roll(0, w)
	r.roll(1, w)
	for name, bearer := range r.bearers {
		if strings.Contains(name, "session of") && strings.Contains(name, former.ID()) {
			fails(t, bearer.at(r.nodes[0]).whoAmI(), "InvalidClientTokenId", "")
			delete(r.bearers, name)
		}
	}
	r.works("the former key is gone")
}

// whoAmI asks who the caller is.
func (a as) whoAmI() error {
	_, err := a.sts().GetCallerIdentity(context.Background(), nil)
	return err
}

// works makes a key and a session at each node, and expects all that there are, old and new,
// to work at both.
func (r *rolling) works(when string) {
	r.Helper()
	for i, node := range r.nodes {
		admin := r.bearers["admin"].at(node)
		name := fmt.Sprintf("%s-%d", strings.ReplaceAll(when, " ", "-"), i)
		r.bearers["key of "+name] = admin.newUser(r, name, allow("*", "*"))
		session, err := admin.session("", "")
		must(r, err)
		r.bearers["session of "+name+" under "+r.keys(i)[0].ID()] = session
	}
	for name, bearer := range r.bearers {
		for i, node := range r.nodes {
			if err := bearer.at(node).whoAmI(); err != nil {
				r.Fatalf("%s: the %s at node %d: %v", when, name, i, err)
			}
		}
	}
}

// roll restarts a node; the other one answers meanwhile.
func (r *rolling) roll(i int, w *world) {
	r.Helper()
	var asking sync.WaitGroup
	rolled := make(chan struct{})
	var calls int
	var failed error
	asking.Go(func() {
		for ; ; calls++ {
			select {
			case <-rolled:
				return
			default:
				failed = errors.Join(failed, w.admin.at(r.nodes[1-i]).whoAmI())
			}
		}
	})
	r.nodes[i].restart()
	close(rolled)
	asking.Wait()
	if failed != nil || calls == 0 {
		r.Fatalf("%d calls of the other node while node %d was restarted: %v", calls, i, failed)
	}
}

// copyKeys gives the second node the file of the first.
func (r *rolling) copyKeys() {
	r.Helper()
	text, err := os.ReadFile(r.file(0))
	must(r, err)
	// Under its name at once: the node looks at it.
	fresh := r.file(1) + ".new"
	must(r, errors.Join(os.WriteFile(fresh, text, 0o600), os.Rename(fresh, r.file(1))))
}

func (r *rolling) file(i int) string { return filepath.Join(r.nodes[i].dir, "master.key") }

func (r *rolling) keys(i int) []credential.MasterKey {
	r.Helper()
	keys, err := credential.LoadMasterKeys(r.file(i))
	must(r, err)
	return keys
}

func (r *rolling) arguments(i int, name string, more []string) []string {
	return append([]string{"master-key", name, "--data-dir", r.nodes[i].dir, "--database-url", r.nodes[i].url}, more...)
}

// verb runs a verb for master keys on a node's file.
func (r *rolling) verb(i int, name string, more ...string) string {
	r.Helper()
	text, errs, ok := command(r, nil, r.arguments(i, name, more)...)
	if !ok {
		r.Fatalf("master-key %s: %s %s", name, text, errs)
	}
	return text
}

func (r *rolling) refuses(i int, word, name string, more ...string) {
	r.Helper()
	complains(r, nil, []string{word}, r.arguments(i, name, more)...)
}
