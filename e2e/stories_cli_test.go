package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// ok runs the aws CLI, which must succeed, and returns what it printed.
func (a as) ok(t testing.TB, args ...string) string {
	t.Helper()
	out, errs, ok := a.cli(args...)
	if !ok {
		t.Fatalf("aws %s: %s", strings.Join(args, " "), errs)
	}
	return out
}

// refused runs the aws CLI, which must fail with that error code, and returns its complaint.
func (a as) refused(t testing.TB, code string, args ...string) string {
	t.Helper()
	out, errs, ok := a.cli(args...)
	if ok || !strings.Contains(errs, "("+code+")") {
		t.Errorf("aws %s: printed %q, %q; want %s", strings.Join(args, " "), out, errs, code)
	}
	return errs
}

// home is the home folder of somebody who has configured the aws CLI.
type home struct {
	s   *server
	dir string
}

// configure writes the CLI's two files: the keys of people by profile, and the configuration.
func (s *server) configure(t testing.TB, keys map[string]as, text string) home {
	t.Helper()
	h := home{s, t.TempDir()}
	var b strings.Builder
	for profile, who := range keys {
		c, err := who.Credentials.Retrieve(context.Background())
		must(t, err)
		fmt.Fprintf(&b, "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n", profile, c.AccessKeyID, c.SecretAccessKey)
		if c.SessionToken != "" {
			fmt.Fprintf(&b, "aws_session_token = %s\n", c.SessionToken)
		}
	}
	must(t, os.WriteFile(h.file("credentials"), []byte(b.String()), 0o600))
	must(t, os.WriteFile(h.file("config"), []byte(text), 0o600))
	return h
}

func (h home) file(name string) string { return filepath.Join(h.dir, name) }

// environment is that of somebody who has exported the endpoint's URL and nothing else.
func (h home) environment() []string {
	env := make([]string, 0, len(os.Environ())+8)
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "AWS_") {
			env = append(env, entry)
		}
	}
	return append(env, "HOME="+h.dir, "AWS_ENDPOINT_URL="+h.s.endpoint, "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1",
		"AWS_CONFIG_FILE="+h.file("config"), "AWS_SHARED_CREDENTIALS_FILE="+h.file("credentials"),
		"AWS_PAGER=", "AWS_MAX_ATTEMPTS=1", "AWS_EC2_METADATA_DISABLED=true")
}

// aws runs the CLI with input on its standard input, and returns both of its outputs in one.
func (h home) aws(t testing.TB, input string, args ...string) (text string, ok bool) {
	t.Helper()
	if !cliFindsEndpoint() {
		args = append([]string{"--endpoint-url", h.s.endpoint}, args...)
	}
	cmd := exec.Command("aws", args...)
	cmd.Env, cmd.Stdin = h.environment(), strings.NewReader(input)
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("aws: %v (make deps installs it)", err)
	}
	// Older versions add this when they are told to try once.
	return strings.ReplaceAll(b.String(), " (reached max retries: 0)", ""), err == nil
}

// is expects a profile to be that session or user; input answers a question for a code.
func (h home) is(t testing.TB, profile, arn, input string) {
	t.Helper()
	text, ok := h.aws(t, input, "--profile", profile, "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
	if !ok || !strings.Contains(text, arn) {
		t.Errorf("profile %s: %q, want %s", profile, text, arn)
	}
}

// isNot expects a profile to be refused with that text.
func (h home) isNot(t testing.TB, profile, complaint, input string) {
	t.Helper()
	text, ok := h.aws(t, input, "--profile", profile, "sts", "get-caller-identity")
	if ok || !strings.Contains(text, complaint) {
		t.Errorf("profile %s: %q, want %s", profile, text, complaint)
	}
}

// From identity to production on the command line: profiles with role_arn and
// source_profile, external_id and mfa_serial, one on top of the other.
func TestProfilesOfTheCommandLine(t *testing.T) {
	t.Parallel()
	needsEndpointVariable(t)
	onEachStore(t, func(t *testing.T, s *server) {
		w := organize(t, s)
		identity, prod := w.account(t, w.rootID, "Identity", ""), w.account(t, w.rootID, "Prod", "")
		inIdentity, inProd := w.inside(t, identity), w.inside(t, prod)
		oscar := inIdentity.newUser(t, "oscar", allow("sts:AssumeRole", "*"))
		device := newAuthenticator(t, inIdentity, "oscar")
		must(t, device.enable(inIdentity))

		operations := inProd.newRole(t, "Operations", trusting(identity), allow("sts:AssumeRole", "*"))
		next := inProd.newRole(t, "Next", trusting(operations), "")
		audit := inProd.newRole(t, "Audit", document(when(trustStatement(identity), `{"StringEquals":{"sts:ExternalId":"seven"}}`)), "")
		guarded := inProd.newRole(t, "Guarded", document(when(trustStatement(identity), `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)), "")

		// The CLI keeps the sessions of roles by role and session name, whatever the source.
		profile := func(name, role, source, more string) string {
			return fmt.Sprintf("[profile %s]\nrole_arn = %s\nsource_profile = %s\nrole_session_name = as-%s\n%s\n", name, role, source, name, more)
		}
		in := func(role, profile string) string {
			return "arn:aws:sts::" + prod + ":assumed-role/" + role + "/as-" + profile
		}
		h := s.configure(t, map[string]as{"oscar": oscar}, "[profile oscar]\nregion = eu-west-1\n"+
			profile("operations", operations, "oscar", "")+
			profile("next", next, "operations", "")+
			profile("jump", next, "oscar", "")+
			profile("audit", audit, "oscar", "external_id = seven")+
			profile("wrong", audit, "oscar", "external_id = eight")+
			profile("guarded", guarded, "oscar", "mfa_serial = "+device.serial)+
			profile("careless", guarded, "oscar", ""))

		h.is(t, "oscar", userARN(identity, "oscar"), "")
		h.is(t, "operations", in("Operations", "operations"), "")
		h.is(t, "next", in("Next", "next"), "")
		h.is(t, "audit", in("Audit", "audit"), "")
		h.is(t, "guarded", in("Guarded", "guarded"), device.code(t, inIdentity)+"\n")
		for name, role := range map[string]string{"jump": next, "wrong": audit, "careless": guarded} {
			h.isNot(t, name, "(AccessDenied) when calling the AssumeRole operation: User: "+userARN(identity, "oscar")+" is not authorized to perform: sts:AssumeRole on resource: "+role, "")
		}

		t.Run("the same files with the SDK", func(t *testing.T) {
			ctx := context.Background()
			load := func(name string) error {
				cfg, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile(name), config.WithBaseEndpoint(s.endpoint), config.WithRegion("eu-west-1"),
					config.WithSharedConfigFiles([]string{h.file("config")}), config.WithSharedCredentialsFiles([]string{h.file("credentials")}), config.WithRetryMaxAttempts(1),
					config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
						o.TokenProvider = func() (string, error) { return device.code(t, inIdentity), nil }
					}))
				if err != nil {
					return err
				}
				_, err = sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
				return err
			}
			for _, name := range []string{"oscar", "operations", "next", "audit", "guarded"} {
				may(t, name, load(name))
			}
			for _, name := range []string{"jump", "wrong", "careless"} {
				fails(t, load(name), "AccessDenied", "")
			}
		})
	})
}

// What people type every day, answered as AWS answers it.
func TestEverydayCommands(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	w := organize(t, s)
	w.unit(t, w.rootID, "One")
	h := s.configure(t, map[string]as{"default": w.admin}, "[default]\nregion = eu-west-1\noutput = text\n")
	for _, c := range []struct{ command, want string }{
		{"sts get-caller-identity --query Account", managementID + "\n"},
		{"organizations describe-organization --query Organization.Id", w.orgID + "\n"},
		{"organizations list-organizational-units-for-parent --parent-id " + w.rootID + " --query OrganizationalUnits[].Name", "One\n"},
		{"organizations list-policies --filter SERVICE_CONTROL_POLICY --query Policies[].Name", "FullAWSAccess\n"},
		{"iam list-users --query Users[].UserName", "admin\n"},
		{"iam create-group --group-name devs --query Group.Arn", "arn:aws:iam::" + managementID + ":group/devs\n"},
		{"iam list-groups --query Groups[].GroupName", "devs\n"},
		{"iam get-user --query User.Arn", userARN(managementID, "admin") + "\n"},
		{"iam list-access-keys --query AccessKeyMetadata[].Status", "Active\n"},
		{"cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateGroup --query Events[].Username", "admin\n"},
	} {
		if got, ok := h.aws(t, "", strings.Fields(c.command)...); !ok || got != c.want {
			t.Errorf("aws %s: %q, want %q", c.command, got, c.want)
		}
	}
	for _, c := range []struct{ command, want string }{
		{"iam get-user --user-name nobody", "(NoSuchEntity) when calling the GetUser operation: The user with name nobody cannot be found."},
		{"iam create-group --group-name devs", "(EntityAlreadyExists) when calling the CreateGroup operation: Group with name devs already exists."},
		{"organizations describe-account --account-id 123456789012", "(AccountNotFoundException) when calling the DescribeAccount operation: You specified an account that doesn't exist."},
		{"organizations create-organizational-unit --parent-id " + w.rootID + " --name One", "(DuplicateOrganizationalUnitException) when calling the CreateOrganizationalUnit operation"},
		{"sts assume-role --role-session-name me --role-arn nonsense-that-is-long-enough", "(ValidationError) when calling the AssumeRole operation: nonsense-that-is-long-enough is invalid"},
		{"iam get-credential-report", "(ReportNotPresent) when calling the GetCredentialReport operation"},
		{"cloudtrail list-trails", "(NotImplemented) when calling the ListTrails operation: The operation ListTrails is not implemented."},
	} {
		if got, ok := h.aws(t, "", strings.Fields(c.command)...); ok || !strings.Contains(got, c.want) {
			t.Errorf("aws %s: %q, want %q", c.command, got, c.want)
		}
	}
}
