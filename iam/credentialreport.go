package iam

import (
	"context"
	"encoding/csv"
	"strconv"
	"strings"
	"time"
)

// CredentialReport lists the users of an account with the state of their credentials.
type CredentialReport struct {
	GeneratedAt time.Time
	// Content is CSV, with a line of titles.
	Content string
}

// CredentialReportStore keeps the newest report of each account.
type CredentialReportStore interface {
	IAMPutCredentialReport(accountID string, r CredentialReport) error
	IAMCredentialReport(accountID string) (CredentialReport, bool, error)
}

// reportStays is how long a report is the newest one: until then no other is made, and
// afterwards it is expired; see GenerateCredentialReport.
const reportStays = 4 * time.Hour

// reportColumns are the titles; see the IAM user guide, "Generate credential reports for your
// AWS account", "Understanding the report format".
var reportColumns = []string{
	"user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
	"password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
}

// The words of the report for what is not there.
const (
	reportNone          = "N/A"
	reportNoInformation = "no_information"
	reportNotSupported  = "not_supported"
	reportRootName      = "<root_account>"
)

// GenerateCredentialReport makes a report if there is none that still counts, and returns
// whether it did.
func GenerateCredentialReport(ctx context.Context, tx Tx, accountID string) (bool, error) {
	have, ok, err := tx.IAMCredentialReport(accountID)
	if err != nil || ok && tx.Now().Before(have.GeneratedAt.Add(reportStays)) {
		return false, err
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.Write(reportColumns); err != nil {
		return false, err
	}
	err = reportLines(ctx, tx, accountID, w.Write)
	if err != nil {
		return false, err
	}
	w.Flush()
	return true, tx.IAMPutCredentialReport(accountID, CredentialReport{
		GeneratedAt: seconds(tx.Now()), Content: strings.TrimSuffix(b.String(), "\n"),
	})
}

func reportLines(ctx context.Context, tx Tx, accountID string, write func([]string) error) error {
	line, err := rootLine(tx, accountID)
	if err != nil {
		return err
	}
	if err := write(line); err != nil {
		return err
	}
	policy, _, err := tx.IAMPasswordPolicy(accountID)
	if err != nil {
		return err
	}
	for p := (Page{}); ; {
		users, next, err := List(ctx, tx, accountID, KindUser, "", p)
		if err != nil {
			return err
		}
		for i := range users {
			if line, err = userLine(tx, &users[i], policy.MaxAgeDays); err != nil {
				return err
			}
			if err := write(line); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		p.Marker = next
	}
}

// rootLine is the line of the root user. Nobody signs in with a password of it here.
func rootLine(tx Tx, accountID string) ([]string, error) {
	a, _, err := tx.OrgAccount(accountID)
	if err != nil {
		return nil, err
	}
	line := []string{
		reportRootName, "arn:aws:iam::" + accountID + ":root", reportTime(a.CreatedAt),
		reportNotSupported, reportNoInformation, reportNotSupported, reportNotSupported,
	}
	settings, err := tx.IAMAccountSettings(accountID)
	if err != nil {
		return nil, err
	}
	if at := settings.RootProfileAt; !at.IsZero() {
		line[3], line[5] = "true", reportTime(at)
	}
	rest, err := credentialColumns(tx, accountID, "")
	return append(line, rest...), err
}

func userLine(tx Tx, u *Identity, maxAgeDays int) ([]string, error) {
	line := []string{u.Name, u.ARN(), reportTime(u.CreatedAt)}
	password, ok, err := tx.IAMLoginProfile(u.ID)
	if err != nil {
		return nil, err
	}
	if !ok {
		line = append(line, "false", reportNone, reportNone, reportNone)
	} else {
		used, rotation := reportNoInformation, reportNone
		if !u.PasswordLastUsed.IsZero() {
			used = reportTime(u.PasswordLastUsed)
		}
		if maxAgeDays > 0 {
			rotation = reportTime(password.ChangedAt.AddDate(0, 0, maxAgeDays))
		}
		line = append(line, "true", used, reportTime(password.ChangedAt), rotation)
	}
	rest, err := credentialColumns(tx, u.AccountID, u.ID)
	return append(line, rest...), err
}

// credentialColumns are those that users and the root user have alike.
func credentialColumns(tx Tx, accountID, userID string) ([]string, error) {
	devices, err := tx.IAMMFADevicesOf(accountID, userID)
	if err != nil {
		return nil, err
	}
	keys, err := tx.IAMKeys(accountID, userID)
	if err != nil {
		return nil, err
	}
	certificates, err := tx.IAMPublicKeys(accountID, userID, SigningCertificate)
	if err != nil {
		return nil, err
	}
	line := []string{strconv.FormatBool(len(devices) > 0)}
	for n := range 2 {
		if n >= len(keys) {
			line = append(line, "false", reportNone, reportNone, reportNone, reportNone)
			continue
		}
		k := &keys[n]
		line = append(line, strconv.FormatBool(k.Status == KeyActive), reportTime(k.CreatedAt))
		if k.LastUsedAt.IsZero() {
			line = append(line, reportNone, reportNone, reportNone)
		} else {
			line = append(line, reportTime(k.LastUsedAt), k.LastUsedRegion, k.LastUsedService)
		}
	}
	for n := range 2 {
		if n >= len(certificates) {
			line = append(line, "false", reportNone)
			continue
		}
		line = append(line, strconv.FormatBool(certificates[n].Status == KeyActive), reportTime(certificates[n].UploadedAt))
	}
	return line, nil
}

func reportTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-07:00") }

// GetCredentialReport returns the newest report. The error is ReportNotPresent if there never
// was one and ReportExpired if it is older than four hours.
func GetCredentialReport(_ context.Context, tx Tx, accountID string) (CredentialReport, error) {
	r, ok, err := tx.IAMCredentialReport(accountID)
	switch {
	case err != nil:
		return CredentialReport{}, err
	case !ok:
		return CredentialReport{}, fail(ReportNotPresent, "No report exists. Call GenerateCredentialReport to start a new one.")
	case !tx.Now().Before(r.GeneratedAt.Add(reportStays)):
		return CredentialReport{}, fail(ReportExpired, "The most recent credential report has expired. Call GenerateCredentialReport to start a new one.")
	}
	return r, nil
}
