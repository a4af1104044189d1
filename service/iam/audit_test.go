package iam_test

import (
	"encoding/json"
	"testing"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestEventsNameTheirResources(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.populate(t)
	noError(t, only(f.UpdateUser(f.ctx, &iamapi.UpdateUserInput{UserName: ptr("alice"), NewPath: ptr("/team/")})))
	type resource struct{ ARN, Type string }
	for _, c := range []struct {
		name string
		do   func(rec *audit.Recording) error
		want []resource
	}{
		{"attach", func(rec *audit.Recording) error {
			return only(f.AttachUserPolicy(audit.NewContext(f.ctx, rec), &iamapi.AttachUserPolicyInput{UserName: ptr("alice"), PolicyArn: ptr(ownARN)}))
		}, []resource{{ownARN, "AWS::IAM::Policy"}, {"arn:aws:iam::111122223333:user/team/alice", "AWS::IAM::User"}}},
		{"create", func(rec *audit.Recording) error {
			return only(f.CreateGroup(audit.NewContext(f.ctx, rec), &iamapi.CreateGroupInput{GroupName: ptr("new")}))
		}, []resource{{"arn:aws:iam::111122223333:group/new", "AWS::IAM::Group"}}},
		{"join", func(rec *audit.Recording) error {
			return only(f.AddUserToGroup(audit.NewContext(f.ctx, rec), &iamapi.AddUserToGroupInput{GroupName: ptr("new"), UserName: ptr("alice")}))
		}, []resource{{"arn:aws:iam::111122223333:group/new", "AWS::IAM::Group"}, {"arn:aws:iam::111122223333:user/team/alice", "AWS::IAM::User"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := &audit.Recording{Call: audit.Call{EventID: "e-" + c.name, Caller: credential.FromContext(f.ctx), Name: c.name}}
			noError(t, c.do(rec))
			if !rec.Stored() {
				t.Error("the event is not in the log")
			}
			var record struct{ Resources []resource }
			noError(t, json.Unmarshal(rec.Complete(nil)[0].Record, &record))
			equal(t, "resources", record.Resources, c.want)
		})
	}
}
