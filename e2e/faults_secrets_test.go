package e2e

import (
	"context"
	"encoding/base32"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/bailiwick/bailiwick/store/pgtest"
	"github.com/bailiwick/bailiwick/tracing/tracingtest"
)

// secrets are texts that nobody but their owner may ever read again.
type secrets map[string]string

// credentialsOf takes note of an identity's secrets.
func (c secrets) credentialsOf(t testing.TB, name string, who as) as {
	t.Helper()
	found, err := who.Credentials.Retrieve(context.Background())
	must(t, err)
	c["secret key of "+name] = found.SecretAccessKey
	if found.SessionToken != "" {
		c["session token of "+name] = found.SessionToken
	}
	return who
}

// Secrets are in no line of the log, in no audit event, no answer to others, no figure, no span,
// no backup, no archive and nowhere in the store, whether the calls that carried them succeeded,
// were refused or made no sense. Exceptions are the three files of the data folder that are
// meant to hold some.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		secretsStay(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		secretsStay(t, pgtest.Database(t))
	})
}

func secretsStay(t *testing.T, url string) {
	spans := tracingtest.New(t)
	s := start(t, url, "--log-level", "debug", "--otlp-endpoint", spans.URL)
	w := organize(t, s)
	account := w.account(t, w.rootID, "Member", "")
	planted := secrets{"root user's secret key": rootSecret, "operator's token": operatorToken}
	planted.credentialsOf(t, "admin", w.admin)
	planted.credentialsOf(t, "opened account", s.openAccount(t, "Opened"))
	session := planted.credentialsOf(t, "role session", w.inside(t, account))
	must(t, session.listUsers())
	plantSessions(t, w, planted)
	plantPasswords(t, w, planted)
	plantCodes(t, w, planted)
	plantServiceSecrets(t, w, planted)
	plantKeys(t, w, planted)
	plantSAML(t, w, planted)
	plantWebIdentity(t, w, planted)
	plantDelegation(t, w, planted)

	device := newAuthenticator(t, w.admin, "olivia")
	planted["seed"] = string(device.seed)
	planted["seed in letters"] = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(device.seed)
	must(t, device.enable(w.newUser(t, planted)))

	// Requests that fail in many ways carry what they carry.
	spoilt := query(session, "sts", "Action=GetCallerIdentity"+stsVersion)
	send(t, spoilt.with("X-Amz-Content-Sha256", "x").signed(t))
	r := spoilt.signed(t)
	r.Header.Add("X-Amz-Security-Token", "x")
	send(t, r)
	r = spoilt.signed(t)
	r.URL.RawQuery = "X-Amz-Security-Token=" + planted["session token of role session"]
	send(t, r)
	misplaced(t, w, planted)

	metrics, copies := s.page(t, "/_bailiwick/metrics"), s.copies(t)
	must(t, s.stop())
	db := s.books(t)
	defer db.Close()
	planted.opened(t, s, db)
	t.Logf("%d secrets", len(planted))
	planted.searched(t, "the metrics", metrics, "UpdateLoginProfile")
	planted.searched(t, "the log", []byte(s.log.String()), "UpdateLoginProfile")
	planted.searched(t, "the traces", spans.Raw(), "UpdateLoginProfile")
	planted.searched(t, "an audit event", auditRecords(t, s), "UpdateLoginProfile")
	planted.searched(t, "the store", rowsOf(t, s, db), "sofia")
	for name, text := range copies {
		if strings.HasPrefix(name, "what ") {
			planted.absent(t, name, text)
			continue
		}
		planted.searched(t, name, text, "sofia")
	}
	for path, text := range s.closed(t) {
		planted.absent(t, path, text)
	}
}

// newUser makes the user that the device belongs to.
func (w *world) newUser(t testing.TB, planted secrets) as {
	t.Helper()
	w.admin.newUser(t, "olivia", allow("*", "*"))
	planted.credentialsOf(t, "olivia", w.admin.newKey(t, "olivia"))
	return w.admin
}

// plantSessions makes sessions of the other kinds.
func plantSessions(t testing.TB, w *world, planted secrets) {
	t.Helper()
	ctx := context.Background()
	own, err := w.admin.session("", "")
	must(t, err)
	planted.credentialsOf(t, "user session", own)
	_ = own.listUsers() // refused: IAM does not know such sessions
	federated, err := w.admin.sts().GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("carol"), Policy: aws.String(allow("*", "*"))})
	must(t, err)
	planted["secret key of carol"], planted["session token of carol"] = *federated.Credentials.SecretAccessKey, *federated.Credentials.SessionToken
}

// plantCodes has a code sent, which the operator reads and somebody else guesses at.
func plantCodes(t testing.TB, w *world, planted secrets) {
	t.Helper()
	ctx, client := context.Background(), w.root.account()
	member, email := w.account(t, w.rootID, "Moving", ""), aws.String("new-owner@example.com")
	_, err := w.root.organizations().EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("account.amazonaws.com")})
	must(t, err)
	_, err = client.StartPrimaryEmailUpdate(ctx, &account.StartPrimaryEmailUpdateInput{AccountId: &member, PrimaryEmail: email})
	must(t, err)
	text, errs, ok := command(t, []string{"BAILIWICK_OPERATOR_TOKEN=" + operatorToken},
		"account", "codes", "--endpoint", w.root.s.endpoint, "--account-id", member)
	fields := strings.Split(strings.TrimSpace(text), "\t")
	if !ok || len(fields) != 4 || len(fields[2]) != 6 {
		t.Fatalf("codes: %q %s", text, errs)
	}
	planted["one-time code"], planted["guessed code"] = fields[2], "GUESS7"
	_, err = client.AcceptPrimaryEmailUpdate(ctx, &account.AcceptPrimaryEmailUpdateInput{AccountId: &member, PrimaryEmail: email, Otp: aws.String("GUESS7")})
	fails(t, err, "ValidationException", "")
}

// plantPasswords gives passwords: right ones, ones that break the rules, to users that are
// there and to others.
func plantPasswords(t testing.TB, w *world, planted secrets) {
	t.Helper()
	ctx, name := context.Background(), "sofia"
	sofia := planted.credentialsOf(t, "sofia", w.admin.newUser(t, name, allow("iam:ChangePassword", "*")))
	password := func(what, text string) *string {
		planted[what] = text
		return &text
	}
	first := password("first password", "Correct-Horse-1-Battery")
	_, err := w.admin.iam().CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: &name, Password: first})
	must(t, err)
	second := password("second password", "Staple-2-Correct-Horse")
	_, err = sofia.iam().ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: first, NewPassword: second})
	must(t, err)
	third := password("third password", "Battery-3-Staple-Correct")
	_, err = w.admin.iam().UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: &name, Password: third})
	must(t, err)

	refusals := map[string]error{}
	_, refusals["short"] = w.admin.iam().UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: &name, Password: password("short password", "Q7-x!")})
	_, refusals["long"] = w.admin.iam().UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: &name, Password: password("long password", strings.Repeat("Long-1-", 20))})
	_, refusals["letters"] = w.admin.iam().UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: &name, Password: password("password in other letters", "Пароль-42-пароль")})
	_, refusals["nobody"] = w.admin.iam().CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("nobody"), Password: password("password of nobody", "Nobody-9-has-this")})
	_, refusals["not allowed"] = sofia.iam().CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: &name, Password: password("password not allowed", "Sofia-8-may-not-do")})
	_, refusals["wrong"] = sofia.iam().ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: password("wrong password", "Wrong-7-for-sofia"), NewPassword: password("unused password", "Never-6-to-be-used")})
	for what, err := range refusals {
		var api smithy.APIError
		if !errors.As(err, &api) {
			t.Errorf("%s: %v", what, err)
			continue
		}
		planted.absent(t, "the answer to the call: "+what, []byte(api.ErrorMessage()))
	}
}

// auditRecords are all audit events of the store, one after the other.
func auditRecords(t testing.TB, s *server) []byte {
	t.Helper()
	db := s.books(t)
	defer db.Close()
	var all []byte
	for _, e := range loggedEvents(t, db) {
		all = append(all, e.Record...)
	}
	return all
}

// files are the files of the data folder.
func (s *server) files(t testing.TB) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	must(t, filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		found[path], err = os.ReadFile(path)
		return err
	}))
	return found
}
