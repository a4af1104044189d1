package main

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// TestSDKsWaitTheRateOut calls each service faster than the limit allows: the clients know
// every service's error as one to wait for, and each call succeeds in the end.
func TestSDKsWaitTheRateOut(t *testing.T) {
	m := newMetered(t, func(f *serverFlags) { f.RateLimit, f.RateBurst = 20, 1 })
	server := httptest.NewServer(m.handler)
	defer server.Close()
	config := aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider(m.flags.RootAccessKeyID, m.flags.RootSecretAccessKey, ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 20, 100*time.Millisecond })
		},
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := organizations.NewFromConfig(config).CreateOrganization(ctx, &organizations.CreateOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
	for service, call := range map[string]func() error{
		"sts": func() error {
			_, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, nil)
			return err
		},
		"iam": func() error {
			_, err := iam.NewFromConfig(config).ListUsers(ctx, nil)
			return err
		},
		"organizations": func() error {
			_, err := organizations.NewFromConfig(config).ListRoots(ctx, nil)
			return err
		},
		"account": func() error {
			_, err := account.NewFromConfig(config).ListRegions(ctx, &account.ListRegionsInput{})
			return err
		},
		"cloudtrail": func() error {
			_, err := cloudtrail.NewFromConfig(config).LookupEvents(ctx, nil)
			return err
		},
	} {
		t.Run(service, func(t *testing.T) {
			for range 3 {
				if err := call(); err != nil {
					t.Fatal(err)
				}
			}
			if m.throttled(service) == 0 {
				t.Error("nothing was throttled: the test shows nothing")
			}
		})
	}
}
