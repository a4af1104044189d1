package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// What one account was given (markers of pages, ids of jobs) opens nothing for another.
func TestMarkersAndJobsOfOthers(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, s *server) {
		ctx := context.Background()
		ours, theirs := s.openAccount(t, "Ours"), s.openAccount(t, "Theirs")
		for _, name := range []string{"a-ours", "b-ours", "c-ours"} {
			must(t, ours.createUser(name))
		}
		must(t, theirs.createUser("d-theirs"))
		page, err := ours.iam().ListUsers(ctx, &iam.ListUsersInput{MaxItems: aws.Int32(1)})
		must(t, err)
		if page.Marker == nil {
			t.Fatal("one page has everything")
		}
		got, err := theirs.iam().ListUsers(ctx, &iam.ListUsersInput{Marker: page.Marker})
		if err == nil {
			for _, u := range got.Users {
				if strings.HasSuffix(*u.UserName, "-ours") {
					t.Errorf("they see %s", *u.UserName)
				}
			}
		}
		events, err := ours.cloudtrail().LookupEvents(ctx, &cloudtrail.LookupEventsInput{MaxResults: aws.Int32(1)})
		must(t, err)
		if events.NextToken == nil {
			t.Fatal("one page has all events")
		}
		seen, err := theirs.cloudtrail().LookupEvents(ctx, &cloudtrail.LookupEventsInput{NextToken: events.NextToken, MaxResults: aws.Int32(50)})
		if err == nil {
			for _, e := range seen.Events {
				if strings.Contains(*e.CloudTrailEvent, "-ours") {
					t.Errorf("they see %s", *e.CloudTrailEvent)
				}
			}
		}
		job, err := ours.iam().GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{Arn: page.Users[0].Arn})
		must(t, err)
		_, err = theirs.iam().GetServiceLastAccessedDetails(ctx, &iam.GetServiceLastAccessedDetailsInput{JobId: job.JobId})
		fails(t, err, "NoSuchEntity", "")
		_, err = theirs.iam().GenerateServiceLastAccessedDetails(ctx, &iam.GenerateServiceLastAccessedDetailsInput{Arn: page.Users[0].Arn})
		if err == nil {
			t.Error("they have a report made about a user of ours")
		}
	})
}
