package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// BenchmarkHandler measures one signed call without sockets, all the way: authentication,
// authorization, operation, answer, audit event.
func BenchmarkHandler(b *testing.B) {
	f := &serverFlags{
		DataDir: b.TempDir(), AccountName: "Bench", RootEmail: "root@example.com", Listen: "127.0.0.1:0",
		AccountLimit: 10, AuditDays: 90,
		RootAccessKeyID: "AKIAIOSFODNN7EXAMPLE", RootSecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	}
	n, err := newNode(context.Background(), f, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := n.close(context.Background()); err != nil {
			b.Error(err)
		}
	}()
	for _, call := range []struct{ name, service, target, contentType, body string }{
		{"GetCallerIdentity", "sts", "", "application/x-www-form-urlencoded", "Action=GetCallerIdentity&Version=2011-06-15"},
		{"ListUsers", "iam", "", "application/x-www-form-urlencoded", "Action=ListUsers&Version=2010-05-08"},
		{"DescribeOrganization", "organizations", "AWSOrganizationsV20161128.DescribeOrganization", "application/x-amz-json-1.1", "{}"},
	} {
		b.Run(call.name, func(b *testing.B) {
			header := http.Header{"Content-Type": {call.contentType}}
			if call.target != "" {
				header.Set("X-Amz-Target", call.target)
			}
			req := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4566/", nil)
			req.Header = header
			req.ContentLength = int64(len(call.body))
			sum := sha256.Sum256([]byte(call.body))
			err := v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: f.RootAccessKeyID, SecretAccessKey: f.RootSecretAccessKey},
				req, hex.EncodeToString(sum[:]), call.service, "us-east-1", time.Now())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				r := req.Clone(context.Background())
				r.Body = readCloser{strings.NewReader(call.body)}
				w := httptest.NewRecorder()
				n.handler.ServeHTTP(w, r)
				if w.Code >= http.StatusInternalServerError {
					b.Fatal(w.Body)
				}
			}
		})
	}
}

type readCloser struct{ *strings.Reader }

// Close implements io.Closer.
func (readCloser) Close() error { return nil }
