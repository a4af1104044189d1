package iam_test

import (
	"fmt"
	"sync"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// race runs n calls at once and counts their error codes; the empty code is success.
func race(n int, do func(i int) error) map[string]int {
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		codes = map[string]int{}
		start = make(chan struct{})
	)
	for i := range n {
		wait.Go(func() {
			<-start
			c, _ := code(do(i))
			mu.Lock()
			defer mu.Unlock()
			codes[c]++
		})
	}
	close(start)
	wait.Wait()
	return codes
}

func TestRaces(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.populate(t)
			t.Run("one name", func(t *testing.T) {
				got := race(8, func(i int) error {
					name := []string{"carol", "Carol", "CAROL"}[i%3]
					return only(f.CreateUser(f.ctx, &iamapi.CreateUserInput{UserName: &name}))
				})
				equal(t, "codes", got, map[string]int{"": 1, "EntityAlreadyExists": 7})
			})
			t.Run("attachments", func(t *testing.T) {
				arns := make([]*string, 14)
				for i := range arns {
					out, err := f.CreatePolicy(f.ctx, &iamapi.CreatePolicyInput{PolicyName: ptr(fmt.Sprint("p", i)), PolicyDocument: ptr(allowAll)})
					noError(t, err)
					arns[i] = out.Policy.Arn
				}
				got := race(len(arns), func(i int) error {
					return only(f.AttachUserPolicy(f.ctx, &iamapi.AttachUserPolicyInput{UserName: ptr("alice"), PolicyArn: arns[i]}))
				})
				equal(t, "codes", got, map[string]int{"": 10, "LimitExceeded": 4})
			})
			t.Run("access keys", func(t *testing.T) {
				got := race(6, func(int) error {
					return only(f.CreateAccessKey(f.ctx, &iamapi.CreateAccessKeyInput{UserName: ptr("bob")}))
				})
				equal(t, "codes", got, map[string]int{"": 2, "LimitExceeded": 4})
			})
			t.Run("a user who goes and joins", func(t *testing.T) {
				noError(t, only(f.CreateUser(f.ctx, &iamapi.CreateUserInput{UserName: ptr("dave")})))
				got := race(2, func(i int) error {
					if i == 0 {
						return only(f.DeleteUser(f.ctx, &iamapi.DeleteUserInput{UserName: ptr("dave")}))
					}
					return only(f.AddUserToGroup(f.ctx, &iamapi.AddUserToGroupInput{UserName: ptr("dave"), GroupName: ptr("devs")}))
				})
				if got[""] != 1 || got["NoSuchEntity"]+got["DeleteConflict"] != 1 {
					t.Errorf("codes: %v", got)
				}
			})
		})
	}
}
