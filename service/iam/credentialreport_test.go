package iam_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

func TestCredentialReport(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.Name, func(t *testing.T) {
			f := newFixture(t, e)
			f.populate(t)
			get := &iamapi.GetCredentialReportInput{}
			(&refusal{"none yet", get, "ReportNotPresent", ""}).check(t, f)
			noError(t, f.call(f.ctx, &iamapi.UpdateAccountPasswordPolicyInput{MaxPasswordAge: ptr(int32(90))}))
			noError(t, f.call(f.ctx, &iamapi.CreateLoginProfileInput{UserName: ptr("alice"), Password: ptr("Passw0rd-1")}))
			key, err := f.CreateAccessKey(f.ctx, &iamapi.CreateAccessKeyInput{UserName: ptr("alice")})
			noError(t, err)
			used := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
			f.update(t, func(tx *store.Tx) error {
				return iam.RecordKeyUse(f.ctx, tx, []iam.KeyUse{{ID: *key.AccessKey.AccessKeyId, At: used, Service: "sts", Region: "eu-west-1"}})
			})
			var none *authority
			body, _, _ := none.sign(t, "alice", 10)
			noError(t, f.call(f.ctx, &iamapi.UploadSigningCertificateInput{UserName: ptr("alice"), CertificateBody: &body}))

			made, err := f.GenerateCredentialReport(f.ctx, &iamapi.GenerateCredentialReportInput{})
			noError(t, err)
			equal(t, "state", *made.State, "STARTED")
			made, err = f.GenerateCredentialReport(f.ctx, &iamapi.GenerateCredentialReportInput{})
			noError(t, err)
			equal(t, "state of the same", *made.State, "COMPLETE")
			got, err := f.GetCredentialReport(f.ctx, get)
			noError(t, err)
			equal(t, "format", *got.ReportFormat, "text/csv")
			lines, err := csv.NewReader(strings.NewReader(string(got.Content))).ReadAll()
			noError(t, err)
			equal(t, "lines", len(lines), 4)
			rows := map[string]map[string]string{}
			for _, line := range lines[1:] {
				row := map[string]string{}
				for i, title := range lines[0] {
					row[title] = line[i]
				}
				rows[row["user"]] = row
			}
			alice := rows["alice"]
			user, err := f.GetLoginProfile(f.ctx, &iamapi.GetLoginProfileInput{UserName: ptr("alice")})
			noError(t, err)
			changed, err := time.Parse(time.RFC3339, alice["password_last_changed"])
			noError(t, err)
			rotation, err := time.Parse(time.RFC3339, alice["password_next_rotation"])
			noError(t, err)
			equal(t, "password's age", rotation.Sub(changed), 90*24*time.Hour)
			equal(t, "password of", *user.LoginProfile.UserName, "alice")
			for title, want := range map[string]string{
				"arn": "arn:aws:iam::" + home + ":user/alice", "password_enabled": "true", "password_last_used": "no_information", "mfa_active": "false",
				"access_key_1_active": "true", "access_key_1_last_used_date": "2026-05-04T03:02:01+00:00", "access_key_1_last_used_region": "eu-west-1",
				"access_key_1_last_used_service": "sts", "access_key_2_active": "false", "access_key_2_last_rotated": "N/A",
				"cert_1_active": "true", "cert_2_active": "false",
			} {
				equal(t, title, alice[title], want)
			}
			equal(t, "no password", rows["bob"]["password_last_changed"], "N/A")
			equal(t, "root's password", rows["<root_account>"]["password_enabled"], "not_supported")

			f.update(t, func(tx *store.Tx) error {
				return tx.IAMPutCredentialReport(home, iam.CredentialReport{GeneratedAt: tx.Now().Add(-4 * time.Hour), Content: "old"})
			})
			(&refusal{"expired", get, "ReportExpired", ""}).check(t, f)
		})
	}
}
